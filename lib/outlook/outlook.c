#include "outlook/outlook.h"

#include "assurance/live.h"
#include "assurance/memory.h"
#include "assurance/pins.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "dns/client.h"
#include "dns/selftest.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "outlook/anchors.h"
#include "settings/network.h"
#include "store/store.h"
#include "sts/shelf.h"

#include <stdlib.h>
#include <string.h>

struct outlook {
	const struct settings *settings;
	outlook_complain_fn *complain;
	outlook_resolver_fn *say;
	void *arg;
	struct loop *loop;
	struct dns_client_config resolvers;
	struct dns_client *resolver;
	struct dns_selftest *test;
	struct loop_timer *again; /* the next test */
	struct loop_timer *renewal;
	outlook_alarm_fn *alarm;
	bool misled; /* a resolver gave out what is bogus */
	char *said;  /* of the last one; NULL: none yet */
	struct assurance_live *live;
	struct assurance_memory *memory;
	struct sts_cache *policies;
	struct assurance_service *service;
};

static bool trusts(const void *arg, int family, const uint8_t *address)
{
	return settings_networks_have(arg, family, address);
}

static void alarm_about(void *arg, const char *words)
{
	struct outlook *o = arg;

	if (o->alarm)
		o->alarm(o->arg, words);
}

static void complain(void *arg, const char *words)
{
	struct outlook *o = arg;

	if (o->complain)
		o->complain(o->arg, words);
}

static enum rc open_sources(struct outlook *o, struct loop *loop, const struct settings *settings,
			    struct metrics *metrics, struct fault *why)
{
	const struct settings_resolver *r = &settings->resolver;
	o->resolvers = (struct dns_client_config){
		.servers = r->servers.at,
		.server_count = r->servers.count,
		.port = (uint16_t)r->port,
		.trusts = trusts,
		.trusts_arg = &r->trust_ad,
		.timeout_ms = r->timeout_ms,
		.tries = r->tries,
	};
	o->resolver = dns_client_new(loop, &o->resolvers, why);
	if (!o->resolver)
		return RC_INVALID;

	struct assurance_live_config live = {
		.resolver = o->resolver,
		.metrics = metrics,
		.sts_port = (uint16_t)settings->sts.port,
		.sts_ca_file = settings->sts.ca_file,
		.sts_timeout_ms = settings->sts.timeout_ms,
		.probe_port = settings->probe.enabled ? (uint16_t)settings->probe.port : 0,
		.probe_ca_file = settings->probe.ca_file,
		.probe_helo = settings->probe.helo,
		.probe_timeout_ms = settings->probe.timeout_ms,
	};
	o->live = assurance_live_new(loop, &live);
	return o->live ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

static void on_tested(void *arg, const char *complaints, bool misleading)
{
	struct outlook *o = arg;

	o->test = NULL;
	assurance_live_believe(o->live, !misleading);
	if (misleading != o->misled) /* what was found out rests on the other belief */
		assurance_service_forget_all(o->service);
	o->misled = misleading;
	loop_timer_set(o->again, OUTLOOK_TEST_S * 1000);
	if (o->said && strcmp(o->said, complaints) == 0)
		return;
	free(o->said);
	o->said = strdup(complaints); /* NULL: said again the next time */
	o->say(o->arg, complaints);
}

static void test_resolvers(void *arg)
{
	struct outlook *o = arg;
	struct fault why;

	o->test = dns_selftest_start(o->loop, &o->resolvers, o->settings->resolver.bogus_name,
				     on_tested, o, &why);
	if (o->test)
		return;
	o->say(o->arg, why.text);
	loop_timer_set(o->again, OUTLOOK_TEST_S * 1000);
}

static void renew(void *arg)
{
	struct outlook *o = arg;

	assurance_service_renew(o->service);
	loop_timer_set(o->renewal, OUTLOOK_RENEW_S * 1000);
}

/* What a daemon does now and then. */
static enum rc open_timers(struct outlook *o, outlook_resolver_fn *say, struct fault *why)
{
	if (!say)
		return RC_OK;
	o->say = say;
	o->again = loop_timer_new(o->loop, test_resolvers, o);
	o->renewal = loop_timer_new(o->loop, renew, o);
	if (!o->again || !o->renewal)
		return fault(why, RC_NOMEM, "out of memory");
	loop_timer_set(o->again, 0);
	loop_timer_set(o->renewal, OUTLOOK_RENEW_S * 1000);
	return RC_OK;
}

static enum rc open_policies(struct outlook *o, struct loop *loop, struct store *store,
			     struct fault *why)
{
	struct sts_cache_store hooks = { 0 };

