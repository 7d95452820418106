#include "inspect/card.h"

#include "base/ascii.h"
#include "inspect/checkdigit.h"
#include "inspect/number.h"

#include <string.h>

/* Issuers' ranges, by the first four digits, and the lengths that they issue. */
static const struct issuer {
	unsigned first, last, shortest, longest;
} issuers[] = {
	{ 2221, 2720, 16, 16 }, /* Mastercard */
	{ 3000, 3059, 14, 19 }, /* Diners Club */
	{ 3095, 3095, 14, 19 }, { 3600, 3699, 14, 19 }, { 3800, 3999, 14, 19 },
	{ 3400, 3499, 15, 15 },                         /* American Express */
	{ 3700, 3799, 15, 15 }, { 3528, 3589, 16, 19 }, /* JCB */
	{ 4000, 4999, 13, 13 },                         /* Visa */
	{ 4000, 4999, 16, 16 }, { 4000, 4999, 19, 19 }, { 5100, 5599, 16, 16 }, /* Mastercard */
	{ 5018, 5018, 12, 19 },                                                 /* Maestro */
	{ 5020, 5020, 12, 19 }, { 5038, 5038, 12, 19 }, { 5893, 5893, 12, 19 },
	{ 6304, 6304, 12, 19 }, { 6390, 6390, 12, 19 }, { 6759, 6763, 12, 19 },
	{ 6011, 6011, 16, 19 },                         /* Discover */
	{ 6440, 6599, 16, 19 }, { 6200, 6299, 16, 19 }, /* UnionPay */
	{ 8100, 8171, 16, 19 },
};

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (signed char)c < 0;
}

