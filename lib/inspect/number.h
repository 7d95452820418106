/* inspect/number.h: numbers of accounts and of people, by their own rules.
 *
 *     "IBAN DE89 3704 0044 0532 0130 00"   →   "DE89370400440532013000"
 *     "SSN 536-22-8726"                    →   "536228726"
 *
 * Each looks from where its candidate pattern matched up to text.at[end - 1].
 *
 * Standard  ISO 13616-1 (IBAN), SSA RM 10201 (social security numbers),
 *           IRM 3.21.263 (taxpayer numbers)
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

enum { NUMBER_MAX = 34 /* characters of the longest: an IBAN */ };

struct number {
	size_t at, len; /* in the text, separators within */
	size_t value_len;
	char value[NUMBER_MAX];
};

/* A country, check digits and the first four characters: what is cheap to look
 * for. The rest is read ahead. */
#define IBAN_CANDIDATE "\\b[A-Z]{2}[0-9]{2}[ \\-]?[A-Z0-9]{4}"
bool number_find_iban(struct slice text, size_t end, struct number *out);

/* Whether text[from, end) is a piece of an IBAN: nothing by itself, then. */
bool number_is_in_iban(struct slice text, size_t from, size_t end);

/* Grouped, or nine bare digits after a word that says what they are. */
#define SSN_CANDIDATE "[0-9]{3}[ \\-][0-9]{2}[ \\-][0-9]{4}[^0-9]"
#define SSN_BARE_CANDIDATE "(?:\\bssn|social security)[^0-9]{0,20}[0-9]{9}[^0-9]"
#define ITIN_BARE_CANDIDATE "(?:\\bitin|taxpayer identification)[^0-9]{0,20}[0-9]{9}[^0-9]"
bool number_find_ssn(struct slice text, size_t end, struct number *out);
bool number_find_itin(struct slice text, size_t end, struct number *out);

/* Whether the word beside text[from, end) says that it is a telephone number or an amount. */
bool number_is_something_else(struct slice text, size_t from, size_t end);

/* Whether the word that text.at[i] stands in is a URL up to there. */
bool number_is_in_url(struct slice text, size_t i);
