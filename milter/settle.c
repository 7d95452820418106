#include "settle.h"

#include "base/log.h"
#include "deposit/live.h"
#include "loop/loop.h"

#include <limits.h>

enum { BATCH = 16 }; /* phrases, at a tenth of a second each: the daemon's end waits for them */

/* site->settling */
enum { IDLE, AT_WORK, AGAIN };

static void work(void *arg)
{
	struct site *site = arg;
	struct fault why;
	bool left = false;

	/* Counted like a message: the daemon's end waits for it. */
	(void)site_enter(site, UINT_MAX);
	if (deposit_live_settle(site->store, site->keys, BATCH, &left, &why) != RC_OK)
		log_line(LOG_FAIL, NULL, "phrases cannot be made ready to be known: %s", why.text);
	else if (left)
		atomic_store(&site->settling, AGAIN);
	site_leave(site);
}

static void done(void *arg);

static void start(void *arg)
{
	struct site *site = arg;

	if (loop_work(site->loop, work, done, site) != RC_OK)
		atomic_store(&site->settling, IDLE); /* with the next deposit, or the next start */
}

static void done(void *arg)
{
	struct site *site = arg;
	int at_work = AT_WORK;

	if (atomic_compare_exchange_strong(&site->settling, &at_work, IDLE))
		return;
	atomic_store(&site->settling, AT_WORK);
	start(site);
}

void settle_soon(struct site *site)
{
	int idle = IDLE, at_work = AT_WORK;

	if (!atomic_compare_exchange_strong(&site->settling, &idle, AT_WORK)) {
		(void)atomic_compare_exchange_strong(&site->settling, &at_work, AGAIN);
		return;
	}
	if (loop_post(site->loop, start, site) != RC_OK)
		atomic_store(&site->settling, IDLE);
}
