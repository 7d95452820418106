#include "inspect/digits.h"

#include "base/ascii.h"
#include "inspect/card.h"
#include "inspect/idnumber.h"
#include "inspect/number.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	BLOCK = 64,       /* bytes that are looked at side by side: a bit for each in a word */
	CARD_DIGITS = 12, /* of the expressions */
	ID_DIGITS = 7,
	LETTERS_MAX = 9, /* behind the last digit of a codice fiscale */
};

static bool is_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_alnum(char c)
{
	return ascii_is_digit(c) || is_letter(c);
}

/* A bit for each of BLOCK bytes: it is a digit. */
#ifdef __SSE2__
static uint64_t digits_at(const char *at)
{
	const __m128i zero = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
	uint64_t found = 0;

	for (int i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(at + i));
		__m128i value = _mm_sub_epi8(v, zero);
		__m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(value, nine), value);
		found |= (uint64_t)(uint32_t)_mm_movemask_epi8(digit) << i;
	}
	return found;
}
#else
static uint64_t digits_at(const char *at)
{
	uint64_t found = 0;

	for (int i = 0; i < BLOCK; i++)
		found |= (uint64_t)ascii_is_digit(at[i]) << i;
	return found;
}
#endif

static size_t next_digit(struct slice text, size_t at)
{
	uint64_t found = 0;

	while (at + BLOCK <= text.len && (found = digits_at(text.at + at)) == 0)
		at += BLOCK;
	if (found)
		return at + (size_t)__builtin_ctzll(found);
	while (at < text.len && !ascii_is_digit(text.at[at]))
		at++;
	return at;
}

/* ---- forms, read from their end ---- */

static char upper(char c)
{
	return is_letter(c) ? (char)(c & 0x5F) : c;
}

/* A letter that may stand for a digit in a codice fiscale (Decreto ministeriale 23/12/1976). */
static bool is_omocode(char c)
{
	char letter = upper(c);

	return ascii_is_digit(c) || (letter >= 'L' && letter <= 'V' && letter != 'O');
}

static bool fits(char form, char c)
{
	char letter = upper(c);

	switch (form) {
	case '9':
		return ascii_is_digit(c);
	case 'A':
		return is_letter(c);
	case 'X':
		return is_alnum(c);
	case 'D':
		return letter >= 'A' && letter <= 'D';
	case 'o':
		return is_omocode(c);
	case 'M': /* the letter of a month */
		return is_letter(c) && strchr("ABCDEHLMPRST", letter);
	case '_':
	case '?':
		return c == ' ' || c == '-';
	case '~':
		return c == ' ';
	default:
		return c == form;
	}
}

/* Whether text up to end ends in the form: the letters above, where '?' and '~' may be left
 * out. A form that begins with 'b' wants a word to begin with it. */
static bool ends_as(struct slice text, size_t end, struct slice form)
{
	bool begins = slice_drop_prefix(&form, "b");

	if (end > text.len)
		return false;
	for (size_t k = form.len; k > 0; k--) {
		char c = form.at[k - 1];
		if (end && fits(c, text.at[end - 1]))
			end--;
		else if (c != '?' && c != '~')
			return false;
	}
	return !begins || end == 0 || !(is_alnum(text.at[end - 1]) || text.at[end - 1] == '_');
}

/* ---- a run of digits ---- */

struct run {
	struct slice text;
	size_t from, to; /* of the digits, in text */
	uint64_t base;
	unsigned kinds;
	digits_hit *hit;
	void *of;
};

static void tell(const struct run *r, enum digits_kind kind, size_t to)
{
	r->hit(r->of, kind, r->base + to);
}

static char at(const struct run *r, size_t i)
{
	return i < r->text.len ? r->text.at[i] : '\0';
}

static void look_for_iban(const struct run *r)
{
	size_t i = r->from + 2;

	if (r->from < 2 || !ends_as(r->text, r->from, SLICE("bAA")) ||
	    !ascii_is_digit(at(r, i - 1)))
		return;
	i += fits('_', at(r, i));
	for (size_t k = 0; k < 4; k++)
		if (!is_alnum(at(r, i + k)))
			return;
	tell(r, DIGITS_IBAN, i + 4);
}

/* The end of the letters that follow there; 0: they go on as a longer word, or with digits. */
static size_t letters_end(const struct run *r, size_t from)
{
	size_t i = from;

	while (is_letter(at(r, i)) && i < from + LETTERS_MAX)
		i++;
	return is_alnum(at(r, i)) ? 0 : i;
}

