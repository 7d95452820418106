#include "inspect/digits.h"

#include "inspect/card.h"
#include "inspect/idnumber.h"
#include "inspect/matcher.h"
#include "inspect/number.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { HITS = 4096 };

static const char *const expressions[DIGITS_KINDS] = {
	[DIGITS_CARD] = CARD_CANDIDATE,      [DIGITS_SSN] = SSN_CANDIDATE,
	[DIGITS_IBAN] = IBAN_CANDIDATE,      [DIGITS_ID] = IDNUMBER_DIGITS,
	[DIGITS_LETTERS] = IDNUMBER_LETTERS,
};

struct hits {
	size_t count;
	struct hit {
		unsigned kind;
		uint64_t to;
	} at[HITS];
};

static void add(struct hits *h, unsigned kind, uint64_t to)
{
	assert_true(h->count < HITS);
	h->at[h->count++] = (struct hit){ kind, to };
}

static void on_digits(void *of, enum digits_kind kind, uint64_t to)
{
	add(of, kind, to);
}

static void on_match(void *of, unsigned id, uint64_t from, uint64_t to)
{
	(void)from;
	add(of, id, to);
}

static int by_place(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;

	return x->to != y->to ? (x->to > y->to) - (x->to < y->to)
			      : (x->kind > y->kind) - (x->kind < y->kind);
}

static void sort(struct hits *h)
{
	qsort(h->at, h->count, sizeof *h->at, by_place);
}

static struct hits scan(struct slice text)
{
	struct hits h = { 0 };
	struct digits d;

	digits_begin(&d);
	digits_scan(&d, text, 0, true, (1u << DIGITS_KINDS) - 1, on_digits, &h);
	sort(&h);
	return h;
}

static char *listed(const struct hits *h)
{
	static const char letters[] = "csinl"; /* of the kinds */
	static char text[HITS * 8];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < h->count; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%u", i ? " " : "",
				      letters[h->at[i].kind], (unsigned)h->at[i].to);
	return text;
}

static const struct {
	const char *what, *text, *hits;
} rows[] = {
	{ "nothing", "", "" },
	{ "words", "no digits here at all\n", "" },
	{ "a few digits", "on 22 November 2026 at 10:30\n", "" },
	{ "a card", "x 4111111111111111.\n", "c19 n19" },
	{ "a card in groups: each end of twelve and more", "4111 1111 1111 1111\n",
	  "n10 c15 n15 c20 n20" },
	{ "digits at the very end have nothing behind them", "4111111111111111", "" },
	{ "a sign of many bytes counts as one", "4111111111111111\xe2\x80\x9d\n", "c17 n17" },
	{ "two blanks part digits", "4111  1111  1111  1111\n", "" },
	{ "a social security number", "078-05-1120 078 05 1120\n",
	  "s12 n12 c16 n16 c19 n19 c24 s24 n24" },
	{ "of wrong groups", "0780-5-1120\n", "n12" },
	{ "an account", "GB29 NWBK 6016 1331 9268 19\n", "i9 n20 c25 n25 c28 n28" },
	{ "an account without blanks", "(de89370400440532013000)\n", "i9 c24 n24" },
	{ "in a longer word none begins", "XGB29NWBK\n", "" },
	{ "a NINO", "AB123456C and ab 12 34 56 c\n", "i8 l9 l27" },
	{ "a NINO's letter is of A to D", "AB123456E\n", "i8" },
	{ "a PAN", "ABCDE1234F\n", "l10" },
	{ "in a longer word it is none", "XABCDE1234F\n", "" },
	{ "a codice fiscale", "RSSMRA85T10A562S.\n", "l16" },
	{ "in groups", "RSS MRA 85T10 A562S.\n", "l19" },
	{ "with letters for its last digits", "RSSMRA85T10ALSNH RSS MRA 85TMN ALSNH\n", "l16 l36" },
	{ "with letters for all but one", "RSSMRA8RTMLALSNH\n", "l16" },
	{ "a CNPJ in groups", "12.ABC.345/01DE-35\n", "l18" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hits h = scan(slice_of(rows[i].text));
		print_message("   %s\n", rows[i].what);
		assert_string_equal(listed(&h), rows[i].hits);
	}
}

static uint64_t seed = 7;

static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

