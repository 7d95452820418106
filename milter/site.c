#include "site.h"

#include "audit/record.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/spool.h"
#include "loop/loop.h"

struct ruleset *site_ruleset(struct site *site)
{
	pthread_mutex_lock(&site->lock);
	struct ruleset *r = ruleset_ref(site->ruleset);
	pthread_mutex_unlock(&site->lock);
	return r;
}

void site_set_ruleset(struct site *site, struct ruleset *ruleset)
{
	pthread_mutex_lock(&site->lock);
	struct ruleset *old = site->ruleset;
	site->ruleset = ruleset;
	pthread_mutex_unlock(&site->lock);
	ruleset_unref(old);
}

void site_syslog(const struct audit_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CLEANUP(buf_free) struct buf line = BUF_INIT(AUDIT_LINE_MAX);
		if (audit_record_syslog(&records[i], &line) == RC_OK)
			log_line(LOG_NOTE, NULL, "%s", buf_text(&line));
	}
}

struct deposit_site site_deposits(const struct site *site, const struct ruleset *ruleset)
{
	const struct settings *settings = ruleset->settings;

	return (struct deposit_site){
		.store = site->store,
		.outbox = site->outbox,
		.keys = site->keys,
		.upgrade = &site->upgrade,
		.portal_url = settings->portal.url,
		.organisation = settings->portal.organisation,
		.wording = ruleset->wording,
		.help = settings->portal.help,
		.report_from = "",
		.officers = ruleset->officers,
		.retry_days = settings->limits.retry_window_days,
		.per_hour = settings->limits.diverts_per_hour,
	};
}

enum { TIDY_MS = 5000 /* a file rests so long, to twice as long, before it is closed */ };

static void tidy_later(void *arg)
{
	struct site *site = arg;

	loop_timer_set(site->tidy, TIDY_MS);
}

/* On a helper thread: to drop a large file takes a file system its time. */
static void tidy(void *arg)
{
	struct site *site = arg;

	site->spools_rest = spool_pool_tidy(site->spools);
}

static void tidied(void *arg)
{
	struct site *site = arg;

	if (site->spools_rest)
		tidy_later(site);
}

void site_tidy(void *arg)
{
	struct site *site = arg;

	if (loop_work(site->loop, tidy, tidied, site) != RC_OK)
		tidy_later(site);
}

void site_watch_spools(struct site *site)
{
	if (!spool_pool_rests(site->spools) || loop_post(site->loop, tidy_later, site) == RC_OK)
		return;
	while (spool_pool_tidy(site->spools)) /* nobody will come for them */
		;
}

bool site_enter(struct site *site, unsigned max)
{
	if (atomic_fetch_add(&site->messages, 1) < max)
		return true;
	atomic_fetch_sub(&site->messages, 1);
	return false;
}

void site_leave(struct site *site)
{
	atomic_fetch_sub(&site->messages, 1);
}
