#include "upgrade.h"

#include "assurance/service.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/keys.h"
#include "crypto/random.h"
#include "deposit/upgrade.h"
#include "house.h"
#include "loop/loop.h"
#include "mail/address.h"
#include "outbox/retry.h"
#include "outbox/worker.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct upgrade {
	struct site *site;
	struct loop_timer *timer;
	atomic_bool ending;
	/* of the round under way */
	struct ruleset *ruleset;
	int64_t deadline_ms;
	struct deposit_upgrade_place place;
};

enum rc upgrade_open_key(struct site *site, struct fault *why)
{
	return crypto_keys_upgrade(site->keys, true, &site->upgrade, why);
}

/* ---- a round, on a helper thread ---- */

static bool go_on(void *arg)
{
	const struct upgrade *u = arg;

	return !atomic_load(&u->ending) && clock_mono_ms() < u->deadline_ms;
}

static bool is_proven(struct upgrade *u, const char *domain)
{
	int64_t wait_ms = clock_mono_ms() + u->ruleset->settings->limits.lookup_ms;
	struct assurance_ticket *ticket = assurance_ticket_open(
		u->site->assurance, settings_way(&u->ruleset->settings->outbound, domain));
	const struct assurance *a =
		assurance_ticket_wait(ticket, wait_ms < u->deadline_ms ? wait_ms : u->deadline_ms);
	bool proven = a && assurance_meets(a->level, ASSURANCE_AUTHENTICATED);

	assurance_unref(a);
	assurance_ticket_drop(ticket);
	return proven;
}

static bool qualifies(void *arg, struct slice address)
{
	struct mail_address parsed;
	char domain[MAIL_ADDRESS_MAX + 1];

	if (!go_on(arg) || mail_address_parse(address, &parsed, NULL) != RC_OK)
		return false;
	struct slice s = mail_address_domain(&parsed);
	memcpy(domain, s.at, s.len);
	domain[s.len] = '\0';
	return s.len && is_proven(arg, domain);
}

static void run(struct upgrade *u, const struct settings *settings)
{
	struct deposit_site deposits = site_deposits(u->site, u->ruleset);
	struct house_teller teller = { u->site, settings->audit.syslog };
	const struct deposit_life life = {
		.site = &deposits,
		.life_days = settings->limits.deposit_life_days,
		.keep_days = settings->limits.deposit_keep_days,
		.event = house_tell,
		.arg = &teller,
	};
	const struct deposit_upgrader upgrader = {
		.life = &life,
		.key = &u->site->upgrade,
		.spool_folder = u->site->spool_folder,
		.memory_bytes = settings->limits.message_memory_bytes,
		.qualifies = qualifies,
		.go_on = go_on,
		.arg = u,
	};
	struct fault why;
	unsigned sent;

	if (deposit_upgrade_round(&upgrader, &u->place, clock_wall_s(), &sent, &why) != RC_OK)
		log_line(LOG_FAIL, NULL, "sending deposits on failed: %s", why.text);
	if (sent) {
		log_line(LOG_NOTE, NULL, "deposits_sent_on=%u", sent);
		(void)outbox_worker_wake(u->site->worker); /* else it is found within a minute */
	}
}

static void work(void *arg)
{
	struct upgrade *u = arg;

	/* Counted like a message: the daemon's end waits for it. */
	(void)site_enter(u->site, UINT_MAX);
	u->ruleset = site_ruleset(u->site);
	u->deadline_ms = clock_mono_ms() + UPGRADE_ROUND_MS;
	if (u->ruleset->settings->limits.upgrade_minutes && go_on(u))
		run(u, u->ruleset->settings);
	ruleset_unref(u->ruleset);
	site_leave(u->site);
}

/* ---- the timer ---- */

/* Where rounds are off, it still looks now and then whether they were turned on. */
static int64_t pause_ms(struct site *site)
{
	struct ruleset *ruleset = site_ruleset(site);
	unsigned minutes = ruleset->settings->limits.upgrade_minutes;
	int64_t usual_s = (int64_t)(minutes ? minutes : 1) * 60;
	uint32_t random = 0;

	ruleset_unref(ruleset);
	(void)!crypto_random((uint8_t *)&random, sizeof random, NULL); /* then without jitter */
	return outbox_retry_pause_s(usual_s, usual_s, 1, random) * 1000;
}

static void done(void *arg)
{
	struct upgrade *u = arg;

	if (!atomic_load(&u->ending))
		loop_timer_set(u->timer, pause_ms(u->site));
}

static void is_time(void *arg)
{
	struct upgrade *u = arg;

	if (loop_work(u->site->loop, work, done, u) != RC_OK)
		loop_timer_set(u->timer, UPGRADE_ROUND_MS);
}

enum rc upgrade_start(struct site *site, struct upgrade **out, struct fault *why)
{
	struct upgrade *u = calloc(1, sizeof *u);

	if (!u || !(u->timer = loop_timer_new(site->loop, is_time, u))) {
		free(u);
		return fault(why, RC_NOMEM, "out of memory");
	}
	u->site = site;
	atomic_init(&u->ending, false);
	loop_timer_set(u->timer, UPGRADE_FIRST_MS);
	*out = u;
	return RC_OK;
}

void upgrade_stop(struct upgrade *u)
{
	if (!u)
		return;
	atomic_store(&u->ending, true);
	loop_timer_clear(u->timer);
}
