#include "assurance/live.h"

#include "assurance/pins.h"
#include "base/clock.h"
#include "base/hex.h"
#include "dane/tlsa.h"
#include "dns/client.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "smtp/command.h"
#include "smtp/probe.h"
#include "web/fetch.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SMTP_PORT = 25,    /* RFC 5321 §4.5.4.2 */
	PINNED_BYTES = 32, /* of SHA-256 */
};

static const char policy_path[] = "/.well-known/mta-sts.txt"; /* RFC 8461 §3.2 */

struct assurance_live {
	struct loop *loop;
	struct assurance_live_config config;
	char *ca_file, *probe_ca_file;
	char helo[SMTP_HELO_MAX + 1];
	bool disbelieve;
	const struct dns_answer *spare; /* failed, for when memory is out */
};

struct lookup {
	struct assurance_live *live;
	struct dns_lookup *dns;
	int64_t since_ms;
	dns_done *done;
	void *arg;
};

struct fetch {
	struct assurance_live *live;
	int64_t since_ms;
	struct web_fetch *web;
	assurance_fetched_fn *done;
	void *arg;
};

struct probe { /* and what its wish points to */
	struct assurance_live *live;
	struct smtp_probe *smtp;
	const struct dns_answer *tlsa; /* NULL, or what records borrow from */
	struct tls_tlsa *records;
	char host[DNS_NAME_MAX], kept[ASSURANCE_PROBE_NAMES_MAX][DNS_NAME_MAX];
	const char *names[ASSURANCE_PROBE_NAMES_MAX];
	uint8_t (*digests)[PINNED_BYTES]; /* of pinned keys */
	assurance_probed_fn *done;
	void *arg;
};

struct timer {
	struct loop_timer *timer;
	assurance_timer_fn *fn;
	void *arg;
};

/* The answer as it counts: the caller's reference. */
static const struct dns_answer *weigh(const struct assurance_live *live,
				      const struct dns_answer *answer)
{
	struct dns_answer like = *answer;

	if (!live->disbelieve || answer->trust != DNS_SECURE)
		return dns_answer_ref(answer);
	like.trust = DNS_INSECURE;
	const struct dns_answer *less = dns_answer_make(&like);
	return less ? less : dns_answer_ref(live->spare);
}

static void on_looked_up(void *arg, const struct dns_answer *answer)
{
	struct lookup *lookup = arg;
	struct metrics *metrics = lookup->live->config.metrics;
	dns_done *done = lookup->done;
	void *done_arg = lookup->arg;

	metrics_count(metrics, METRICS_LOOKUPS, answer->status);
	metrics_time(metrics, METRICS_LOOKUP_TIME, clock_mono_ms() - lookup->since_ms);
	const struct dns_answer *weighed = weigh(lookup->live, answer);
	free(lookup);
	done(done_arg, weighed);
	dns_answer_unref(weighed);
}

static void *lookup(void *arg, const char *name, enum dns_type type, dns_done *done, void *done_arg)
{
	struct assurance_live *live = arg;
	struct lookup *lookup = calloc(1, sizeof *lookup);

	if (!lookup)
		return NULL;
	*lookup = (struct lookup){ live, NULL, clock_mono_ms(), done, done_arg };
	lookup->dns = dns_client_lookup(live->config.resolver, name, type, on_looked_up, lookup);
	if (lookup->dns)
		return lookup;
	free(lookup);
	return NULL;
}

static void lookup_cancel(void *arg, void *handle)
{
	struct lookup *lookup = handle;

	(void)arg;
	dns_lookup_cancel(lookup->dns);
	free(lookup);
}

static void on_fetched(void *arg, enum rc rc, struct slice body, const char *why)
{
	struct fetch *fetch = arg;
	const struct assurance_fetched fetched = { .rc = rc, .text = body, .why = why };
	assurance_fetched_fn *done = fetch->done;
	void *done_arg = fetch->arg;

	metrics_count(fetch->live->config.metrics, METRICS_FETCHES, rc != RC_OK);
	metrics_time(fetch->live->config.metrics, METRICS_FETCH_TIME,
		     clock_mono_ms() - fetch->since_ms);
	free(fetch);
	done(done_arg, &fetched);
}

