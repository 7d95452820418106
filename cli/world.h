/* cli/world.h: a loop of our own on which destinations are looked up by the same code
 * as in the daemon: the resolver of the settings, HTTPS, the operator's pins, and the
 * daemon's memory of MTA-STS where we may read and write it.
 *
 *     rc = world_open(settings, rules, &world, &why);
 *     … assurance_service_get(world->service, "partner.example", done, arg);
 *     world_run(world, 25000);
 *     world_close(world);
 *
 * Threads  one */
#pragma once

#include "assurance/service.h"
#include "loop/loop.h"
#include "settings/rules.h"
#include "settings/settings.h"

struct world {
	struct loop *loop;
	struct dns_client *resolver;
	struct assurance_service *service;
	struct store *store; /* NULL: there is none, or it is not ours to use */
	struct sts_cache *policies;
	struct assurance_memory *memory;
	struct assurance_live *live;
	struct loop_timer *timer;
};

/* rules may be NULL: no pins. settings and rules outlive the world.
 *   RC_INVALID  a pin that cannot be
 *   RC_RETRY    what the daemon remembers of MTA-STS cannot be read
 *   RC_NOMEM */
enum rc world_open(const struct settings *settings, const struct rules *rules, struct world **out,
		   struct fault *why);

/* Runs the loop until world_stop(), or for so long. */
void world_run(struct world *world, int64_t at_most_ms);
void world_stop(struct world *world);

/* What was asked is cancelled. NULL is fine. */
void world_close(struct world *world);
