/* assurance/probing.h: the hosts of destinations spoken to in the background, where mail that
 * must be protected goes.
 *
 * What they show goes to the peers (assurance/peers.h), which also say whose time has
 * come; so a host is spoken to twice a day, however much mail there is.
 *
 * Threads  one: that of the sources */
#pragma once

#include "assurance/destination.h"
#include "assurance/peers.h"
#include "assurance/pins.h"
#include "assurance/source.h"
#include "sts/cache.h"

enum { ASSURANCE_PROBINGS_MAX = 16 }; /* destinations at once; the others at the next message */

struct assurance_probings;

/* The destination whose hosts have been spoken to, and what came of it; NULL: memory was out. */
typedef void assurance_probing_done(void *arg, const struct assurance_destination *destination,
				    const struct assurance *assurance);

/* All pointers are borrowed. NULL: out of memory. */
struct assurance_probings *assurance_probings_new(const struct assurance_sources *sources,
						  struct sts_cache *policies,
						  struct assurance_peers *peers, int64_t within_ms,
						  assurance_probing_done *done, void *arg);
void assurance_probings_free(struct assurance_probings *probings); /* cancels; NULL is fine */

/* Its hosts may be spoken to again at the next chance. */
void assurance_probing_forget(struct assurance_probings *probings, const char *text);

/* Unless its hosts were looked at lately. done is called only when something was asked. pins: as
 * in assurance/gather.h. */
void assurance_probing_start(struct assurance_probings *probings,
			     const struct assurance_destination *destination,
			     struct assurance_pins *pins);