static void look_for_letters(const struct run *r)
{
	const struct slice nino = SLICE("bAA?99?99?99?D"), pan = SLICE("bAAAAA9999A"),
			   code = SLICE("bAAA~AAA~ooMoo~AoooA"),
			   cnpj = SLICE("bXX.XXX.XXX/XXXX-99");
	size_t letter = r->to + fits('_', at(r, r->to));

	if (fits('D', at(r, letter)) && ends_as(r->text, letter + 1, nino))
		tell(r, DIGITS_LETTERS, letter + 1);
	if (fits('A', at(r, r->to)) && ends_as(r->text, r->to + 1, pan))
		tell(r, DIGITS_LETTERS, r->to + 1);
	if (ends_as(r->text, r->to, cnpj))
		tell(r, DIGITS_LETTERS, r->to);
	/* With the last of its digits the code is told, once. */
	size_t end = letters_end(r, r->to), next = end && at(r, end) == ' ' ? end + 1 : 0;
	if (end > r->to && ends_as(r->text, end, code))
		tell(r, DIGITS_LETTERS, end);
	else if (next && letters_end(r, next) == next + 5 && ends_as(r->text, next + 5, code))
		tell(r, DIGITS_LETTERS, next + 5);
}

/* How many digits end there, with at most one sign between two: among those of cards, and of
 * all numbers. No more are counted than a card has. */
static size_t count_back(const struct run *r, size_t *of_card)
{
	const char *text = r->text.at;
	size_t count = 0;
	bool card = true;

	*of_card = 0;
	for (size_t i = r->to; i > 0 && count < CARD_DIGITS; i--) {
		char c = text[i - 1];
		if (ascii_is_digit(c)) {
			*of_card += card;
			count++;
			continue;
		}
		bool blank = c == ' ' || c == '-';
		if (i < 2 || !ascii_is_digit(text[i - 2]) || !(blank || c == '.' || c == '/'))
			break;
		card = card && blank;
	}
	return count;
}

static void look_at(const struct run *r)
{
	const unsigned kinds = r->kinds;
	size_t card;

	if (kinds & 1u << DIGITS_IBAN)
		look_for_iban(r);
	if (kinds & 1u << DIGITS_LETTERS)
		look_for_letters(r);
	if (r->to == r->text.len)
		return; /* no character follows */
	size_t count = count_back(r, &card);
	if ((kinds & 1u << DIGITS_CARD) && card >= CARD_DIGITS)
		tell(r, DIGITS_CARD, r->to + 1);
	if ((kinds & 1u << DIGITS_SSN) && count >= 9 &&
	    ends_as(r->text, r->to, SLICE("999_99_9999")))
		tell(r, DIGITS_SSN, r->to + 1);
	if ((kinds & 1u << DIGITS_ID) && count >= ID_DIGITS)
		tell(r, DIGITS_ID, r->to + 1);
}

/* ---- a text ---- */

enum digits_kind digits_kind_of(const char *expression)
{
	static const char *const expressions[DIGITS_KINDS] = {
		[DIGITS_CARD] = CARD_CANDIDATE,      [DIGITS_SSN] = SSN_CANDIDATE,
		[DIGITS_IBAN] = IBAN_CANDIDATE,      [DIGITS_ID] = IDNUMBER_DIGITS,
		[DIGITS_LETTERS] = IDNUMBER_LETTERS,
	};
	size_t kind = 0;

	while (kind < DIGITS_KINDS && strcmp(expressions[kind], expression) != 0)
		kind++;
	return (enum digits_kind)kind;
}

void digits_begin(struct digits *d)
{
	*d = (struct digits){ 0 };
}

static size_t end_of_run(struct slice text, size_t at)
{
	while (at < text.len && ascii_is_digit(text.at[at]))
		at++;
	return at;
}

void digits_scan(struct digits *d, struct slice text, uint64_t base, bool ends, unsigned kinds,
		 digits_hit *hit, void *of)
{
	struct run r = { .text = text, .base = base, .kinds = kinds, .hit = hit, .of = of };
	size_t i = next_digit(text, (size_t)(d->from - base));

	for (; i < text.len; i = next_digit(text, r.to)) {
		r.from = i;
		r.to = end_of_run(text, i);
		if (!ends && text.len - r.to < DIGITS_AHEAD)
			break;
		look_at(&r);
	}
	/* What follows is needed to say what the last run is; of a long one, only its end. */
	if (i < text.len && r.to - i >= DIGITS_HELD) {
		if (kinds & 1u << DIGITS_IBAN)
			look_for_iban(&r);
		i = r.to - 1;
	}
	d->from = base + i;
}
