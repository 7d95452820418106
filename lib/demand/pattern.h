/* demand/pattern.h: whom a rule's `from` and `to` name.
 *
 *     *                 everyone, the null sender too
 *     partner.example   everyone in that domain
 *     .partner.example  everyone in a domain below it, however deep; not in itself
 *     jo@partner.example  one address
 *
 * Letters are compared without case, in local parts too: a rule that protects must
 * not be dodged by "Jo@". A final dot of the address's domain is ignored.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

bool demand_pattern_names(const char *pattern, struct slice address);

/* Whether whom narrow names, wide names too. */
bool demand_pattern_covers(const char *wide, const char *narrow);
