#include "assurance/gather.h"

#include "assurance/decide.h"
#include "assurance/hosts.h"
#include "assurance/policy.h"
#include "assurance/probes.h"
#include "base/arena.h"
#include "dane/base.h"
#include "dane/tlsa.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One question: its answer goes where `slot` points. */
struct ask {
	struct assurance_gather *gather;
	void *lookup; /* NULL: not under way */
	const struct dns_answer **slot;
};

enum { ASK_A, ASK_AAAA, ASK_CNAME, ASK_EXPANDED, ASK_ORIGINAL, ASKS };

struct gather_host {
	struct ask asks[ASKS];
};

enum { GATHER_BYTES_MAX = 512 * 1024 };

struct assurance_gather {
	const struct assurance_sources *sources;
	struct assurance_destination destination;
	struct sts_cache *policies;
	struct arena *arena;
	bool whole, probe;
	struct assurance_peers *peers;
	struct assurance_pins *pins;
	const struct assurance_pin *pin; /* of them; NULL: there is none for it */

	struct ask mx_ask, txt_ask;
	const struct dns_answer *mx, *txt;
	bool hosts_known, hosts_idle;
	bool weighed; /* whether anything is promised, once MX and policy are known */
	size_t host_count;
	struct assurance_host hosts[ASSURANCE_HOSTS_MAX];
	struct gather_host asks[ASSURANCE_HOSTS_MAX];

	bool policy_known, policy_fetched, refresh, unannounced;
	char id[STS_ID_MAX + 1];
	struct assurance_policy_job *policy_job;

	struct assurance_probes *probes; /* once all else is there */

	void *timer, *patience; /* patience: with a fetch that is not needed urgently */
	bool stuck;             /* memory is out: what is missing stays so */
	char cut[64];
	assurance_gathered_fn *done;
	void *arg;
};

static void advance(struct assurance_gather *g);

static void drop_ask(struct assurance_gather *g, struct ask *ask)
{
	if (ask->lookup)
		g->sources->lookup_cancel(g->sources->arg, ask->lookup);
	ask->lookup = NULL;
}

static void drop_patience(struct assurance_gather *g)
{
	if (g->patience)
		g->sources->timer_cancel(g->sources->arg, g->patience);
	g->patience = NULL;
}

void assurance_gather_cancel(struct assurance_gather *g)
{
	if (!g)
		return;
	drop_ask(g, &g->mx_ask);
	drop_ask(g, &g->txt_ask);
	assurance_policy_cancel(g->policy_job);
	assurance_probes_free(g->probes);
	for (size_t i = 0; i < g->host_count; i++) {
		const struct dns_answer *answers[ASKS] = { g->hosts[i].a, g->hosts[i].aaaa,
							   g->hosts[i].cname, g->hosts[i].expanded,
							   g->hosts[i].original };
		for (int n = 0; n < ASKS; n++) {
			drop_ask(g, &g->asks[i].asks[n]);
			dns_answer_unref(answers[n]);
		}
	}
	if (g->timer)
		g->sources->timer_cancel(g->sources->arg, g->timer);
	drop_patience(g);
	dns_answer_unref(g->mx);
	dns_answer_unref(g->txt);
	arena_free(g->arena);
	assurance_pins_free(g->pins);
	free(g);
}

static void on_stuck(void *arg)
{
	struct assurance_gather *g = arg;

	g->timer = NULL;
	advance(g);
}

/* No question can be asked any more. If not even a timer can be had, the one
 * that is set ends it. */
static void get_stuck(struct assurance_gather *g)
{
	void *timer;

	if (g->stuck)
		return;
	g->stuck = true;
	snprintf(g->cut, sizeof g->cut, "memory is out");
	timer = g->sources->timer(g->sources->arg, 0, on_stuck, g);
	if (timer && g->timer)
		g->sources->timer_cancel(g->sources->arg, g->timer);
	if (timer)
		g->timer = timer;
}

static void on_answer(void *arg, const struct dns_answer *answer)
{
	struct ask *ask = arg;

	ask->lookup = NULL;
	*ask->slot = dns_answer_ref(answer);
	advance(ask->gather);
}

static void put(struct assurance_gather *g, struct ask *ask, const char *name, enum dns_type type,
		const struct dns_answer **slot)
{
	if (ask->lookup || *slot)
		return;
	ask->gather = g;
	ask->slot = slot;
	ask->lookup = g->sources->lookup(g->sources->arg, name, type, on_answer, ask);
	if (!ask->lookup)
		get_stuck(g);
}

static void on_policy(void *arg, bool ok)
{
	struct assurance_gather *g = arg;

	drop_patience(g);
	g->policy_job = NULL;
	g->policy_fetched = ok;
	g->policy_known = true;
	advance(g);
}

static void on_patience_over(void *arg)
{
	struct assurance_gather *g = arg;

	g->patience = NULL;
	assurance_policy_cancel(g->policy_job);
	g->policy_job = NULL;
	g->refresh = true; /* in the background */
	g->policy_known = true;
	advance(g);
}

