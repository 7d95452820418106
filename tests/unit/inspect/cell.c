#include "inspect/cell.h"

#include "base/buf.h"
#include "mime/fold.h"
#include "support/unit.h"

static const struct siphash_key key = { 1, 2 };

/* What a cell holds, a text, and whether the cell's value is found there. */
static const struct {
	const char *name, *cell, *text;
	bool found;
} rows[] = {
	{ "a word", "Falcon", "the FALCON flies", true },
	{ "a part of a word", "Falcon", "falconry", false },
	{ "words", "Jane O'Hara", "from: jane\n> o'hara <x@y.test>", true },
	{ "words with other signs", "O\xE2\x80\x99Hara, Jane", "O'Hara: Jane", true },
	{ "words in another order", "Jane O'Hara", "O'Hara, Jane", false },
	{ "an address", "jane.doe@example.org", "<Jane.Doe@Example.ORG>", true },
	{ "a part of an address", "jane.doe@example.org", "doe@example.org", false },
	{ "a number in groups", "4711 0815", "no. 47110815,", true },
	{ "a number grouped otherwise", "4711-0815", "47.11.08.15", true },
	{ "a number over a line end", "4711-0815", "4711\n0815", true },
	{ "a number in a longer one", "47110815", "471108151", false },
	{ "groups too far apart", "47110815", "4711      0815", false },
	{ "groups with a word between", "47110815", "4711 and 0815", false },
	{ "a telephone number", "+49 (0)30 123-456", "+49(0)30123456", true },
	{ "a number with letters", "AB 12 34 56 C", "NINO ab123456c.", true },
	{ "an account number", "DE89370400440532013000", "IBAN DE89 3704 0044 0532 0130 00", true },
	{ "digits of other scripts", "\xD9\xA4\xD9\xA7\xD9\xA1\xD9\xA1", "4711", true },
	{ "a date the other way round", "1980-03-05", "born 5.3.1980", true },
	{ "with the month first", "1980-03-05", "03/05/1980", true },
	{ "a date as it is", "05.03.1980", "05.03.1980", true },
	{ "a date without zeros", "5/3/1980", "1980-03-05", true },
	{ "another day", "1980-03-05", "6.3.1980", false },
	{ "no date: a thirteenth month and day", "1980-13-13", "13.13.1980", false },
	{ "a street", "12 Main Street, Flat 3", "12, Main Street\nFlat 3", true },
	{ "in a script without blanks", "\xE7\x8E\x8B\xE4\xBC\x9F",
	  "\xE9\x80\x81\xE7\x8E\x8B\xE4\xBC\x9F\xE5\x85\x88", true },
};

struct search {
	uint64_t want;
	bool found;
};

static void on_value(void *of, uint64_t hash, uint64_t at)
{
	struct search *s = of;

	(void)at;
	s->found = s->found || hash == s->want;
}

static bool search(const struct cell *cell, const char *text)
{
	struct slice in = slice_of(text), folded;
	struct cell_lengths lengths = { 0 };
	struct search s = { .want = cell->hash };
	const struct mime_token *token;
	struct cell_state state = { 0 };
	struct mime_tokens tokens;
	struct mime_fold fold = { 0 };
	char out[3 * FOLD_ROOM];
	size_t n = 0;

	if (cell->number)
		lengths.digits = 1ull << cell->digits;
	else
		lengths.words = 1ull << cell->words;
	while (in.len)
		n += mime_fold_push(&fold, &in, out + n, FOLD_ROOM);
	n += mime_fold_end(&fold, out + n);
	folded = (struct slice){ out, n };
	mime_tokens_begin(&tokens);
	while ((token = mime_token_take(&tokens, &folded)))
		cell_take(&state, &key, lengths, token, on_value, &s);
	if ((token = mime_token_end(&tokens)))
		cell_take(&state, &key, lengths, token, on_value, &s);
	return s.found;
}

static void test_values_in_texts(void **state)
{
	struct cell cell;
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(cell_of(&key, slice_of(rows[i].cell), &cell), RC_OK);
		if (search(&cell, rows[i].text) != rows[i].found)
			fail_msg("%s", rows[i].name);
	}
}

static void test_what_is_no_value(void **state)
{
	static const char *const texts[] = {
		"",
		" \t",
		"-",
		"7",
		"AB",
		"(1)",
		"1 2 3 4 5 6 7 8 9 a b c d e",
		"one two three four five six seven eight nine ten eleven twelve thirteen",
	};
	struct cell cell;
	(void)state;

	for (size_t i = 0; i < COUNT(texts); i++)
		if (cell_of(&key, slice_of(texts[i]), &cell) != RC_ABSENT)
			fail_msg("\"%s\"", texts[i]);
}

static void test_another_key_gives_other_hashes(void **state)
{
	const struct siphash_key other = { 1, 3 };
	struct cell a, b;
	(void)state;

	assert_int_equal(cell_of(&key, SLICE("Falcon"), &a), RC_OK);
	assert_int_equal(cell_of(&other, SLICE("Falcon"), &b), RC_OK);
	assert_true(a.hash != b.hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_in_texts),
		cmocka_unit_test(test_what_is_no_value),
		cmocka_unit_test(test_another_key_gives_other_hashes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
