#include "house.h"

#include "audit/log.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "deposit/life.h"
#include "outbox/worker.h"
#include "pickup/event.h"
#include "store/store.h"

struct round {
	struct site *site;
	struct ruleset *ruleset;
	struct deposit_site deposits;
	struct deposit_life life;
	int64_t now_s; /* by which deposits end */
};

static void unref(struct ruleset **ruleset)
{
	ruleset_unref(*ruleset);
}

/* ---- the audit ---- */

static enum rc append(void *arg, const struct audit_record *records, size_t count,
		      struct fault *why)
{
	struct round *r = arg;
	enum rc rc = audit_log_append(r->site->audit, records, count, true, why);

	if (rc == RC_OK && r->ruleset->settings->audit.syslog)
		site_syslog(records, count);
	return rc;
}

static enum rc write_events(void *arg, const struct deposit_event *events, size_t count,
			    struct fault *why)
{
	return pickup_event_append(append, arg, events, count, why);
}

/* ---- the parts ---- */

static enum rc expire(struct round *r, struct fault *why)
{
	unsigned count = 0;
	enum rc rc = deposit_expire(&r->life, r->now_s, NULL, NULL, &count, why);

	if (count)
		log_line(LOG_NOTE, NULL, "deposits_expired=%u", count);
	return rc;
}

static enum rc warn(struct round *r, struct fault *why)
{
	unsigned count = 0;
	enum rc rc = deposit_warn(&r->life, r->now_s, &count, why);

	if (count)
		log_line(LOG_NOTE, NULL, "senders_warned=%u", count);
	return rc;
}

static enum rc purge(struct round *r, struct fault *why)
{
	unsigned count = 0;
	enum rc rc = deposit_purge(&r->life, r->now_s, NULL, NULL, &count, why);

	if (count)
		log_line(LOG_NOTE, NULL, "deposits_purged=%u", count);
	return rc;
}

static enum rc sweep(struct round *r, struct fault *why)
{
	unsigned count = 0;
	enum rc rc = store_blob_sweep(r->site->store, clock_wall_s(), &count, why);

	if (count)
		log_line(LOG_NOTE, NULL, "blobs_swept=%u", count);
	return rc;
}

static enum rc forget(struct round *r, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(r->site->store, &tx, why);

	if (rc == RC_OK)
		rc = store_purge(tx, clock_wall_s(), why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static const struct {
	const char *what;
	enum rc (*do_it)(struct round *r, struct fault *why);
} parts[] = {
	{ "ending deposits", expire },        { "warning senders", warn },
	{ "purging ended deposits", purge },  { "sweeping up blobs", sweep },
	{ "forgetting old records", forget },
};

void house_keep(struct site *site)
{
	CLEANUP(unref) struct ruleset *ruleset = site_ruleset(site);
	struct round r = { .site = site, .ruleset = ruleset, .now_s = clock_wall_s() };
	struct fault why;

	r.deposits = site_deposits(site, ruleset);
	r.life = (struct deposit_life){
		.site = &r.deposits,
		.life_days = ruleset->settings->limits.deposit_life_days,
		.keep_days = ruleset->settings->limits.deposit_keep_days,
		.event = write_events,
		.arg = &r,
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].do_it(&r, &why) != RC_OK)
			log_line(LOG_FAIL, NULL, "%s failed: %s", parts[i].what, why.text);
	if (site->worker)
		(void)outbox_worker_wake(site->worker); /* else it is found within a minute */
}
