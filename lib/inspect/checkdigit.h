/* inspect/checkdigit.h: the arithmetic by which numbers guard against slips.
 *
 *     "4111111111111111"   →   passes Luhn
 *     "234123412346"       →   passes Verhoeff
 *
 * digits holds '0' to '9' alone; the last is the check digit unless said otherwise.
 *
 * Standard  ISO/IEC 7812-1 annex B (Luhn), ISO/IEC 7064 (MOD 11,10)
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

#include <stdint.h>

bool checkdigit_luhn(struct slice digits);
bool checkdigit_verhoeff(struct slice digits);
bool checkdigit_mod11_10(struct slice digits);

/* The sum of the first `count` digits, each times its weight. Capitals count as
 * their distance from '0', as Brazil has it. */
int checkdigit_sum(const char *digits, const signed char *weights, size_t count);

uint64_t checkdigit_value(const char *digits, size_t len); /* len: at most 18 */
