/* outlook/outlook.h: assurance looking out at the real world, as the settings have it:
 * the resolver, HTTPS, the policies remembered in the store, the operator's pins. The
 * daemon and the command line look through the same window.
 *
 * Memory   keeps a reference to the settings; the store outlives it; rules are copied from
 * Threads  the loop's; opening and closing block on the store */
#pragma once

#include "assurance/service.h"
#include "settings/rules.h"
#include "settings/settings.h"

struct arena;
struct loop;
struct metrics;
struct store;
struct outlook;

/* What went wrong with remembering policies, for the log. Never called during
 * outlook_close(). */
typedef void outlook_complain_fn(void *arg, const char *words);

/* What the resolvers lack of what our trust rests on (dns/selftest.h); "" when they lack
 * nothing. Called on the loop once they have been tested, which is at once and then every
 * OUTLOOK_TEST_S, and only when the words are others than the last time. */
typedef void outlook_resolver_fn(void *arg, const char *complaints);

/* What somebody must look at: assurance/service.h. On the loop. */
typedef void outlook_alarm_fn(void *arg, const char *words);

enum {
	OUTLOOK_PINS_BYTES_MAX = 16 * 1024 * 1024, /* what is said of 10,000 of them */
	OUTLOOK_TEST_S = 600,
	OUTLOOK_RENEW_S =
		300, /* policies that are due are renewed so often, where resolver is given */
};

struct outlook_config {
	const struct settings *settings;
	const struct rules *rules;     /* NULL: no pins */
	struct store *store;           /* NULL: no policy outlives this */
	outlook_complain_fn *complain; /* NULL: nobody listens */
	outlook_resolver_fn *resolver; /* NULL: they are not tested */
	outlook_alarm_fn *alarm;       /* NULL: nobody listens */
	struct metrics *metrics;       /* borrowed; NULL: nothing is counted */
	void *arg;
	bool whole; /* for reports: assurance/gather.h */
	bool probe; /* the same; only where the settings have probe.enabled */
};

/* RC_INVALID  a pin or a resolver that cannot be
 * RC_RETRY    what is remembered cannot be read
 * RC_NOMEM */
enum rc outlook_open(struct loop *loop, const struct outlook_config *config, struct outlook **out,
		     struct fault *why);

struct assurance_service *outlook_service(struct outlook *o);

/* Whether the rules say what outbound.relay guarantees, where there is one: what it proves by itself
 * says nothing of the way onward. RC_INVALID: they do not. */
enum rc outlook_check_relay(const struct settings *settings, const struct rules *rules,
			    struct fault *why);

/* The pins that the rules' destinations are, in the arena (OUTLOOK_PINS_BYTES_MAX), naming what
 * the rules hold. rules may be NULL: none. settings NULL: the MTA is told nothing.
 *   RC_INVALID  pinned authorities have no place where the MTA finds them    RC_NOMEM */
enum rc outlook_pins(const struct settings *settings, const struct rules *rules,
		     struct arena *arena, struct assurance_pin **out, size_t *count,
		     struct fault *why);

/* Other pins from now on. Results as assurance_service_set_pins(). */
enum rc outlook_set_pins(struct outlook *o, const struct rules *rules, struct fault *why);

/* Tells the metrics what only its resolver's client counts. */
void outlook_tell(const struct outlook *o, struct metrics *metrics);

/* Cancels what is asked and writes what is not written yet: once the loop has stopped.
 * RC_RETRY: the policies learnt last are not remembered. NULL is fine. */
enum rc outlook_close(struct outlook *o, struct fault *why);
