#include "assurance/service.h"

#include "assurance/alarms.h"
#include "assurance/cache.h"
#include "assurance/decide.h"
#include "assurance/destination.h"
#include "assurance/gather.h"
#include "assurance/peers.h"
#include "assurance/pins.h"
#include "assurance/probing.h"
#include "assurance/renewal.h"
#include "assurance/ticket.h"
#include "base/clock.h"
#include "base/table.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "sts/cache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOUBTS_MAX = 1000 }; /* beyond that something else is wrong */

struct job { /* one destination being found out */
	struct assurance_service *service;
	struct assurance_destination destination;
	struct assurance_gather *gather; /* NULL: waits for a place */
	struct assurance_get *gets;
	struct job *next_waiting;
	const struct assurance *spare; /* "undetermined", told when memory is out */
};

struct assurance_get {
	struct assurance_get *next, **at; /* in its job's list */
	assurance_done *done;
	void *arg;
};

struct posted { /* a ticket on its way to the loop, then waiting there */
	struct assurance_service *service;
	struct assurance_ticket *ticket;
	struct assurance_get *get;
	struct posted *next, **at;
};

struct assurance_service {
	struct loop *loop;
	struct assurance_sources sources;
	struct sts_cache *policies;
	struct assurance_pins *pins;
	struct assurance_cache *cache;
	struct table *jobs; /* by destination */
	struct job *waiting, **last_waiting;
	size_t running, running_max;
	struct assurance_renewals *renewals;
	struct assurance_probings *probings;
	struct assurance_peers *peers;
	struct assurance_alarms *alarms;
	assurance_alarm_fn *alarm;
	void *alarm_arg;
	struct metrics *metrics;
	struct posted *tickets;
	int64_t gather_ms;
	bool whole, probe, closed;
	struct table *doubts;   /* by destination: what was found of pinned hosts */
	_Atomic size_t holders; /* the owner, and tickets posted to the loop */
};

static int64_t now_s(const struct assurance_service *service)
{
	return service->sources.now_s(service->sources.arg);
}

void assurance_service_renew(struct assurance_service *service)
{
	assurance_renew_due(service->renewals);
}

/* ---- doubts: pinned hosts that do not bear what is pinned ---- */

static void drop_doubts(struct assurance_service *service)
{
	size_t at = 0;
	struct slice key;
	void *old;

	while (service->doubts && table_next(service->doubts, &at, &key, &old)) {
		table_remove(service->doubts, key);
		assurance_unref(old);
	}
}

/* The operator's word on destination, or what was found to be so in its place. */
static const struct assurance *find_pinned(const struct assurance_service *service,
					   const struct assurance_destination *destination)
{
	const struct assurance *doubt = table_find(service->doubts, slice_of(destination->text));

	if (doubt && now_s(service) < doubt->until)
		return assurance_ref(doubt);
	return assurance_pins_find(service->pins, destination, now_s(service));
}

/* ---- alarms ---- */

static void alarm_about(struct assurance_service *service, const char *matter, const char *words)
{
	if (!service->alarm || !assurance_alarm_is_due(service->alarms, matter, now_s(service)))
		return;
	metrics_count(service->metrics, METRICS_ALARMS, 0);
	service->alarm(service->alarm_arg, words);
}

/* Who had `enforce` and lost it: the attack that MTA-STS is there to make visible. */
static void watch_policy(struct assurance_service *service, const char *domain)
{
	struct sts_known known = sts_cache_find(service->policies, domain, now_s(service));
	char matter[DNS_NAME_MAX + 8];
	struct fault words;

	if (known.standing != STS_LOST)
		return;
	snprintf(matter, sizeof matter, "lost %s", domain);
	(void)!fault(&words, RC_RETRY,
		     "%s had an MTA-STS policy in mode enforce, which ran out and cannot be "
		     "renewed (%s): protected mail to it waits; ask its postmaster",
		     domain, *known.failure ? known.failure : "no fetch has ended yet");
	alarm_about(service, matter, words.text);
}

static void watch_peers(struct assurance_service *service)
{
	if (assurance_peers_are_stripped(service->peers, now_s(service)))
		alarm_about(service, "stripped",
			    "none of the mail servers that were spoken to lately offers STARTTLS, "
			    "though all promised it: something near us takes it away (a firewall "
			    "that \"inspects\" SMTP, a transparent proxy)");
}

