/* assurance/live.h: the sources of real life: our resolver client, HTTPS, SMTP,
 * the clock.
 *
 * Threads  the loop's */
#pragma once

#include "assurance/source.h"

struct loop;
struct dns_client;
struct metrics;

struct assurance_live_config {
	struct dns_client *resolver; /* borrowed; outlives the sources */
	struct metrics *metrics;     /* the same; NULL: nothing is counted */
	uint16_t sts_port;           /* 443, but in test worlds */
	const char *sts_ca_file;     /* "": the system's authorities; copied */
	int64_t sts_timeout_ms;      /* 60 s, RFC 8461 §3.3 */

	uint16_t probe_port;       /* in place of 25; 0: nobody is probed */
	const char *probe_ca_file; /* "": the system's authorities; copied */
	const char *probe_helo;    /* "": the name of this host; copied */
	int64_t probe_timeout_ms;
};

struct assurance_live;

/* NULL: out of memory. */
struct assurance_live *assurance_live_new(struct loop *loop,
					  const struct assurance_live_config *config);
struct assurance_sources assurance_live_sources(struct assurance_live *live);
/* Whether what the resolvers call authentic counts as signed, which it does at first. Else no
 * answer does. */
void assurance_live_believe(struct assurance_live *live, bool believe);
void assurance_live_free(struct assurance_live *live); /* after those who ask; NULL is fine */