/* A live policy applies while the new one cannot be had (RFC 8461 §3.3): who
 * blocks HTTPS must not even gain a delay by it. */
static void limit_patience(struct assurance_gather *g)
{
	const struct assurance_sources *s = g->sources;

	if (sts_cache_find(g->policies, g->destination.name, s->now_s(s->arg)).standing == STS_LIVE)
		g->patience = s->timer(s->arg, ASSURANCE_PATIENCE_MS, on_patience_over, g);
}

/* The TXT record is there: is a policy to be fetched? */
static void advance_policy(struct assurance_gather *g)
{
	struct sts_record record;
	bool announced;

	if (g->policy_known || g->policy_job || !g->txt)
		return;
	announced = sts_record_choose(g->txt, &record, NULL) == RC_OK;
	if (announced)
		memcpy(g->id, record.id, sizeof g->id);
	switch (sts_cache_need(g->policies, g->destination.name, announced ? &record : NULL,
			       g->sources->now_s(g->sources->arg))) {
	case STS_NEED_REFRESH:
		g->refresh = true;
		g->policy_known = true;
		return;
	case STS_NEED_NOTHING:
		g->policy_known = true;
		return;
	case STS_NEED_FETCH:
		break;
	}
	g->policy_job = assurance_policy_fetch(g->sources, g->policies, g->destination.name, g->id,
					       on_policy, g);
	if (g->policy_job)
		limit_patience(g);
	else
		get_stuck(g);
}

/* Asks what is to be asked next about a host; false while it is not finished.
 * *proved: DANE authenticates it. */
static bool advance_host(struct assurance_gather *g, size_t i, bool *proved)
{
	struct assurance_host *host = &g->hosts[i];
	struct ask *asks = g->asks[i].asks;
	const struct dane_evidence evidence = assurance_host_evidence(
		host, g->destination.port, g->destination.host || g->mx->trust == DNS_SECURE);
	struct dane_step step;

	dane_base_step(&evidence, &step);
	switch (step.next) {
	case DANE_ASK_ADDRESSES:
		put(g, &asks[ASK_A], step.ask, DNS_A, &host->a);
		put(g, &asks[ASK_AAAA], step.ask, DNS_AAAA, &host->aaaa);
		return false;
	case DANE_ASK_CNAME:
		put(g, &asks[ASK_CNAME], step.ask, DNS_CNAME, &host->cname);
		return false;
	case DANE_ASK_EXPANDED:
		put(g, &asks[ASK_EXPANDED], step.ask, DNS_TLSA, &host->expanded);
		return false;
	case DANE_ASK_ORIGINAL:
		put(g, &asks[ASK_ORIGINAL], step.ask, DNS_TLSA, &host->original);
		return false;
	case DANE_DONE:
		break;
	}
	if (step.outcome == DANE_BOUND && dane_tlsa_count_usable(step.bound, NULL) > 0)
		*proved = true;
	return true;
}

/* Unsigned MX records and no policy: nothing is promised, whatever the hosts are. That
 * none of them may have an address is then the MTA's to find out. */
static bool promises_nothing(struct assurance_gather *g)
{
	struct assurance_policy policy = { 0 };
	const struct assurance_sources *s = g->sources;

	if (g->weighed || g->whole || g->probe || !g->policy_known || !g->mx ||
	    g->mx->status != DNS_FOUND || g->mx->trust == DNS_SECURE)
		return g->hosts_idle;
	g->weighed = true;
	g->hosts_idle = assurance_policy_conclude(g->policies, g->destination.name, g->txt, NULL,
						  g->policy_fetched, s->now_s(s->arg), g->arena,
						  &policy) == RC_OK &&
			policy.promise == ASSURANCE_UNPROMISED;
	return g->hosts_idle;
}

/* Whether nothing that is still to come can change the outcome. */
static bool advance_all(struct assurance_gather *g)
{
	bool finished = true, proved = false;

	advance_policy(g);
	if (!g->hosts_known) {
		if (!g->destination.host && !g->mx)
			return false;
		g->host_count = assurance_hosts(&g->destination, g->mx, g->hosts);
		g->hosts_known = true;
	}
	if (g->host_count == 0)
		return true;
	if (promises_nothing(g))
		return true;
	for (size_t i = 0; i < g->host_count; i++)
		if (!advance_host(g, i, &proved))
			finished = false;
	if (!finished)
		return false;
	if (g->policy_known)
		return true;
	if (!proved || g->whole)
		return false;
	g->refresh = true; /* the policy can come later: nobody waits for it */
	snprintf(g->cut, sizeof g->cut, "DANE did not need it");
	return true;
}

