#include "house.h"

#include "audit/log.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "deposit/epochs.h"
#include "deposit/life.h"
#include "deposit/time.h"
#include "outbox/worker.h"
#include "pickup/event.h"
#include "store/store.h"

struct round {
	struct site *site;
	struct ruleset *ruleset;
	struct deposit_site deposits;
	struct deposit_life life;
	struct house_teller teller;
	int64_t now_s; /* by which deposits end */
};

static void end(struct round *r)
{
	ruleset_unref(r->ruleset);
}

/* ---- the audit ---- */

static enum rc append(void *arg, const struct audit_record *records, size_t count,
		      struct fault *why)
{
	const struct house_teller *teller = arg;
	enum rc rc = audit_log_append(teller->site->audit, records, count, true, why);

	if (rc == RC_OK && teller->syslog)
		site_syslog(records, count);
	return rc;
}

enum rc house_tell(void *arg, const struct deposit_event *events, size_t count, struct fault *why)
{
	return pickup_event_append(append, arg, events, count, why);
}

/* ---- the parts ---- */

/* Says what stands between the clock and the time of deposits. */
static enum rc look_at_time(struct round *r, struct fault *why)
{
	struct deposit_clocks clocks;
	struct deposit_time time;
	char wall[CLOCK_TEXT], now[CLOCK_TEXT];

	deposit_clocks_read(&clocks);
	enum rc rc = deposit_time_now(r->site->store, &clocks, &time, why);
	if (rc != RC_OK)
		return rc;
	r->now_s = time.now_s;
	if (time.doubt)
		log_line(LOG_FAIL, NULL,
			 "the clock says %s, but by what has passed it is %s: deposits end by the "
			 "latter until the clock has stayed as it is for a day, or you say "
			 "that it is right (postern deposit purge --clock-is-right)",
			 clock_format(clocks.wall_s, wall), clock_format(time.now_s, now));
	return RC_OK;
}

static enum rc keep_epochs(struct round *r, struct fault *why)
{
	struct deposit_epochs epochs;
	unsigned days = r->ruleset->settings->limits.epoch_days;
	enum rc rc =
		deposit_epochs_keep(r->site->store, r->site->keys, days, r->now_s, &epochs, why);

	if (epochs.made || epochs.destroyed)
		log_line(LOG_NOTE, NULL, "epoch=%u epochs_destroyed=%u", (unsigned)epochs.current,
			 epochs.destroyed);
	if (epochs.lost)
		log_line(LOG_FAIL, NULL,
			 "the key of an epoch is lost, and with it %u waiting messages, which "
			 "nobody can open any more: have their senders send them again "
			 "(postern deposit list), and revoke them",
			 epochs.lost);
	return rc;
}

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
	enum rc rc = store_blob_sweep(r->site->store, r->now_s, &count, why);

	if (count)
		log_line(LOG_NOTE, NULL, "blobs_swept=%u", count);
	return rc;
}

static enum rc forget(struct round *r, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(r->site->store, &tx, why);

	if (rc == RC_OK)
		rc = store_purge(tx, r->now_s, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static const struct {
	const char *what;
	enum rc (*do_it)(struct round *r, struct fault *why);
} parts[] = {
	{ "keeping epoch keys", keep_epochs }, { "ending deposits", expire },
	{ "warning senders", warn },           { "purging ended deposits", purge },
	{ "sweeping up blobs", sweep },        { "forgetting old records", forget },
};

static void begin(struct round *r, struct site *site)
{
	*r = (struct round){ .site = site, .ruleset = site_ruleset(site) };
	r->deposits = site_deposits(site, r->ruleset);
	r->teller = (struct house_teller){ r->site, r->ruleset->settings->audit.syslog };
	r->life = (struct deposit_life){
		.site = &r->deposits,
		.life_days = r->ruleset->settings->limits.deposit_life_days,
		.keep_days = r->ruleset->settings->limits.deposit_keep_days,
		.event = house_tell,
		.arg = &r->teller,
	};
}

enum rc house_open(struct site *site, struct fault *why)
{
	CLEANUP(end) struct round r;

	begin(&r, site);
	enum rc rc = look_at_time(&r, why);
	return rc == RC_OK ? keep_epochs(&r, why) : rc;
}

void house_keep(struct site *site)
{
	CLEANUP(end) struct round r;
	struct fault why;

	begin(&r, site);
	if (look_at_time(&r, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "nothing is tidied up: %s", why.text);
		return;
	}
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].do_it(&r, &why) != RC_OK)
			log_line(LOG_FAIL, NULL, "%s failed: %s", parts[i].what, why.text);
	(void)outbox_worker_wake(site->worker); /* else it is found within a minute */
}