	if (store) {
		o->memory = assurance_memory_new(loop, store, complain, o);
		if (!o->memory)
			return fault(why, RC_NOMEM, "out of memory");
		hooks = assurance_memory_hooks(o->memory);
	}
	o->policies = sts_cache_new(&hooks);
	if (!o->policies)
		return fault(why, RC_NOMEM, "out of memory");
	return store ? sts_shelf_load(store, o->policies, clock_wall_s(), complain, o, why) : RC_OK;
}

enum rc outlook_check_relay(const struct settings *settings, const struct rules *rules,
			    struct fault *why)
{
	const char *relay = settings->outbound.relay;

	if (!*relay)
		return RC_OK;
	for (size_t i = 0; i < rules->destination_count; i++)
		if (slice_same_nocase(slice_of(rules->destinations[i].domain), slice_of(relay)))
			return RC_OK;
	return fault(why, RC_INVALID,
		     "outbound.relay is %s: destinations in the rules must say what it guarantees, "
		     "as \"%s\"",
		     relay, relay);
}

static enum assurance_level level_of(const struct rules_destination *from)
{
	switch (from->assurance) {
	case RULES_REQUIRE_NONE: /* never */
		return ASSURANCE_UNROUTABLE;
	case RULES_REQUIRE_AUTHENTICATED:
		return ASSURANCE_AUTHENTICATED;
	case RULES_REQUIRE_REQUIRETLS:
		return ASSURANCE_REQUIRETLS;
	}
	return ASSURANCE_UNROUTABLE;
}

/* ca_file as the MTA finds it, the line in the rules. */
static enum rc describe_pin(const struct settings *settings, const struct rules_destination *from,
			    struct arena *arena, struct assurance_pin *pin, struct fault *why)
{
	CLEANUP(buf_free) struct buf anchors = BUF_INIT(4096);

	enum rc rc = RC_OK;
	if (from->pin.ca.len && settings)
		rc = outlook_anchors_tell(settings, from->pin.ca, &anchors, why);
	else if (from->pin.ca.len)
		rc = buf_add_text(&anchors, from->pin.ca_file);
	if (rc != RC_OK)
		return rc;
	*pin = (struct assurance_pin){
		.domain = from->domain,
		.level = level_of(from),
		.match_count = from->match.count,
		.match = from->match.at,
		.key_count = from->pin.spki_sha256.count,
		.keys = from->pin.spki_sha256.at,
		.ca = from->pin.ca,
		.anchors = arena_text(arena, buf_slice(&anchors)),
		.why = from->why,
		.place = arena_format(arena, "%s:%u", from->place.file, from->place.line),
	};
	return pin->anchors && pin->place ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

enum rc outlook_pins(const struct settings *settings, const struct rules *rules,
		     struct arena *arena, struct assurance_pin **out, size_t *count,
		     struct fault *why)
{
	size_t all = rules ? rules->destination_count : 0;
	struct assurance_pin *pins = ARENA_ARRAY(arena, struct assurance_pin, all + 1);

	enum rc rc = pins ? RC_OK : fault(why, RC_NOMEM, "out of memory");

