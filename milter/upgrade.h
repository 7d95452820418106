/* milter/upgrade.h: every limits.upgrade_minutes, a quarter more or less, the destinations of
 * waiting deposits are looked at again, and what can go by the strict route now goes
 * (deposit/upgrade.h).
 *
 * Only deposits that keep a key for it are looked at, so that a site whose rules do not say
 * `upgrade = true` asks nobody anything.
 *
 * Threads  the loop's; each round is on a helper thread, one at a time */
#pragma once

#include "site.h"

enum {
	/* Of a round's lookups together: a destination that does not answer must not keep the
	 * helper thread; the next round goes on behind what was looked at. */
	UPGRADE_ROUND_MS = 60 * 1000,
	UPGRADE_FIRST_MS = 2 * 1000, /* after the start: the resolvers have been tested by then */
};

struct upgrade;

/* Reads or makes upgrade.key, before any message is sealed. RC_INVALID, RC_RETRY: its file. */
enum rc upgrade_open_key(struct site *site, struct fault *why);

/* RC_NOMEM. It lives as long as the process. */
enum rc upgrade_start(struct site *site, struct upgrade **out, struct fault *why);
void upgrade_stop(struct upgrade *u); /* no more rounds; one under way ends soon. NULL is fine */