/* Texts in which numbers are frequent: pieces of numbers, cut and joined by chance. */
static size_t write_text(char *text, size_t room)
{
	static const char *const pieces[] = {
		"4111",   "12",         "7",       "345",   "GB",    "29",
		"NWBK",   " ",          "-",       ".",     "/",     "AB",
		"123456", "C",          "D",       "E",     "ABCDE", "1234",
		"F",      "RSSMRA",     "85T10",   "A562S", "T",     "RSS MRA ",
		"A56NH",  "12.345.678", "/0001-",  "35",    "\n",    "x",
		"_",      "\xc3\xa9",   "078-05-", "1120",  "8R",    "0000000000000000000000",
		"DE",     "word",
	};
	size_t n = 0;

	while (n < room) {
		const char *piece = pieces[dice(COUNT(pieces))];
		size_t len = strlen(piece);
		if (len > room - n)
			break;
		memcpy(text + n, piece, len);
		n += len;
	}
	return n;
}

static struct matcher *compiled(struct matcher_pool **pool)
{
	struct matcher_pattern patterns[DIGITS_KINDS];
	const struct matcher *all[1];
	struct matcher *m = NULL;
	struct fault why;

	for (unsigned i = 0; i < DIGITS_KINDS; i++)
		patterns[i] = (struct matcher_pattern){ .id = i, .expression = expressions[i] };
	assert_int_equal(matcher_compile(patterns, DIGITS_KINDS, MATCHER_BLOCK, &m, &why), RC_OK);
	all[0] = m;
	assert_int_equal(matcher_pool_new(all, 1, pool), RC_OK);
	return m;
}

/* The front part of the first byte that follows: a matcher takes the whole character. */
static uint64_t first_byte(const char *text, uint64_t to)
{
	while (to > 1 && ((unsigned char)text[to - 1] & 0xC0) == 0x80)
		to--;
	return to;
}

/* What the matcher says of the same expressions. Of letters it also says what no validator
 * takes, in the middle of words: what is told here must be among it. */
static void test_as_the_matcher_would(void **state)
{
	struct matcher_pool *pool = NULL;
	struct matcher *m = compiled(&pool);
	struct matcher_scratch *scratch = matcher_borrow(pool);
	static struct hits theirs;
	char text[2000];

	(void)state;
	for (size_t n = 0; n < 400; n++) {
		struct slice s = { text, write_text(text, sizeof text) };
		struct hits ours = scan(s);
		theirs.count = 0;
		assert_true(matcher_scan(m, s, scratch, on_match, &theirs));
		for (size_t i = 0; i < theirs.count; i++)
			theirs.at[i].to = first_byte(text, theirs.at[i].to);
		sort(&theirs);
		for (size_t i = 0, k = 0; i < theirs.count || k < ours.count; i++) {
			bool same = i < theirs.count && k < ours.count &&
				    by_place(&theirs.at[i], &ours.at[k]) == 0;
			k += same;
			if (!same && (i >= theirs.count || theirs.at[i].kind != DIGITS_LETTERS))
				fail_msg("text %zu: %.*s", n, SLICE_ARG(s));
		}
	}
	matcher_give_back(pool, scratch);
	matcher_pool_free(pool);
	matcher_free(m);
}

/* However the text is cut, and with no more kept of it than the header asks for. */
static void test_cut_anywhere(void **state)
{
	char text[700];

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		struct slice s = { text, write_text(text, sizeof text) };
		if (n % 3 == 0) /* one run longer than any that is held */
			memset(text + 100, '5', 50 + dice(200));
		struct hits whole = scan(s), cut = { 0 };
		struct digits d;
		digits_begin(&d);
		for (size_t end = 0; end < s.len;) {
			end += 1 + dice(90);
			end = end < s.len ? end : s.len;
			uint64_t base = d.from > DIGITS_BACK ? d.from - DIGITS_BACK : 0;
			digits_scan(&d, (struct slice){ text + base, end - base }, base,
				    end == s.len, (1u << DIGITS_KINDS) - 1, on_digits, &cut);
			assert_true(end - d.from <= DIGITS_HELD + DIGITS_AHEAD);
		}
		sort(&cut);
		assert_int_equal(whole.count, cut.count);
		assert_memory_equal(whole.at, cut.at, whole.count * sizeof *whole.at);
	}
}

static void test_only_the_kinds_that_are_asked_for(void **state)
{
	struct hits h = { 0 };
	struct digits d;

	(void)state;
	digits_begin(&d);
	digits_scan(&d, SLICE("4111111111111111 AB123456C\n"), 0, true, 1u << DIGITS_LETTERS,
		    on_digits, &h);
	assert_string_equal(listed(&h), "l26");
}

static void test_expressions(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DIGITS_KINDS; i++)
		assert_int_equal(digits_kind_of(expressions[i]), i);
	assert_int_equal(digits_kind_of("[0-9]"), DIGITS_KINDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_as_the_matcher_would),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_only_the_kinds_that_are_asked_for),
		cmocka_unit_test(test_expressions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