/* ---- jobs ---- */

static void tell(struct assurance_get *get, const struct assurance *assurance)
{
	assurance_done *done = get->done;
	void *arg = get->arg;

	*get->at = get->next;
	if (get->next)
		get->next->at = get->at;
	free(get);
	done(arg, assurance);
}

static void job_free(struct job *job)
{
	assurance_gather_cancel(job->gather);
	while (job->gets)
		assurance_service_cancel(job->gets);
	assurance_unref(job->spare);
	free(job);
}

/* Takes the job out before it tells: what a callback asks for starts anew, and a
 * callback may cancel those that wait behind it. */
static void job_end(struct job *job, const struct assurance *assurance)
{
	table_remove(job->service->jobs, slice_of(job->destination.text));
	while (job->gets)
		tell(job->gets, assurance);
	job_free(job);
}

static bool start(struct job *job);

static void start_waiting(struct assurance_service *service)
{
	while (service->waiting && service->running < service->running_max) {
		struct job *job = service->waiting;

		service->waiting = job->next_waiting;
		if (!service->waiting)
			service->last_waiting = &service->waiting;
		if (!start(job))
			job_end(job, job->spare);
	}
}

static void on_gathered(void *arg, const struct assurance_gathered *gathered)
{
	struct job *job = arg;
	struct assurance_service *service = job->service;
	const struct assurance *found = assurance_ref(gathered->assurance);

	job->gather = NULL;
	service->running--;
	if (found) {
		metrics_count(service->metrics, METRICS_ASSURANCE, found->level);
		metrics_count(service->metrics, METRICS_PROOFS, found->by);
	}
	if (found && !assurance_pins_pick(service->pins, &job->destination))
		assurance_cache_keep(service->cache, job->destination.text, found);
	if (gathered->refresh)
		assurance_renew(service->renewals, job->destination.name, gathered->id);
	watch_policy(service, job->destination.name);
	job_end(job, found ? found : job->spare);
	assurance_unref(found);
	start_waiting(service);
}

static bool start(struct job *job)
{
	struct assurance_service *service = job->service;
	const struct assurance_gather_wish wish = {
		.destination = &job->destination,
		.policies = service->policies,
		.within_ms = service->gather_ms,
		.whole = service->whole,
		.probe = service->probe,
		.pins = service->pins,
		.peers = service->probe ? NULL : service->peers,
	};

	job->gather = assurance_gather_start(&service->sources, &wish, on_gathered, job);
	if (job->gather)
		service->running++;
	return job->gather;
}

static struct job *job_new(struct assurance_service *service,
			   const struct assurance_destination *destination)
{
	struct job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	job->service = service;
	job->destination = *destination;
	job->spare = assurance_undetermined(job->destination.text, "memory is out", now_s(service));
	if (!job->spare || !table_set(service->jobs, slice_of(destination->text), job, NULL)) {
		job_free(job);
		return NULL;
	}
	if (service->running >= service->running_max) {
		*service->last_waiting = job;
		service->last_waiting = &job->next_waiting;
	} else if (!start(job)) {
		table_remove(service->jobs, slice_of(destination->text));
		job_free(job);
		return NULL;
	}
	return job;
}

static struct assurance_get *join(struct assurance_service *service,
				  const struct assurance_destination *destination,
				  assurance_done *done, void *arg)
{
	metrics_count(service->metrics, METRICS_CACHE, 1);
	struct job *job = table_find(service->jobs, slice_of(destination->text));
	struct assurance_get *get = calloc(1, sizeof *get);

	if (!get)
		return NULL;
	if (!job)
		job = job_new(service, destination);
	if (!job) {
		free(get);
		return NULL;
	}
	get->done = done;
	get->arg = arg;
	get->next = job->gets;
	get->at = &job->gets;
	if (get->next)
		get->next->at = &get->next;
	job->gets = get;
	return get;
}

/* ---- asking ---- */

static const struct assurance *decide_literal(const struct assurance_service *service,
					      const struct assurance_destination *destination)
{
	const struct assurance_evidence evidence = {
		.destination = destination,
		.now_s = now_s(service),
		.policy = { .why = "" },
	};
	return assurance_decide(&evidence);
}