static void *fetch(void *arg, const char *host, const struct dns_address *addresses, size_t count,
		   assurance_fetched_fn *done, void *done_arg)
{
	struct assurance_live *live = arg;
	struct fetch *fetch = calloc(1, sizeof *fetch);
	const struct web_request request = {
		.host = host,
		.port = live->config.sts_port,
		.path = policy_path,
		.address_count = count,
		.addresses = addresses,
		.ca_file = live->ca_file,
		.timeout_ms = live->config.sts_timeout_ms,
	};

	if (!fetch)
		return NULL;
	fetch->live = live;
	fetch->since_ms = clock_mono_ms();
	fetch->done = done;
	fetch->arg = done_arg;
	fetch->web = web_fetch_start(live->loop, &request, on_fetched, fetch);
	if (!fetch->web) {
		free(fetch);
		return NULL;
	}
	return fetch;
}

static void fetch_cancel(void *arg, void *handle)
{
	struct fetch *fetch = handle;

	(void)arg;
	web_fetch_cancel(fetch->web);
	free(fetch);
}

static void probe_free(struct probe *probe)
{
	dns_answer_unref(probe->tlsa);
	free(probe->records);
	free(probe->digests);
	free(probe);
}

static void on_probed(void *arg, const struct smtp_probed *from)
{
	struct probe *probe = arg;
	const struct assurance_probed probed = { .rc = from->rc,
						 .starttls = from->starttls,
						 .authenticated = from->authenticated,
						 .requiretls = from->requiretls,
						 .tls = from->tls,
						 .why = from->why };

	metrics_count(probe->live->config.metrics, METRICS_PROBES,
		      from->rc == RC_OK        ? 0
		      : from->rc == RC_INVALID ? 1
					       : 2);
	probe->done(probe->arg, &probed);
	probe_free(probe);
}

/* The usable records: the others must not come near OpenSSL's hands. */
static bool keep_tlsa(struct probe *probe, const struct dns_answer *tlsa, struct tls_dane *out)
{
	probe->tlsa = dns_answer_ref(tlsa);
	probe->records = calloc(tlsa->count, sizeof *probe->records);
	if (!probe->records)
		return false;
	out->records = probe->records;
	for (size_t i = 0; i < tlsa->count; i++) {
		const struct dns_tlsa *r = &tlsa->records[i].tlsa;

		if (dane_tlsa_is_usable(r, NULL))
			probe->records[out->record_count++] =
				(struct tls_tlsa){ r->usage, r->selector, r->matching, r->data };
	}
	return true;
}

static const char *keep_name(char *room, const char *name)
{
	size_t len = strlen(name);

	memcpy(room, name, len < DNS_NAME_MAX ? len + 1 : 0);
	return room;
}

/* A pinned key is to OpenSSL what a TLSA record 3 1 1 would be. */
static bool keep_keys(struct probe *probe, const struct assurance_pin *pin, struct tls_dane *out)
{
	probe->digests = calloc(pin->key_count, sizeof *probe->digests);
	probe->records = calloc(pin->key_count, sizeof *probe->records);
	if (!probe->digests || !probe->records)
		return false;
	for (size_t i = 0; i < pin->key_count; i++) {
		if (!hex_parse(slice_of(pin->keys[i]), probe->digests[i], PINNED_BYTES))
			return false;
		probe->records[i] = (struct tls_tlsa){
			DANE_EE,
			DANE_PUBLIC_KEY,
			DANE_SHA256,
			{ (const char *)probe->digests[i], PINNED_BYTES },
		};
	}
	probe->names[0] = probe->host;
	*out = (struct tls_dane){ .record_count = pin->key_count,
				  .records = probe->records,
				  .pinned = true,
				  .name_count = 1,
				  .names = probe->names };
	return true;
}

static bool keep_pin(struct probe *probe, const struct assurance_pin *pin, struct tls_wish *out)
{
	if (pin->key_count > 0) {
		out->proof = TLS_BY_DANE;
		return keep_keys(probe, pin, &out->dane);
	}
	out->proof = TLS_BY_PKIX;
	out->name_count = pin->match_count;
	out->names = pin->match;
	out->ca = pin->ca;
	return true;
}

/* Who the host must be, kept beside the probe. */
static bool keep_wish(struct assurance_live *live, struct probe *probe,
		      const struct assurance_probe_wish *wish, struct tls_wish *out)
{
	*out = (struct tls_wish){ .proof = TLS_BY_NOBODY,
				  .host = keep_name(probe->host, wish->host),
				  .ca_file = live->probe_ca_file };
	if (wish->by == ASSURANCE_BY_PIN)
		return keep_pin(probe, wish->pin, out);
	if (wish->by == ASSURANCE_BY_STS)
		out->proof = TLS_BY_PKIX;
	if (wish->by != ASSURANCE_BY_DANE)
		return true;
	for (size_t i = 0; i < wish->name_count && i < ASSURANCE_PROBE_NAMES_MAX; i++)
		probe->names[out->dane.name_count++] = keep_name(probe->kept[i], wish->names[i]);
	out->proof = TLS_BY_DANE;
	out->host = probe->names[0]; /* RFC 7672 §8.1: SNI is the TLSA base domain */
	out->dane.names = probe->names;
	return keep_tlsa(probe, wish->tlsa, &out->dane);
}

