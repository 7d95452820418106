/* assurance/source.h: where the facts about a destination come from.
 *
 * Gathering asks through this struct and never knows whether a resolver, a web
 * server and the clock stand behind it, or a script: the daemon, `check`,
 * `explain` and the scenarios run the same code.
 *
 * Threads  all of it is called, and calls back, on one thread */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "dns/answer.h"

/* What came of GET https://HOST/.well-known/mta-sts.txt by RFC 8461 §3.3. */
struct assurance_fetched {
	enum rc rc;        /* RC_OK: a complete 200 answer of type text/plain, from a
	                    * peer whose certificate is HOST's; anything else: not had */
	struct slice text; /* its body when RC_OK */
	const char *why;   /* "" when RC_OK: "the certificate is not for mta-sts.example" */
};

/* Called exactly once for each fetch, unless it was cancelled. Borrowed for the call. */
typedef void assurance_fetched_fn(void *arg, const struct assurance_fetched *fetched);

typedef void assurance_timer_fn(void *arg);

/* Each request gives a handle, or NULL when memory is out: then nothing is
 * called back. No request calls back before it has returned. A handle is spent
 * once it has called back or was cancelled. */
struct assurance_sources {
	void *arg;

	/* name: lower-case A-labels, no final dot. */
	void *(*lookup)(void *arg, const char *name, enum dns_type type, dns_done *done,
			void *done_arg);
	void (*lookup_cancel)(void *arg, void *lookup);

	/* addresses: count > 0 of host, from our own lookups; copied. */
	void *(*fetch)(void *arg, const char *host, const struct dns_address *addresses,
		       size_t count, assurance_fetched_fn *done, void *done_arg);
	void (*fetch_cancel)(void *arg, void *fetch);

	void *(*timer)(void *arg, int64_t after_ms, assurance_timer_fn *fn, void *fn_arg);
	void (*timer_cancel)(void *arg, void *timer);

	int64_t (*now_s)(void *arg); /* wall clock: what outlives the process is dated by it */
};
