/* assurance/source.h: where the facts about a destination come from.
 *
 * Gathering asks through this struct and never knows whether a resolver, a web
 * server and the clock stand behind it, or a script: the daemon, `check`,
 * `explain` and the scenarios run the same code.
 *
 * Threads  all of it is called, and calls back, on one thread; now_s from any */
#pragma once

#include "assurance/assurance.h"
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

/* One host to be spoken to, as whoever delivers there would. Copied. */
struct assurance_pin;
enum { ASSURANCE_PROBE_NAMES_MAX = 3 };
struct assurance_probe_wish {
	const char *host;
	uint16_t port;
	size_t address_count; /* > 0, from our own lookups */
	const struct dns_address *addresses;
	enum assurance_by by;            /* DANE, STS, PIN: so it must prove itself; NOTHING: it
	                                * cannot */
	const struct assurance_pin *pin; /* by PIN; lives as long as the probe is under way */
	const struct dns_answer *tlsa;   /* by DANE: the secure records, usable or not */
	size_t name_count;               /* by DANE: the TLSA base domain first, then those names */
	const char *const *names;        /* that RFC 7672 §3.2.2 allows besides */
};

struct assurance_probed {
	enum rc rc; /* RC_OK: it did all that was asked; RC_INVALID: it showed that it does not;
	             * anything else: that could not be found out */
	bool starttls, authenticated, requiretls; /* requiretls: said within proven TLS */
	const char *tls, *why;                    /* "TLSv1.3" or ""; "" when RC_OK */
};

/* As above. */
typedef void assurance_probed_fn(void *arg, const struct assurance_probed *probed);

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

	/* NULL: nobody is ever probed. */
	void *(*probe)(void *arg, const struct assurance_probe_wish *wish,
		       assurance_probed_fn *done, void *done_arg);
	void (*probe_cancel)(void *arg, void *probe);

	void *(*timer)(void *arg, int64_t after_ms, assurance_timer_fn *fn, void *fn_arg);
	void (*timer_cancel)(void *arg, void *timer);

	int64_t (*now_s)(void *arg); /* wall clock: what outlives the process is dated by it */
};
