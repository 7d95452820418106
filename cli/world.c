#include "cli/world.h"

#include "assurance/live.h"
#include "assurance/memory.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "dns/client.h"
#include "settings/network.h"
#include "store/store.h"
#include "sts/shelf.h"

#include <stdlib.h>

static bool is_trusted(const void *arg, int family, const uint8_t *address)
{
	return settings_networks_have(arg, family, address);
}

static enum rc open_resolver(struct world *w, const struct settings_resolver *s, struct fault *why)
{
	const struct dns_client_config config = {
		.servers = s->servers.at,
		.server_count = s->servers.count,
		.port = (uint16_t)s->port,
		.trusts = is_trusted,
		.trusts_arg = &s->trust_ad,
		.timeout_ms = s->timeout_ms,
		.tries = s->tries,
	};

	w->resolver = dns_client_new(w->loop, &config, why);
	return w->resolver ? RC_OK : RC_INVALID;
}

/* As a visitor: nothing is made under state, and a store that is not there, or not
 * ours to write to, is none. */
static enum rc open_memory(struct world *w, const struct settings *settings, struct fault *why)
{
	struct sts_cache_store hooks = { 0 };

	if (store_open_existing(settings->state, &w->store, NULL) != RC_OK)
		w->store = NULL;
	if (w->store) {
		w->memory = assurance_memory_new(w->loop, w->store, NULL, NULL);
		if (!w->memory)
			return fault(why, RC_NOMEM, "out of memory");
		hooks = assurance_memory_hooks(w->memory);
	}
	w->policies = sts_cache_new(&hooks);
	if (!w->policies)
		return fault(why, RC_NOMEM, "out of memory");
	if (!w->store)
		return RC_OK;
	return sts_shelf_load(w->store, w->policies, clock_wall_s(), NULL, NULL, why);
}

static void time_is_up(void *arg)
{
	world_stop(arg);
}

static enum rc open_live(struct world *w, const struct settings_sts *s, struct fault *why)
{
	const struct assurance_live_config config = {
		.resolver = w->resolver,
		.sts_port = (uint16_t)s->port,
		.sts_ca_file = s->ca_file,
		.sts_timeout_ms = s->timeout_ms,
	};

	w->live = assurance_live_new(w->loop, &config);
	w->timer = loop_timer_new(w->loop, time_is_up, w);
	return w->live && w->timer ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

static struct assurance_pin pin_of(const struct rules_destination *d)
{
	return (struct assurance_pin){
		.domain = d->domain,
		.level = d->assurance == RULES_REQUIRE_REQUIRETLS ? ASSURANCE_REQUIRETLS
								  : ASSURANCE_AUTHENTICATED,
		.match_count = d->match.count,
		.match = d->match.at,
		.why = d->why,
	};
}

static enum rc open_service(struct world *w, const struct settings *settings,
			    const struct rules *rules, struct fault *why)
{
	size_t count = rules ? rules->destination_count : 0;
	CLEANUP(cleanup_free) struct assurance_pin *pins = calloc(count + 1, sizeof *pins);

	if (!pins)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		pins[i] = pin_of(&rules->destinations[i]);
	const struct assurance_service_config config = {
		.sources = assurance_live_sources(w->live),
		.policies = w->policies,
		.cache_max = settings->limits.cache_domains,
		.pin_count = count,
		.pins = pins,
	};
	w->service = assurance_service_new(w->loop, &config, why);
	return w->service ? RC_OK : RC_INVALID;
}

enum rc world_open(const struct settings *settings, const struct rules *rules, struct world **out,
		   struct fault *why)
{
	struct world *w = calloc(1, sizeof *w);

	if (!w)
		return fault(why, RC_NOMEM, "out of memory");
	w->loop = loop_new(why);
	enum rc rc = w->loop ? RC_OK : RC_NOMEM;
	if (rc == RC_OK)
		rc = open_resolver(w, &settings->resolver, why);
	if (rc == RC_OK)
		rc = open_memory(w, settings, why);
	if (rc == RC_OK)
		rc = open_live(w, &settings->sts, why);
	if (rc == RC_OK)
		rc = open_service(w, settings, rules, why);
	if (rc == RC_OK)
		*out = w;
	else
		world_close(w);
	return rc;
}

void world_run(struct world *w, int64_t at_most_ms)
{
	loop_timer_set(w->timer, at_most_ms);
	loop_run(w->loop);
	loop_timer_clear(w->timer);
}

void world_stop(struct world *w)
{
	loop_stop(w->loop);
}

void world_close(struct world *w)
{
	struct fault why;

	if (!w)
		return;
	assurance_service_free(w->service);
	assurance_live_free(w->live);
	dns_client_free(w->resolver);
	/* A policy that is not written is only fetched again. */
	(void)!assurance_memory_close(w->memory, &why);
	sts_cache_free(w->policies);
	store_close(w->store);
	loop_timer_free(w->timer);
	loop_free(w->loop);
	free(w);
}
