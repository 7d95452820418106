/* assurance/service.h: what a destination's transport guarantees, asked by
 * anyone, found out once.
 *
 *     RCPT:            ticket = assurance_ticket_open(service, "partner.example");
 *     end of message:  a = assurance_ticket_wait(ticket, deadline_mono_ms);
 *                      … a->level, a->reasons …
 *                      assurance_unref(a);
 *                      assurance_ticket_drop(ticket);
 *
 * The service lives on a loop's thread, where it asks its sources, and holds the
 * one cache. However many ask for one destination at once, it is gathered once.
 * A destination is a domain in A- or U-labels, any case; "domain:587";
 * "[relay.example]:587"; "[192.0.2.1]"; what is none of these is unroutable.
 *
 * Memory   the service is freed after its tickets; a ticket may outlive its wait
 * Threads  assurance_ticket_ and assurance_service_probe() from any thread; all else on
 *          the loop's thread */
#pragma once

#include "assurance/assurance.h"
#include "assurance/source.h"

struct loop;
struct metrics;
struct sts_cache;
struct assurance_service;
struct assurance_pin; /* assurance/pins.h */

enum {
	ASSURANCE_CACHE_MAX = 100000,    /* destinations: some 20 MB (assurance/cache.h) */
	ASSURANCE_GATHERS_MAX = 1024,    /* gathered at once, the others wait for a place: with a
	                               * few questions each, what dns/client.h takes */
	ASSURANCE_GATHER_MAX_MS = 90000, /* a policy fetch may take 60 s (RFC 8461 §3.3),
	                                    * and DNS comes before it */
};

/* Told what somebody must look at, each matter once a day, on the loop's thread: a domain that
 * had `enforce` and lost it, STARTTLS stripped on the way. */
typedef void assurance_alarm_fn(void *arg, const char *words);

struct assurance_service_config {
	struct assurance_sources sources;
	struct sts_cache *policies; /* borrowed; outlives the service */
	size_t cache_max;           /* 0: ASSURANCE_CACHE_MAX */
	size_t gather_max;          /* 0: ASSURANCE_GATHERS_MAX */
	int64_t gather_ms;          /* 0: ASSURANCE_GATHER_MAX_MS */
	bool whole;       /* for reports: wait for a policy even where DANE makes it superfluous */
	bool probe;       /* for reports: assurance/gather.h */
	size_t pin_count; /* copied */
	const struct assurance_pin *pins;
	assurance_alarm_fn *alarm; /* NULL: nobody listens */
	void *alarm_arg;
	struct metrics *metrics; /* borrowed; NULL: nothing is counted */
};

/* loop may be NULL where one thread does everything (scenarios, `check`): then
 * there are no tickets. NULL: out of memory, or *why says which pin is wrong. */
struct assurance_service *assurance_service_new(struct loop *loop,
						const struct assurance_service_config *config,
						struct fault *why);

/* Cancels what is under way: callbacks of assurance_service_get() do not come,
 * tickets that wait are told `undetermined`. Not from one of its own callbacks. NULL
 * is fine. */
void assurance_service_free(struct assurance_service *service);

/* Other pins from now on (reload). RC_INVALID, RC_NOMEM: nothing changed. */
enum rc assurance_service_set_pins(struct assurance_service *service,
				   const struct assurance_pin *pins, size_t count,
				   struct fault *why);

/* done gets what is known of destination, borrowed for the call; never NULL. It
 * is called at once, before this returns NULL, when that is in the cache. NULL
 * with done not called: out of memory. Otherwise done is called once, unless the get
 * is cancelled first: should memory run out later, with `undetermined`. The get is
 * spent when done is called; done may ask for more, and cancel any other get. */
typedef void assurance_done(void *arg, const struct assurance *assurance);
struct assurance_get;
struct assurance_get *assurance_service_get(struct assurance_service *service,
					    const char *destination, assurance_done *done,
					    void *arg);
void assurance_service_cancel(struct assurance_get *get); /* NULL is fine */

/* Mail that must be protected goes to destination: its hosts are spoken to in the
 * background, those whose time has come (assurance/peers.h), and what they show counts from
 * then on. Where the sources cannot probe nothing happens. Any thread. */
void assurance_service_probe(struct assurance_service *service, const char *destination);

/* Renews, in the background, remembered MTA-STS policies that are due (RFC 8461 §10.2), some at a
 * time. Called now and then, by a daemon. */
void assurance_service_renew(struct assurance_service *service);

/* For the metrics: how many are remembered. */
size_t assurance_service_count(struct assurance_service *service);

/* Whether every host that was spoken to lately lacks STARTTLS: somebody strips it. */
bool assurance_service_is_stripped(const struct assurance_service *service);

/* From memory only: the caller's reference, or NULL. */
const struct assurance *assurance_service_find(struct assurance_service *service,
					       const char *destination);

/* Forgets what was found out of destination, what its hosts showed, and with policy
 * what is remembered of its MTA-STS policy (the operator's `forget`). */
void assurance_service_forget(struct assurance_service *service, const char *destination,
			      bool policy);

/* The same for all that was found out; policies and what hosts showed stay. */
void assurance_service_forget_all(struct assurance_service *service);

/* A place in the queue for other threads. Never NULL but for lack of memory. */
struct assurance_ticket;
struct assurance_ticket *assurance_ticket_open(struct assurance_service *service,
					       const char *destination);

/* Waits until the answer is there or clock_mono_ms() passes the deadline: then it
 * is `undetermined`, saying so, and the gathering goes on for whoever asks next.
 * The caller's reference; NULL only when memory is out. May be called again, by
 * one thread at a time. A NULL ticket reads undetermined. */
const struct assurance *assurance_ticket_wait(struct assurance_ticket *ticket,
					      int64_t deadline_mono_ms);
void assurance_ticket_drop(struct assurance_ticket *ticket); /* NULL is fine */
