/* milter/house.h: what must be done now and then, whatever mail comes: deposits end, senders are
 * warned, keys are made and destroyed, what is left over is swept up.
 *
 * Each part stands alone: one that fails is logged, tried again the next time, and keeps no
 * other from being done.
 *
 * Threads  house_open: the main thread, before others are. house_keep: a helper thread of the
 *          loop's, one at a time */
#pragma once

#include "deposit/life.h"
#include "site.h"

/* At the start, before any message is sealed: the time of deposits, and the epoch's key. */
enum rc house_open(struct site *site, struct fault *why);

void house_keep(struct site *site);

/* Tells the audit of deposits, durably: a deposit_event_fn whose arg is a house_teller. */
struct house_teller {
	struct site *site;
	bool syslog;
};
enum rc house_tell(void *arg, const struct deposit_event *events, size_t count, struct fault *why);
