/* inspect/card.h: payment card numbers in text.
 *
 *     "Visa 4111 1111 1111 1111, exp 12/26"   →   at 5, "4111111111111111"
 *
 * A number counts by its issuer's range and lengths and its check digit, unless
 * all its digits are one, or it stands inside something longer: a number, a UUID,
 * a URL, an address or Message-ID, a word.
 *
 * Standard  ISO/IEC 7812-1 (issuer, Luhn), PCI DSS 3.4 (what evidence may show)
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

enum { CARD_DIGITS_MIN = 12, CARD_DIGITS_MAX = 19 };

/* Where the digits' groups may stand, for a matcher: a dozen digits with single
 * blanks or hyphens, and the character after them. */
#define CARD_CANDIDATE "[0-9](?:[ \\-]?[0-9]){11}[^0-9]"

struct card {
	size_t at, len; /* in the text, separators within */
	size_t digits;
	char number[CARD_DIGITS_MAX + 1];
};

/* Whether a card number's last digit is text.at[end - 1]; text is folded, and goes
 * on some way at both sides as far as there is more. */
bool card_find(struct slice text, size_t end, struct card *out);

/* By range, length and check digit alone. */
bool card_is_number(struct slice digits);