	for (size_t i = 0; rc == RC_OK && i < all; i++)
		rc = describe_pin(settings, &rules->destinations[i], arena, &pins[i], why);
	if (rc == RC_OK) {
		*out = pins;
		*count = all;
	}
	return rc;
}

enum rc outlook_set_pins(struct outlook *o, const struct rules *rules, struct fault *why)
{
	struct arena *arena = arena_new(OUTLOOK_PINS_BYTES_MAX);
	struct assurance_pin *pins;
	size_t count;
	enum rc rc = arena ? outlook_pins(o->settings, rules, arena, &pins, &count, why)
			   : fault(why, RC_NOMEM, "out of memory");

	if (rc == RC_OK)
		rc = assurance_service_set_pins(o->service, pins, count, why);
	arena_free(arena);
	return rc;
}

static enum rc open_service(struct outlook *o, struct loop *loop,
			    const struct outlook_config *config, struct fault *why)
{
	struct assurance_service_config service = {
		.sources = assurance_live_sources(o->live),
		.policies = o->policies,
		.cache_max = config->settings->limits.cache_domains,
		.gather_ms = (int64_t)config->settings->sts.timeout_ms +
			     4 * (int64_t)config->settings->resolver.timeout_ms +
			     (config->probe ? (int64_t)config->settings->probe.timeout_ms : 0),
		.whole = config->whole,
		.probe = config->probe,
		.alarm = alarm_about,
		.metrics = config->metrics,
		.alarm_arg = o,
	};

	o->service = assurance_service_new(loop, &service, why);
	return o->service ? outlook_set_pins(o, config->rules, why)
			  : fault(why, RC_NOMEM, "out of memory");
}

enum rc outlook_open(struct loop *loop, const struct outlook_config *config, struct outlook **out,
		     struct fault *why)
{
	struct outlook *o = calloc(1, sizeof *o);

	if (!o)
		return fault(why, RC_NOMEM, "out of memory");
	o->complain = config->complain;
	o->alarm = config->alarm;
	o->arg = config->arg;
	o->loop = loop;
	o->settings = settings_ref(config->settings); /* a reload lets go of them */
	enum rc rc = open_sources(o, loop, config->settings, config->metrics, why);
	if (rc == RC_OK)
		rc = open_policies(o, loop, config->store, why);
	if (rc == RC_OK)
		rc = open_service(o, loop, config, why);
	if (rc == RC_OK)
		rc = open_timers(o, config->resolver, why);
	if (rc == RC_OK)
		*out = o;
	else
		(void)!outlook_close(o, NULL); /* nothing was learnt yet */
	return rc;
}

struct assurance_service *outlook_service(struct outlook *o)
{
	return o->service;
}

void outlook_tell(const struct outlook *o, struct metrics *metrics)
{
	const struct dns_client_stats dns = dns_client_stats(o->resolver);
	const uint64_t totals[] = {
		[METRICS_QUESTION_SENT] = dns.sent,
		[METRICS_QUESTION_SOUNDING] = dns.soundings,
		[METRICS_QUESTION_LATE] = dns.late,
		[METRICS_QUESTION_AGAIN] = dns.retried,
		[METRICS_QUESTION_IGNORED] = dns.ignored,
		[METRICS_QUESTION_TCP] = dns.tcp,
	};

	for (unsigned i = 0; i < sizeof totals / sizeof *totals; i++)
		metrics_count_as(metrics, METRICS_QUESTIONS, i, totals[i]);
}

enum rc outlook_close(struct outlook *o, struct fault *why)
{
	if (!o)
		return RC_OK;
	loop_timer_free(o->again);
	loop_timer_free(o->renewal);
	dns_selftest_cancel(o->test);
	assurance_service_free(o->service);
	assurance_live_free(o->live);
	dns_client_free(o->resolver);
	o->complain = NULL;
	enum rc rc = assurance_memory_close(o->memory, why);
	sts_cache_free(o->policies);
	free(o->said);
	settings_unref(o->settings);
	free(o);
	return rc;
}
