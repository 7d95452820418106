/* assurance/gather.h: finding out all about one destination, once.
 *
 *     at once:     MX partner.example, TXT _mta-sts.partner.example
 *     then:        A and AAAA of every MX host together; the policy, if it is needed
 *     only then:   TLSA, where RFC 7672 §2.2.2 wants the question asked
 *     by wish:     each host is probed, to see whether it keeps what was found
 *     at the end:  assurance_decide()
 *
 * Standard  RFC 7672 §2.2, RFC 8461 §3
 * Threads   one: that of the sources */
#pragma once

#include "assurance/assurance.h"
#include "assurance/destination.h"
#include "assurance/peers.h"
#include "assurance/pins.h"
#include "assurance/source.h"
#include "sts/cache.h"

enum {
	/* For a new policy, when an old one still applies: most are there in one second. */
	ASSURANCE_PATIENCE_MS = 5000,
};

struct assurance_gather;

struct assurance_gathered {
	const struct assurance *assurance; /* NULL: out of memory */
	bool refresh;            /* the policy is due for renewal, or was not waited for */
	char id[STS_ID_MAX + 1]; /* announced just now, or "": for that renewal */
};

/* Borrowed for the call; the gather is spent. */
typedef void assurance_gathered_fn(void *arg, const struct assurance_gathered *gathered);

struct assurance_gather_wish {
	const struct assurance_destination *destination; /* copied; not a literal */
	struct sts_cache *policies;
	int64_t within_ms; /* what is missing by then counts as not found out */
	bool whole;        /* for reports: also fetch a policy that DANE makes superfluous */
	bool probe;        /* also speak to the hosts, where the sources can */
	struct assurance_pins *pins;   /* a reference is kept while it runs; may be NULL */
	struct assurance_peers *peers; /* what they showed before counts; with probe, only those
	                                * whose time has come are spoken to. May be NULL */
};

/* NULL, and done is not called: out of memory. done does not come before this has
 * returned. sources stay where they are while it runs. */
struct assurance_gather *assurance_gather_start(const struct assurance_sources *sources,
						const struct assurance_gather_wish *wish,
						assurance_gathered_fn *done, void *arg);
void assurance_gather_cancel(struct assurance_gather *gather); /* NULL is fine */
