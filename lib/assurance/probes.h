/* assurance/probes.h: all hosts of one destination, spoken to at once.
 *
 * By what a host must prove itself was found out before: by its TLSA records, or
 * as a name of the MTA-STS policy. A host of which nothing is promised is probed
 * all the same, to tell what it offers.
 *
 * With peers, only those are spoken to whose time has come, and what comes out is
 * noted there.
 *
 * Standard  RFC 7672 §3.2.2 (reference names)
 * Threads   one: that of the sources */
#pragma once

#include "assurance/decide.h"
#include "assurance/peers.h"

struct assurance_probes;

struct assurance_probes_wish { /* borrowed for the start */
	const struct assurance_destination *destination;
	const struct dns_answer *mx;        /* NULL: not asked */
	const struct assurance_host *hosts; /* as many as judged has, in its order */
	const struct assurance *judged;     /* what they are worth without a probe */
	const struct assurance_pin *pin;    /* NULL, or what the hosts must bear in place of all
					     * that is published */
	struct assurance_peers *peers;      /* NULL: all are spoken to, and nothing is kept */
};

/* NULL, and done is not called: no host has an address, or memory is out. done
 * does not come before this has returned, and once. */
typedef void assurance_probes_fn(void *arg);
struct assurance_probes *assurance_probes_start(const struct assurance_sources *sources,
						const struct assurance_probes_wish *wish,
						assurance_probes_fn *done, void *arg);

/* Hands the hosts what is remembered of them: what they showed when they were last spoken to.
 * They borrow it from wish->peers until that learns more. True when any has something. */
bool assurance_probes_recall(const struct assurance_probes_wish *wish, struct assurance_host *hosts,
			     int64_t now_s);

/* Hands what came out to the hosts that the wish had; they borrow it from probes.
 * What is not there yet counts as not found out. probes may be NULL: nobody was
 * spoken to. */
void assurance_probes_settle(const struct assurance_probes *probes, struct assurance_host *hosts,
			     size_t count);

void assurance_probes_free(struct assurance_probes *probes); /* cancels; NULL is fine */
