/* cli/assume.h: deciding without a network: every destination is taken to guarantee the
 * same, but for those that the rules vouch for.
 *
 * Memory   the rules are not kept
 * Threads  any, once made */
#pragma once

#include "assurance/assurance.h"
#include "settings/rules.h"

struct assume;

/* "none", "authenticated", "requiretls". False: it is none of these. */
bool assume_level_read(const char *text, enum assurance_level *level);

/* RC_INVALID: as outlook_set_pins(). RC_NOMEM. */
enum rc assume_new(const struct rules *rules, enum assurance_level level, struct assume **out,
		   struct fault *why);
void assume_free(struct assume *a); /* NULL is fine */

/* The caller's reference. NULL: out of memory. */
const struct assurance *assume_find(const struct assume *a, const char *destination);
