#include "inspect/number.h"

#include "base/ascii.h"

#include <string.h>

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_word_character(char c)
{
	return ascii_is_digit(c) || (upper(c) >= 'A' && upper(c) <= 'Z') || c == '_' ||
	       (signed char)c < 0;
}

static bool is_separator(char c)
{
	return c == ' ' || c == '-';
}

/* The character i places from the text's front; a blank beyond its ends. */
static char at(struct slice text, size_t i)
{
	return i < text.len ? text.at[i] : ' ';
}

/* ---- IBAN ---- */

/* How long each country's are (the registry of ISO 13616). */
static const struct country {
	char code[3];
	unsigned char len;
} countries[] = {
	{ "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 },
	{ "BE", 16 }, { "BG", 22 }, { "BH", 22 }, { "BI", 27 }, { "BR", 29 }, { "BY", 28 },
	{ "CH", 21 }, { "CR", 22 }, { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DJ", 27 },
	{ "DK", 18 }, { "DO", 28 }, { "EE", 20 }, { "EG", 29 }, { "ES", 24 }, { "FI", 18 },
	{ "FK", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 }, { "GE", 22 }, { "GI", 23 },
	{ "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HN", 28 }, { "HR", 21 }, { "HU", 28 },
	{ "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 },
	{ "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 },
	{ "LU", 20 }, { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 },
	{ "MK", 19 }, { "MN", 20 }, { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NI", 28 },
	{ "NL", 18 }, { "NO", 15 }, { "OM", 23 }, { "PK", 24 }, { "PL", 28 }, { "PS", 29 },
	{ "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 }, { "RU", 33 }, { "SA", 24 },
	{ "SC", 31 }, { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 }, { "SM", 27 },
	{ "SO", 23 }, { "ST", 25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 },
	{ "UA", 29 }, { "VA", 22 }, { "VG", 24 }, { "XK", 20 }, { "YE", 30 },
};

static size_t iban_length(char a, char b)
{
	for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
		if (countries[i].code[0] == upper(a) && countries[i].code[1] == upper(b))
			return countries[i].len;
	return 0;
}

/* ISO 13616-1 §6: the first four behind the rest, letters as 10 to 35, modulo 97. */
static bool passes_mod97(const char *iban, size_t len)
{
	unsigned rest = 0;

	for (size_t i = 0; i < len; i++) {
		char c = iban[(i + 4) % len];
		rest = ascii_is_digit(c) ? rest * 10 + (unsigned)(c - '0')
					 : rest * 100 + (unsigned)(c - 'A' + 10);
		rest %= 97;
	}
	return rest == 1;
}

static bool take_iban(struct slice text, size_t from, struct number *out)
{
	size_t i = from;
	size_t want = iban_length(at(text, from), at(text, from + 1));
	struct number n = { .at = from };

	if (want == 0)
		return false;
	while (n.value_len < want) {
		char c = upper(at(text, i++));
		if (is_separator(c) && is_word_character(at(text, i)) && n.value_len >= 4)
			continue;
		if (!ascii_is_digit(c) && (c < 'A' || c > 'Z'))
			return false;
		if ((n.value_len == 2 || n.value_len == 3) && !ascii_is_digit(c))
			return false; /* "Please charge" and a card have a Polish one's length */
		n.value[n.value_len++] = c;
	}
	n.len = i - from;
	if (is_word_character(at(text, i)) || !passes_mod97(n.value, n.value_len))
		return false;
	*out = n;
	return true;
}

bool number_find_iban(struct slice text, size_t end, struct number *out)
{
	return take_iban(text, end - 8 - is_separator(at(text, end - 5)), out);
}

bool number_is_in_iban(struct slice text, size_t from, size_t end)
{
	enum { FRONT = NUMBER_MAX + NUMBER_MAX / 4 /* with its separators */ };
	struct number n;

	for (size_t i = from, most = i > FRONT ? i - FRONT : 0; i-- > most;)
		if (is_word_character(text.at[i]) && !ascii_is_digit(text.at[i]) &&
		    !is_word_character(at(text, i - 1)) && take_iban(text, i, &n) &&
		    n.at + n.len >= end)
			return true;
	return false;
}

/* ---- nine digits of the United States ---- */

/* The nine digits before text.at[end - 1]: grouped 3-2-4 by one separator, or bare. */
static bool take_nine(struct slice text, size_t end, struct number *out)
{
	bool grouped = is_separator(at(text, end - 6));
	size_t len = grouped ? 11 : 9;
	if (end <= len)
		return false;
	size_t from = end - 1 - len;
	struct number n = { .at = from, .len = len };
	char before = at(text, from - 1), after = at(text, end - 1);

	if (grouped && at(text, from + 3) != at(text, from + 6))
		return false;
	for (size_t i = from; i < from + len; i++)
		if (ascii_is_digit(text.at[i]))
			n.value[n.value_len++] = text.at[i];
	/* In a longer number, a word, a fraction, a date. */
	if (n.value_len != 9 || is_word_character(before) || is_word_character(after))
		return false;
	if (strchr("-./+", before) && (before == '+' || ascii_is_digit(at(text, from - 2))))
		return false;
	if (strchr("-./@", after) && (after == '@' || ascii_is_digit(at(text, end))))
		return false;
	*out = n;
	return true;
}

static unsigned value_of(const char *digits, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n = n * 10 + (unsigned)(digits[i] - '0');
	return n;
}

/* Numbers that were printed in advertisements and on sample cards, or that people
 * type to see what happens. */
static bool is_dummy(const char *nine)
{
	static const char *const dummies[] = { "078051120", "219099999", "457555462", "123456789",
					       "987654321" };
	size_t same = 1;

	while (same < 9 && nine[same] == nine[0])
		same++;
	if (same == 9)
		return true;
	for (size_t i = 0; i < sizeof dummies / sizeof *dummies; i++)
		if (memcmp(nine, dummies[i], 9) == 0)
			return true;
	return false;
}

bool number_find_ssn(struct slice text, size_t end, struct number *out)
{
	struct number n;

	if (!take_nine(text, end, &n))
		return false;
	unsigned area = value_of(n.value, 3);
	if (area == 0 || area == 666 || area >= 900 || value_of(n.value + 3, 2) == 0 ||
	    value_of(n.value + 5, 4) == 0 || is_dummy(n.value))
		return false;
	*out = n;
	return true;
}

bool number_find_itin(struct slice text, size_t end, struct number *out)
{
	struct number n;

	if (!take_nine(text, end, &n))
		return false;
	unsigned group = value_of(n.value + 3, 2);
	bool issued = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
		      (group >= 90 && group <= 92) || group >= 94;
	if (n.value[0] != '9' || !issued || is_dummy(n.value))
		return false;
	*out = n;
	return true;
}

/* ---- where numbers mean nothing ---- */

static bool is_listed(struct slice word, const char *const *list)
{
	for (; *list; list++)
		if (slice_same_nocase(word, slice_of(*list)))
			return true;
	return false;
}

bool number_is_something_else(struct slice text, size_t from, size_t end)
{
	static const char *const telephones[] = {
		"tel",  "phone", "telephone", "telefon", "t\303\251l", "t\303\251l\303\251phone",
		"fax",  "ph",    "telefax",   "mobile",  "mobil",      "tel\303\251fono",
		"cell", "call",  "telefone",  "mob",     "telefono",   "m\303\263vil",
		"t",    "f",     "m",         NULL
	};
	static const char *const coins[] = { "eur",       "usd",       "gbp", "chf", "pln",
					     "sek",       "nok",       "dkk", "czk", "huf",
					     "cad",       "aud",       "inr", "brl", "\342\202\254",
					     "\302\243",  "\302\245",  "$",   "r$",  "kr",
					     "z\305\202", "k\304\215", "ft",  NULL };
	enum { SIGNS = 4 /* that may stand between */ };
	size_t to = from, begin, last = end;

	while (to > 0 && from - to < SIGNS && memchr(" :.#(-", text.at[to - 1], 6))
		to--;
	for (begin = to;
	     begin > 0 && (is_word_character(text.at[begin - 1]) || text.at[begin - 1] == '$');)
		begin--;
	struct slice before = { text.at + begin, to - begin };
	while (last < text.len && text.at[last] == ' ')
		last++;
	for (begin = last;
	     last < text.len && (is_word_character(text.at[last]) || text.at[last] == '$');)
		last++;
	return is_listed(before, telephones) || is_listed(before, coins) ||
	       is_listed((struct slice){ text.at + begin, last - begin }, coins);
}

bool number_is_in_url(struct slice text, size_t i)
{
	enum { LONGEST = 200 }; /* within what validators may look back on */
	size_t from = i;

	while (from > 0 && i - from < LONGEST && !strchr(" \t\r\n<>\"'", text.at[from - 1]))
		from--;
	return memmem(text.at + from, i - from, "://", 3) ||
	       (i - from >= 4 && memcmp(text.at + from, "www.", 4) == 0);
}
