/* assurance/renewal.h: MTA-STS policies fetched anew in the background, since nobody may
 * have to wait for it, and no promise may run out for lack of mail.
 *
 * Standard  RFC 8461 §10.2 (refresh), §3.3 (back-off, kept by sts/cache.h)
 * Threads   one: that of the sources and the cache */
#pragma once

#include "assurance/source.h"
#include "sts/cache.h"

enum { ASSURANCE_RENEWALS_MAX = 64 }; /* at once; the others at a later chance */

struct assurance_renewals;

/* Both are borrowed. NULL: out of memory. */
struct assurance_renewals *assurance_renewals_new(const struct assurance_sources *sources,
						  struct sts_cache *policies);
void assurance_renewals_free(struct assurance_renewals *renewals); /* cancels; NULL is fine */

/* One, unless it is under way; id: as announced, or "". */
void assurance_renew(struct assurance_renewals *renewals, const char *domain, const char *id);
/* All that are due, as far as there is room. */
void assurance_renew_due(struct assurance_renewals *renewals);
