#include "cli/lookup.h"

#include "assurance/live.h"
#include "assurance/memory.h"
#include "assurance/service.h"
#include "base/clock.h"
#include "dns/client.h"
#include "loop/loop.h"
#include "settings/network.h"
#include "store/store.h"
#include "sts/cache.h"
#include "sts/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct lookup {
	const struct cli *cli;
	struct loop *loop;
	struct dns_client *resolver;
	struct assurance_live *live;
	struct store *store; /* NULL: nothing is remembered */
	struct assurance_memory *memory;
	struct sts_cache *policies;
	struct assurance_service *service;
};

static void warn(void *arg, const char *reason)
{
	struct lookup *lookup = arg;

	(void)cli_fail(lookup->cli, CLI_OK, "%s", reason);
}

static bool trusts(const void *arg, int family, const uint8_t *address)
{
	return settings_networks_have(arg, family, address);
}

static bool open_sources(struct lookup *lookup, const struct settings *s, struct fault *why)
{
	const struct dns_client_config dns = {
		.servers = s->resolver.servers.at,
		.server_count = s->resolver.servers.count,
		.port = (uint16_t)s->resolver.port,
		.trusts = trusts,
		.trusts_arg = &s->resolver.trust_ad,
		.timeout_ms = s->resolver.timeout_ms,
		.tries = s->resolver.tries,
	};

	lookup->loop = loop_new(why);
	if (!lookup->loop)
		return false;
	lookup->resolver = dns_client_new(lookup->loop, &dns, why);
	if (!lookup->resolver)
		return false;

	const struct assurance_live_config live = {
		.resolver = lookup->resolver,
		.sts_port = (uint16_t)s->sts.port,
		.sts_ca_file = s->sts.ca_file,
		.sts_timeout_ms = s->sts.timeout_ms,
	};
	lookup->live = assurance_live_new(lookup->loop, &live);
	return lookup->live || fault(why, RC_NOMEM, "memory is out") == RC_OK;
}

/* The daemon's store, if there is one that we may write to. Never makes one: a
 * file of root's would be in the daemon's way. */
static bool open_memory(struct lookup *lookup, const struct settings *s, struct fault *why)
{
	struct buf path = BUF_INIT(4096);
	struct fault store_why;

	if (buf_addf(&path, "%s/postern.db", s->state) == RC_OK &&
	    access(buf_text(&path), R_OK | W_OK) == 0 &&
	    store_open(s->state, &lookup->store, &store_why) != RC_OK) {
		lookup->store = NULL;
		warn(lookup, store_why.text);
	}
	buf_free(&path);
	if (lookup->store)
		lookup->memory = assurance_memory_new(lookup->loop, lookup->store, warn, lookup);

	struct sts_cache_store hooks = { 0 };
	if (lookup->memory)
		hooks = assurance_memory_hooks(lookup->memory);
	lookup->policies = sts_cache_new(&hooks);
	if (!lookup->policies)
		return fault(why, RC_NOMEM, "memory is out") == RC_OK;
	return !lookup->store || sts_shelf_load(lookup->store, lookup->policies, clock_wall_s(),
						warn, lookup, why) == RC_OK;
}

static enum assurance_level level_of(enum rules_require require)
{
	return require == RULES_REQUIRE_REQUIRETLS ? ASSURANCE_REQUIRETLS : ASSURANCE_AUTHENTICATED;
}

static bool open_service(struct lookup *lookup, const struct settings *s, const struct rules *rules,
			 bool whole, struct fault *why)
{
	struct assurance_pin *pins = calloc(rules->destination_count + 1, sizeof *pins);
	size_t count = 0;

	for (size_t i = 0; pins && i < rules->destination_count; i++) {
		const struct rules_destination *from = &rules->destinations[i];

		if (from->assurance == RULES_REQUIRE_NONE)
			continue;
		pins[count++] = (struct assurance_pin){
			.domain = from->domain,
			.level = level_of(from->assurance),
			.match_count = from->match.count,
			.match = from->match.at,
			.why = from->why,
		};
	}
	const struct assurance_service_config config = {
		.sources = assurance_live_sources(lookup->live),
		.policies = lookup->policies,
		.gather_ms = (int64_t)s->sts.timeout_ms + 4 * (int64_t)s->resolver.timeout_ms,
		.whole = whole,
		.pin_count = count,
		.pins = pins,
	};
	if (pins)
		lookup->service = assurance_service_new(lookup->loop, &config, why);
	else
		(void)fault(why, RC_NOMEM, "memory is out");
	free(pins);
	return lookup->service;
}

int lookup_open(struct cli *cli, bool whole, struct lookup **out)
{
	const struct settings *s = cli_settings(cli);
	const struct rules *rules = s ? cli_rules(cli) : NULL;
	struct lookup *lookup = rules ? calloc(1, sizeof *lookup) : NULL;
	struct fault why = { .text = "memory is out" };

	if (!s || !rules)
		return CLI_USAGE;
	if (lookup)
		lookup->cli = cli;
	if (!lookup || !open_sources(lookup, s, &why) || !open_memory(lookup, s, &why) ||
	    !open_service(lookup, s, rules, whole, &why)) {
		lookup_close(lookup);
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	}
	*out = lookup;
	return CLI_OK;
}

void lookup_close(struct lookup *lookup)
{
	struct fault why;

	if (!lookup)
		return;
	assurance_service_free(lookup->service);
	if (assurance_memory_close(lookup->memory, &why) != RC_OK)
		warn(lookup, why.text);
	sts_cache_free(lookup->policies);
	assurance_live_free(lookup->live);
	dns_client_free(lookup->resolver);
	loop_free(lookup->loop);
	store_close(lookup->store);
	free(lookup);
}

/* ---- asking ---- */

struct round {
	struct lookup *lookup;
	const struct assurance **got;
	size_t count, answered, next_shown;
	lookup_shown *shown;
	void *arg;
};

struct question {
	struct round *round;
	size_t index;
};

static void on_answer(void *arg, const struct assurance *assurance)
{
	struct question *question = arg;
	struct round *round = question->round;

	round->got[question->index] = assurance_ref(assurance);
	round->answered++;
	while (round->next_shown < round->count && round->got[round->next_shown]) {
		if (round->shown)
			round->shown(round->arg, round->got[round->next_shown]);
		round->next_shown++;
	}
	if (round->answered == round->count)
		loop_stop(round->lookup->loop);
}

void lookup_ask(struct lookup *lookup, const char *const *destinations, size_t count,
		const struct assurance **got, lookup_shown *shown, void *arg)
{
	struct round round = { lookup, got, count, 0, 0, shown, arg };
	struct question *questions = calloc(count + 1, sizeof *questions);

	for (size_t i = 0; i < count; i++)
		got[i] = NULL;
	for (size_t i = 0; questions && i < count; i++) {
		size_t before = round.answered;

		questions[i] = (struct question){ &round, i };
		if (!assurance_service_get(lookup->service, destinations[i], on_answer,
					   &questions[i]) &&
		    round.answered == before)
			round.answered++; /* no memory, not even to say so */
	}
	if (questions && round.answered < count)
		loop_run(lookup->loop);
	free(questions);
}