/* NULL: out of memory. */
static const struct assurance *conclude(struct assurance_gather *g)
{
	struct assurance_evidence evidence = {
		.destination = &g->destination,
		.mx = g->mx,
		.host_count = g->host_count,
		.hosts = g->hosts,
		.now_s = g->sources->now_s(g->sources->arg),
		.cut = *g->cut ? g->cut : NULL,
		.hosts_idle = g->hosts_idle,
		.pin = g->pin,
	};

	if (assurance_policy_conclude(g->policies, g->destination.name, g->txt,
				      g->policy_known ? NULL : g->cut, g->policy_fetched,
				      evidence.now_s, g->arena, &evidence.policy) != RC_OK)
		return NULL;
	if (!g->txt)
		evidence.policy.ttl = UINT32_MAX;
	if (g->unannounced)
		evidence.policy.promise = ASSURANCE_UNPROMISED;
	return assurance_decide(&evidence);
}

static struct assurance_probes_wish probes_wish(const struct assurance_gather *g,
						const struct assurance *judged)
{
	return (struct assurance_probes_wish){ .destination = &g->destination,
					       .mx = g->mx,
					       .hosts = g->hosts,
					       .judged = judged,
					       .pin = g->pin,
					       .peers = g->peers };
}

/* What was found out, weighed again with what the hosts have shown before. */
static const struct assurance *recall(struct assurance_gather *g, const struct assurance *judged)
{
	const struct assurance_probes_wish wish = probes_wish(g, judged);

	if (!judged || judged->mx_count != g->host_count ||
	    !assurance_probes_recall(&wish, g->hosts, g->sources->now_s(g->sources->arg)))
		return judged;
	assurance_unref(judged);
	return conclude(g);
}

static void finish(struct assurance_gather *g)
{
	struct assurance_gathered gathered = { .refresh = g->refresh };
	assurance_gathered_fn *done = g->done;
	void *arg = g->arg;

	/* What was to be probed, and was not, is not known to be good. */
	if (g->probe)
		assurance_probes_settle(g->probes, g->hosts, g->host_count);
	memcpy(gathered.id, g->id, sizeof gathered.id);
	gathered.assurance = conclude(g);
	if (!g->probe && g->peers)
		gathered.assurance = recall(g, gathered.assurance);
	assurance_gather_cancel(g);
	done(arg, &gathered);
	assurance_unref(gathered.assurance);
}

static void on_probed(void *arg)
{
	finish(arg);
}

/* False: there is nobody to be probed, or no memory for it. */
static bool start_probes(struct assurance_gather *g)
{
	const struct assurance *judged = conclude(g);
	const struct assurance_probes_wish wish = probes_wish(g, judged);

	if (judged && judged->mx_count == g->host_count)
		g->probes = assurance_probes_start(g->sources, &wish, on_probed, g);
	assurance_unref(judged);
	return g->probes;
}

static void advance(struct assurance_gather *g)
{
	if (g->probes) /* what comes now, such as a policy that nobody waits for, is kept */
		return;
	if (!advance_all(g) && !(g->stuck && !g->timer))
		return;
	if (!g->probe || g->stuck || !start_probes(g))
		finish(g);
}

static void on_deadline(void *arg)
{
	struct assurance_gather *g = arg;

	g->timer = NULL;
	finish(g);
}

static bool start(struct assurance_gather *g, int64_t within_ms)
{
	char name[DNS_NAME_MAX];
	int len = snprintf(name, sizeof name, "_mta-sts.%s", g->destination.name);

	g->arena = arena_new(GATHER_BYTES_MAX);
	if (!g->arena)
		return false;
	snprintf(g->cut, sizeof g->cut, "no answer within %" PRId64 " s", (within_ms + 999) / 1000);
	g->timer = g->sources->timer(g->sources->arg, within_ms, on_deadline, g);
	if (!g->timer)
		return false;
	if (len < 0 || (size_t)len >= sizeof name)
		g->unannounced = g->policy_known = true; /* no such record can exist */
	else
		put(g, &g->txt_ask, name, DNS_TXT, &g->txt);
	if (g->destination.host)
		(void)advance_all(g);
	else
		put(g, &g->mx_ask, g->destination.name, DNS_MX, &g->mx);
	return !g->stuck;
}

struct assurance_gather *assurance_gather_start(const struct assurance_sources *sources,
						const struct assurance_gather_wish *wish,
						assurance_gathered_fn *done, void *arg)
{
	struct assurance_gather *g = calloc(1, sizeof *g);

	if (!g)
		return NULL;
	g->sources = sources;
	g->destination = *wish->destination;
	g->policies = wish->policies;
	g->whole = wish->whole;
	g->probe = wish->probe && sources->probe;
	g->peers = wish->peers;
	g->pins = assurance_pins_ref(wish->pins);
	g->pin = g->pins ? assurance_pins_pick(g->pins, &g->destination) : NULL;
	g->done = done;
	g->arg = arg;
	if (!start(g, wish->within_ms)) {
		assurance_gather_cancel(g);
		return NULL;
	}
	return g;
}