static const struct assurance *decide_nonsense(const struct assurance_service *service,
					       const char *text, const char *reason)
{
	char domain[ASSURANCE_DESTINATION_MAX];
	size_t len = strnlen(text, sizeof domain - 1);
	const struct assurance like = {
		.domain = domain,
		.level = ASSURANCE_UNROUTABLE,
		.until = now_s(service) + ASSURANCE_UNTIL_MAX_S,
		.reason_count = 1,
		.reasons = &reason,
	};

	for (size_t i = 0; i < len; i++)
		domain[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	domain[len] = '\0';
	return assurance_make(&like);
}

/* The operator's word needs no lookup, but for a report of what is published beside it. */
static bool must_look(const struct assurance_service *service, const struct assurance_pin *pin,
		      const struct assurance_destination *destination)
{
	return !destination->literal && pin->level != ASSURANCE_UNROUTABLE &&
	       (service->whole || service->probe);
}

/* What is known without asking anyone: the caller's reference. NULL: *unknown is
 * set when it has to be gathered, otherwise memory is out. */
static const struct assurance *know(struct assurance_service *service, const char *text,
				    struct assurance_destination *destination, bool *unknown)
{
	struct fault why = { 0 };

	*unknown = false;
	/* Whatever text is found there needs no other form, and has no pin. */
	const struct assurance *cached = assurance_cache_find(service->cache, text, now_s(service));
	if (cached) {
		metrics_count(service->metrics, METRICS_CACHE, 0);
		return cached;
	}
	enum rc rc = assurance_destination_parse(slice_of(text), destination, &why);
	if (rc == RC_NOMEM)
		return NULL;
	if (rc != RC_OK)
		return decide_nonsense(service, text, why.text);
	const struct assurance_pin *pin = assurance_pins_pick(service->pins, destination);
	if (pin && !must_look(service, pin, destination))
		return find_pinned(service, destination);
	if (destination->literal)
		return decide_literal(service, destination);
	cached = assurance_cache_find(service->cache, destination->text, now_s(service));
	*unknown = !cached;
	return cached;
}

struct assurance_get *assurance_service_get(struct assurance_service *service,
					    const char *destination, assurance_done *done,
					    void *arg)
{
	struct assurance_destination parsed;
	bool unknown;
	const struct assurance *known = know(service, destination, &parsed, &unknown);

	if (unknown)
		return join(service, &parsed, done, arg);
	if (known)
		done(arg, known);
	assurance_unref(known);
	return NULL;
}

void assurance_service_cancel(struct assurance_get *get)
{
	if (!get)
		return;
	*get->at = get->next;
	if (get->next)
		get->next->at = get->at;
	free(get);
}

const struct assurance *assurance_service_find(struct assurance_service *service,
					       const char *destination)
{
	struct assurance_destination parsed;
	bool unknown;

	return know(service, destination, &parsed, &unknown);
}

void assurance_service_forget(struct assurance_service *service, const char *destination,
			      bool policy)
{
	struct assurance_destination parsed;

	if (assurance_destination_parse(slice_of(destination), &parsed, NULL) != RC_OK)
		return;
	const struct assurance *known =
		assurance_cache_find(service->cache, parsed.text, now_s(service));
	for (size_t i = 0; known && i < known->mx_count; i++)
		assurance_peers_forget(service->peers, known->mx[i].host);
	assurance_unref(known);
	const struct assurance *doubt = table_remove(service->doubts, slice_of(parsed.text));
	for (size_t i = 0; doubt && i < doubt->mx_count; i++)
		assurance_peers_forget(service->peers, doubt->mx[i].host);
	assurance_unref(doubt);
	assurance_probing_forget(service->probings, parsed.text);
	assurance_cache_forget(service->cache, parsed.text);
	if (policy)
		sts_cache_forget(service->policies, parsed.name);
}

void assurance_service_forget_all(struct assurance_service *service)
{
	assurance_cache_clear(service->cache);
}

enum rc assurance_service_set_pins(struct assurance_service *service,
				   const struct assurance_pin *pins, size_t count,
				   struct fault *why)
{
	struct assurance_pins *made = NULL;
	enum rc rc = assurance_pins_make(pins, count, &made, why);

	if (rc != RC_OK)
		return rc;
	assurance_pins_free(service->pins);
	service->pins = made;
	/* The operator's word comes before what was learnt; what was learnt of pinned hosts may be
	 * of another pin. */
	bool all = false;
	for (size_t i = 0; i < count; i++) {
		assurance_service_forget(service, pins[i].domain, false);
		all |= pins[i].domain[0] == '.';
	}
	if (all)
		assurance_cache_clear(service->cache);
	drop_doubts(service);
	return RC_OK;
}

/* ---- probes in the background ---- */

/* A pinned destination whose hosts have shown that they do not bear what is pinned: that is
 * kept in the pin's place, as long as a probe counts. */
static void doubt(struct assurance_service *service, const struct assurance *shown)
{
	struct assurance like = *shown;
	const struct assurance *kept;
	char matter[ASSURANCE_DESTINATION_MAX + 8];
	struct fault words;

	like.until = now_s(service) + ASSURANCE_PEER_BAD_S;
	kept = assurance_make(&like);
	if (!kept)
		return;
	assurance_unref(table_remove(service->doubts, slice_of(kept->domain)));
	if (table_count(service->doubts) >= DOUBTS_MAX)
		drop_doubts(service);
	if (!table_set(service->doubts, slice_of(kept->domain), (void *)(uintptr_t)kept, NULL))
		assurance_unref(kept);
	snprintf(matter, sizeof matter, "pin %s", like.domain);
	(void)!fault(&words, RC_INVALID, "the pin of %s is not kept: %s", like.domain,
		     like.reason_count ? like.reasons[0] : "");
	alarm_about(service, matter, words.text);
}

/* What was known before is looked at anew. */
static void on_probing_done(void *arg, const struct assurance_destination *destination,
			    const struct assurance *shown)
{
	struct assurance_service *service = arg;

	assurance_cache_forget(service->cache, destination->text);
	assurance_unref(table_remove(service->doubts, slice_of(destination->text)));
	if (shown && assurance_pins_pick(service->pins, destination) &&
	    (shown->level == ASSURANCE_NONE || shown->level == ASSURANCE_ENCRYPTED))
		doubt(service, shown);
	watch_peers(service);
}

struct wish { /* on its way to the loop */
	struct assurance_service *service;
	char destination[];
};

static void let_go(struct assurance_service *service);

static void on_wish(void *arg)
{
	struct wish *wish = arg;
	struct assurance_service *service = wish->service;
	struct assurance_destination d;

	if (!service->closed &&
	    assurance_destination_parse(slice_of(wish->destination), &d, NULL) == RC_OK)
		assurance_probing_start(service->probings, &d, service->pins);
	free(wish);
	let_go(service);
}

void assurance_service_probe(struct assurance_service *service, const char *destination)
{
	size_t len = strlen(destination);
	struct wish *wish = service->sources.probe ? malloc(sizeof *wish + len + 1) : NULL;

	if (!wish)
		return;
	wish->service = service;
	memcpy(wish->destination, destination, len + 1);
	atomic_fetch_add(&service->holders, 1);
	if (!service->loop) /* one thread does everything */
		on_wish(wish);
	else if (loop_post(service->loop, on_wish, wish) != RC_OK) {
		free(wish);
		let_go(service);
	}
}

size_t assurance_service_count(struct assurance_service *service)
{
	return assurance_cache_count(service->cache);
}

bool assurance_service_is_stripped(const struct assurance_service *service)
{
	return assurance_peers_are_stripped(service->peers, now_s(service));
}

/* ---- tickets ---- */

static void let_go(struct assurance_service *service)
{
	if (atomic_fetch_sub(&service->holders, 1) == 1)
		free(service);
}

static void answer(struct posted *posted, const struct assurance *assurance)
{
	struct assurance_service *service = posted->service;

	if (posted->at) {
		*posted->at = posted->next;
		if (posted->next)
			posted->next->at = posted->at;
	}
	assurance_ticket_answer(posted->ticket, assurance);
	free(posted);
	let_go(service);
}

static void answer_undetermined(struct posted *posted, const char *reason)
{
	const struct assurance *a = assurance_undetermined(
		assurance_ticket_destination(posted->ticket), reason, clock_wall_s());

	answer(posted, a);
	assurance_unref(a);
}

static void on_answer(void *arg, const struct assurance *assurance)
{
	answer(arg, assurance);
}

static void on_posted(void *arg)
{
	struct posted *posted = arg;
	struct assurance_service *service = posted->service;
	struct assurance_destination parsed;
	const char *text = assurance_ticket_destination(posted->ticket);
	const struct assurance *known;
	bool unknown;

	if (service->closed) {
		answer_undetermined(posted, "Postern is stopping");
		return;
	}
	known = know(service, text, &parsed, &unknown);
	if (!unknown) {
		answer(posted, known);
		assurance_unref(known);
		return;
	}
	posted->get = join(service, &parsed, on_answer, posted);
	if (!posted->get) {
		answer_undetermined(posted, "memory is out");
		return;
	}
	posted->next = service->tickets;
	posted->at = &service->tickets;
	if (posted->next)
		posted->next->at = &posted->next;
	service->tickets = posted;
}

struct assurance_ticket *assurance_ticket_open(struct assurance_service *service,
					       const char *destination)
{
	struct assurance_ticket *ticket = assurance_ticket_new(destination);
	/* What is known needs no turn of the loop. */
	const struct assurance *known =
		ticket ? assurance_cache_find(service->cache, destination, now_s(service)) : NULL;

	if (known) {
		metrics_count(service->metrics, METRICS_CACHE, 0);
		assurance_ticket_answer(ticket, known);
		assurance_unref(known);
		return ticket;
	}
	struct posted *posted = calloc(1, sizeof *posted);
	if (!ticket || !posted) {
		free(posted);
		if (ticket)
			assurance_ticket_answer(ticket, NULL);
		return ticket;
	}
	posted->service = service;
	posted->ticket = ticket;
	atomic_fetch_add(&service->holders, 1);
	if (loop_post(service->loop, on_posted, posted) != RC_OK)
		answer(posted, NULL);
	return ticket;
}

/* ---- life ---- */

struct assurance_service *assurance_service_new(struct loop *loop,
						const struct assurance_service_config *config,
						struct fault *why)
{
	struct assurance_service *service = calloc(1, sizeof *service);

	if (!service) {
		(void)fault(why, RC_NOMEM, "memory is out");
		return NULL;
	}
	service->loop = loop;
	service->sources = config->sources;
	service->policies = config->policies;
	service->gather_ms = config->gather_ms ? config->gather_ms : ASSURANCE_GATHER_MAX_MS;
	service->running_max = config->gather_max ? config->gather_max : ASSURANCE_GATHERS_MAX;
	service->whole = config->whole;
	service->probe = config->probe;
	service->last_waiting = &service->waiting;
	atomic_init(&service->holders, 1);
	service->cache =
		assurance_cache_new(config->cache_max ? config->cache_max : ASSURANCE_CACHE_MAX);
	service->jobs = table_new();
	service->doubts = table_new();
	service->peers = assurance_peers_new();
	service->alarms = assurance_alarms_new();
	service->alarm = config->alarm;
	service->alarm_arg = config->alarm_arg;
	service->metrics = config->metrics;
	service->renewals = assurance_renewals_new(&service->sources, service->policies);
	if (service->peers)
		service->probings =
			assurance_probings_new(&service->sources, service->policies, service->peers,
					       service->gather_ms, on_probing_done, service);
	if (!service->cache || !service->jobs || !service->doubts || !service->probings ||
	    !service->alarms || !service->renewals) {
		(void)fault(why, RC_NOMEM, "memory is out");
		assurance_service_free(service);
		return NULL;
	}
	if (assurance_pins_make(config->pins, config->pin_count, &service->pins, why) != RC_OK) {
		assurance_service_free(service);
		return NULL;
	}
	return service;
}

static void stop(struct assurance_service *service)
{
	size_t at = 0;
	struct slice key;
	void *job;

	while (service->tickets) {
		assurance_service_cancel(service->tickets->get);
		answer_undetermined(service->tickets, "Postern is stopping");
	}
	while (service->jobs && table_next(service->jobs, &at, &key, &job))
		job_free(job);
	assurance_probings_free(service->probings);
	assurance_renewals_free(service->renewals);
	service->probings = NULL;
	service->renewals = NULL;
}

void assurance_service_free(struct assurance_service *service)
{
	if (!service)
		return;
	service->closed = true;
	stop(service);
	table_free(service->jobs);
	drop_doubts(service);
	table_free(service->doubts);
	service->doubts = NULL;
	assurance_cache_free(service->cache);
	assurance_pins_free(service->pins);
	assurance_peers_free(service->peers);
	assurance_alarms_free(service->alarms);
	service->alarms = NULL;
	service->peers = NULL;
	service->jobs = NULL;
	service->cache = NULL;
	service->pins = NULL;
	let_go(service);
}
