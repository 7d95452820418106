/* inspect/idnumber.h: the numbers that states give to persons and firms.
 *
 *     "NHS number 943 476 5919"   →   "9434765919"
 *     "NINO AB 12 34 56 C"        →   "AB123456C"
 *
 * Each has its forms, and a check of what they hold. Where the check is weak (one
 * bare number in ten would pass) the number must be grouped as its office writes
 * it, or a word nearby must say what it is; so must letters that are not capitals.
 * Numbers within something longer, or in a URL, are none.
 *
 * Standard  each office's own, named beside its check in idnumber.c
 * Threads   pure functions */
#pragma once

#include "inspect/number.h"

enum idnumber {
	IDNUMBER_UK_NINO,
	IDNUMBER_UK_NHS,
	IDNUMBER_DE_TAX_ID,
	IDNUMBER_FR_NIR,
	IDNUMBER_ES_DNI,
	IDNUMBER_ES_NIE,
	IDNUMBER_IT_CODICE_FISCALE,
	IDNUMBER_NL_BSN,
	IDNUMBER_BE_RRN,
	IDNUMBER_PL_PESEL,
	IDNUMBER_CH_AHV,
	IDNUMBER_AU_TFN,
	IDNUMBER_AU_MEDICARE,
	IDNUMBER_CA_SIN,
	IDNUMBER_IN_AADHAAR,
	IDNUMBER_IN_PAN,
	IDNUMBER_BR_CPF,
	IDNUMBER_BR_CNPJ,
	IDNUMBERS /* how many */
};

enum {
	/* How far a word may stand that says what a number is: a line or so. With the
	 * number itself, within what validators may look at (detector.h). */
	IDNUMBER_WORD_BEFORE = 100,
	IDNUMBER_WORD_AFTER = 40,
};

/* Two expressions for all of them, found by inspect/digits.c, which costs less than the
 * matcher. The end of digits, and the character after: */
#define IDNUMBER_DIGITS "[0-9](?:[ .\\-/]?[0-9]){6}[^0-9]"
/* and the last character of what mixes letters and digits: NINO, PAN, codice
 * fiscale, CNPJ in groups. (A codice fiscale in which letters stand for all seven of its
 * digits, which only a 127th namesake gets, has none to be found by.) */
#define IDNUMBER_LETTERS                                                                           \
	"\\b(?:[A-Z]{2}[ \\-]?[0-9]{2}[ \\-]?[0-9]{2}[ \\-]?[0-9]{2}[ \\-]?[A-D]|"                 \
	"[A-Z]{5}[0-9]{4}[A-Z]|"                                                                   \
	"[A-Z]{3}[ ]?[A-Z]{3}[ ]?[0-9L-NP-V]{2}[A-EHLMPRST][0-9L-NP-V]{2}[ ]?"                     \
	"[A-Z][0-9L-NP-V]{3}[A-Z]|"                                                                \
	"[A-Z0-9]{2}\\.[A-Z0-9]{3}\\.[A-Z0-9]{3}/[A-Z0-9]{4}-[0-9]{2})"

/* Whether one ends where its expression matched up to text.at[end - 1]. */
bool idnumber_find(enum idnumber kind, struct slice text, size_t end, struct number *out);

/* Whether a word near text.at[at, at + len) says that it is one. */
bool idnumber_is_named(enum idnumber kind, struct slice text, size_t at, size_t len);