static bool is_hex_letter(char c)
{
	return (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static bool has_issuer(struct slice d)
{
	unsigned front = 0;

	for (size_t i = 0; i < 4; i++)
		front = front * 10 + (unsigned)(d.at[i] - '0');
	for (size_t i = 0; i < sizeof issuers / sizeof *issuers; i++)
		if (front >= issuers[i].first && front <= issuers[i].last &&
		    d.len >= issuers[i].shortest && d.len <= issuers[i].longest)
			return true;
	return false;
}

bool card_is_number(struct slice d)
{
	bool one_digit = true;

	if (d.len < CARD_DIGITS_MIN || d.len > CARD_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < d.len; i++) {
		if (!ascii_is_digit(d.at[i]))
			return false;
		one_digit = one_digit && d.at[i] == d.at[0];
	}
	return !one_digit && has_issuer(d) && checkdigit_luhn(d);
}

/* The character i places from the text's front; a blank beyond its ends. */
static char at(struct slice text, size_t i)
{
	return i < text.len ? text.at[i] : ' ';
}

/* The groups of digits in text[from, to). */
struct groups {
	size_t count, width[CARD_DIGITS_MAX];
};

static struct groups split(struct slice text, size_t from, size_t to)
{
	struct groups g = { 0 };

	for (size_t i = from; i < to; i++) {
		if (!ascii_is_digit(text.at[i]))
			continue;
		if (i == from || !ascii_is_digit(text.at[i - 1]))
			g.count++;
		g.width[g.count - 1]++;
	}
	return g;
}

/* As cards are printed: one group, fours with a rest, or those of American
 * Express and Diners Club. */
static bool is_usual(const struct groups *g)
{
	if (g->count == 1)
		return true;
	if (g->count == 3 && g->width[0] == 4 && g->width[1] == 6)
		return g->width[2] == 4 || g->width[2] == 5;
	for (size_t i = 0; i + 1 < g->count; i++)
		if (g->width[i] != 4)
			return false;
	return g->width[g->count - 1] <= 4;
}

static unsigned two_digits(struct slice text, size_t i)
{
	return (unsigned)((text.at[i] - '0') * 10 + (text.at[i + 1] - '0'));
}

/* Four digits beside a card that mean something by themselves: a year, or the
 * month and year when it expires. */
static bool is_date(struct slice text, size_t from, bool after)
{
	unsigned high = two_digits(text, from), low = two_digits(text, from + 2);

	if (high == 19 || high == 20)
		return true;
	return after && high >= 1 && high <= 12 && low >= 20;
}

/* Digits that a blank parts from the number: another number, or more of this? */
static bool is_apart(struct slice text, size_t from, size_t to, const struct groups *g, bool after)
{
	if (g->count == 1)
		return true;
	if (!is_usual(g))
		return false;
	return to - from != 4 || g->width[0] != 4 || g->width[1] != 4 || is_date(text, from, after);
}

/* More cards in fours, one after another on the line. */
static bool is_row(struct slice text, size_t from, size_t to)
{
	struct groups g;

	if (to > text.len || to - from != 19)
		return false;
	for (size_t i = from; i < to; i++)
		if (((i - from) % 5 == 4) != (text.at[i] == ' ') ||
		    (text.at[i] != ' ' && !ascii_is_digit(text.at[i])))
			return false;
	g = split(text, from, to);
	return g.count == 4 && !ascii_is_digit(at(text, to));
}

/* A word before or after: "Visa4111…", "4111…USD", "no-4111…". Not a piece of an
 * identifier or of a hexadecimal number. */
static bool is_word(struct slice text, size_t near, bool before)
{
	size_t i = near;
	bool hex = true;

	for (; i < text.len && is_letter(text.at[i]); i += before ? (size_t)-1 : 1)
		hex = hex && is_hex_letter(text.at[i]);
	if (i == near || hex)
		return false;
	char c = at(text, i);
	return !ascii_is_digit(c) && c != '_' && c != '-' && c != '@';
}

static bool left_is_free(struct slice text, size_t from, const struct groups *g)
{
	char c = at(text, from - 1), beyond = at(text, from - 2); /* wraps at the front */

	if (from == 0)
		return true;
	if (ascii_is_digit(c) || c == '_' || c == '@' || c == '+' || c == '%')
		return false;
	if (c == 'B' && beyond == '%')
		return true; /* a magnetic stripe's first track (ISO/IEC 7813) */
	if (is_letter(c))
		return is_word(text, from - 1, true);
	if (c == '.')
		return !ascii_is_digit(beyond);
	if (c == '-')
		return !ascii_is_digit(beyond) &&
		       (!is_letter(beyond) || is_word(text, from - 2, true));
	if (c != ' ' || !ascii_is_digit(beyond))
		return true;
	size_t begin = from - 1;
	while (begin > 0 && ascii_is_digit(text.at[begin - 1]))
		begin--;
	return is_apart(text, begin, from - 1, g, false) ||
	       (from >= 20 && is_row(text, from - 20, from - 1) && is_usual(g));
}

static bool right_is_free(struct slice text, size_t to, const struct groups *g)
{
	char c = at(text, to), beyond = at(text, to + 1);

	if (ascii_is_digit(c) || c == '_' || c == '@')
		return false;
	if (is_letter(c))
		return is_word(text, to, false);
	if (c == '.')
		return !ascii_is_digit(beyond);
	if (c == '-')
		return !ascii_is_digit(beyond) &&
		       (!is_letter(beyond) || is_word(text, to + 1, false));
	if (c != ' ' || !ascii_is_digit(beyond))
		return true;
	size_t end = to + 1;
	while (end < text.len && ascii_is_digit(text.at[end]))
		end++;
	return is_apart(text, to + 1, end, g, true) ||
	       (is_row(text, to + 1, to + 20) && is_usual(g));
}

static bool judge(struct slice text, size_t from, size_t end, struct card *out)
{
	struct card card = { .at = from, .len = end - from };

	for (size_t i = from; i < end; i++)
		if (ascii_is_digit(text.at[i]))
			card.number[card.digits++] = text.at[i];
	if (!card_is_number((struct slice){ card.number, card.digits }))
		return false;
	struct groups g = split(text, from, end);
	bool alone = at(text, from - 1) != ' ' || !ascii_is_digit(at(text, from - 2));
	alone = alone && (at(text, end) != ' ' || !ascii_is_digit(at(text, end + 1)));
	if (!alone && !is_usual(&g))
		return false;
	if (!left_is_free(text, from, &g) || !right_is_free(text, end, &g))
		return false;
	if (number_is_in_url(text, from) || number_is_in_iban(text, from, end))
		return false;
	*out = card;
	return true;
}

bool card_find(struct slice text, size_t end, struct card *out)
{
	size_t digits = 0;

	for (size_t i = end; i-- > 0 && digits < CARD_DIGITS_MAX;) {
		char c = text.at[i];
		if (c == ' ' || c == '-') {
			if (i == 0 || !ascii_is_digit(text.at[i - 1]))
				return false;
			continue;
		}
		if (!ascii_is_digit(c))
			return false;
		digits++;
		if (digits >= CARD_DIGITS_MIN && (i == 0 || !ascii_is_digit(text.at[i - 1])) &&
		    judge(text, i, end, out))
			return true;
	}
	return false;
}