static void *probe(void *arg, const struct assurance_probe_wish *wish, assurance_probed_fn *done,
		   void *done_arg)
{
	struct assurance_live *live = arg;
	struct probe *probe = calloc(1, sizeof *probe);
	struct smtp_probe_wish to = { .addresses = wish->addresses,
				      .address_count = wish->address_count,
				      .port = wish->port == SMTP_PORT ? live->config.probe_port
								      : wish->port,
				      .helo = live->helo,
				      .timeout_ms = live->config.probe_timeout_ms };

	if (!probe)
		return NULL;
	probe->live = live;
	probe->done = done;
	probe->arg = done_arg;
	if (keep_wish(live, probe, wish, &to.tls))
		probe->smtp = smtp_probe_start(live->loop, &to, on_probed, probe);
	if (!probe->smtp) {
		probe_free(probe);
		return NULL;
	}
	return probe;
}

static void probe_cancel(void *arg, void *handle)
{
	struct probe *probe = handle;

	(void)arg;
	smtp_probe_cancel(probe->smtp);
	probe_free(probe);
}

static void on_timer(void *arg)
{
	struct timer *timer = arg;
	assurance_timer_fn *fn = timer->fn;
	void *fn_arg = timer->arg;

	loop_timer_free(timer->timer);
	free(timer);
	fn(fn_arg);
}

static void *timer(void *arg, int64_t after_ms, assurance_timer_fn *fn, void *fn_arg)
{
	struct assurance_live *live = arg;
	struct timer *timer = calloc(1, sizeof *timer);

	if (!timer)
		return NULL;
	timer->fn = fn;
	timer->arg = fn_arg;
	timer->timer = loop_timer_new(live->loop, on_timer, timer);
	if (!timer->timer) {
		free(timer);
		return NULL;
	}
	loop_timer_set(timer->timer, after_ms);
	return timer;
}

static void timer_cancel(void *arg, void *handle)
{
	struct timer *timer = handle;

	(void)arg;
	loop_timer_free(timer->timer);
	free(timer);
}

static int64_t now_s(void *arg)
{
	(void)arg;
	return clock_wall_s();
}

static void take_helo(struct assurance_live *live, const char *given)
{
	size_t len = given ? strlen(given) : 0;

	if (len > 0 && len < sizeof live->helo)
		memcpy(live->helo, given, len + 1);
	else if (gethostname(live->helo, sizeof live->helo - 1) != 0 || !*live->helo)
		memcpy(live->helo, "localhost", sizeof "localhost");
}

struct assurance_live *assurance_live_new(struct loop *loop,
					  const struct assurance_live_config *config)
{
	struct assurance_live *live = calloc(1, sizeof *live);

	if (!live)
		return NULL;
	live->loop = loop;
	live->config = *config;
	live->ca_file = strdup(config->sts_ca_file ? config->sts_ca_file : "");
	live->probe_ca_file = strdup(config->probe_ca_file ? config->probe_ca_file : "");
	live->spare = dns_answer_make(&(struct dns_answer){
		.asked = "", .status = DNS_FAILED, .name = "", .why = "memory is out" });
	if (!live->ca_file || !live->probe_ca_file || !live->spare) {
		assurance_live_free(live);
		return NULL;
	}
	take_helo(live, config->probe_helo);
	return live;
}

struct assurance_sources assurance_live_sources(struct assurance_live *live)
{
	return (struct assurance_sources){
		.arg = live,
		.lookup = lookup,
		.lookup_cancel = lookup_cancel,
		.fetch = fetch,
		.fetch_cancel = fetch_cancel,
		.probe = live->config.probe_port ? probe : NULL,
		.probe_cancel = probe_cancel,
		.timer = timer,
		.timer_cancel = timer_cancel,
		.now_s = now_s,
	};
}

void assurance_live_believe(struct assurance_live *live, bool believe)
{
	live->disbelieve = !believe;
}

void assurance_live_free(struct assurance_live *live)
{
	if (!live)
		return;
	dns_answer_unref(live->spare);
	free(live->ca_file);
	free(live->probe_ca_file);
	free(live);
}
