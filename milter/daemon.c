#include "daemon.h"

#include "audit/log.h"
#include "audit_server.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/lean.h"
#include "base/log.h"
#include "base/spool.h"
#include "crypto/keys.h"
#include "filter.h"
#include "house.h"
#include "loop/loop.h"
#include "outbox/worker.h"
#include "metrics/serve.h"
#include "outlook/anchors.h"
#include "outlook/outlook.h"
#include "policy_server.h"
#include "reader/pool.h"
#include "settle.h"
#include "site.h"
#include "upgrade.h"
#include "store/store.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	HOUSEKEEPING_MS = 10 * 60 * 1000, /* deposits end to within so much of their time */
	DRAIN_STEP_MS = 100,
	DRAIN_MAX_MS = 20000, /* a message at its end takes less; systemd waits 90 s */
};

struct daemon {
	struct site site;
	const char *config;
	struct outlook *outlook;
	struct metrics_server *metrics;
	struct policy_server *policy;
	struct audit_server *handed;
	struct loop_signal *hup, *term, *interrupt;
	struct loop_timer *housekeeping, *drain;
	struct upgrade *upgrade;
	pthread_t filter_thread;
	bool reloading, again, ending, filter_failed;
	int64_t drain_until_ms;
	struct ruleset *fresh; /* what a reload has read; NULL: it failed */
	struct fault why;      /* … for this reason */
};

/* ---- what is opened before anything runs ---- */

/* One that cannot be started leaves documents unread, which the rules may stop: an
 * operator must hear of it before mail does. */
static enum rc open_readers(struct site *site, struct ruleset *r, struct fault *why)
{
	const struct reader_config config = {
		.processes = r->settings->limits.readers,
		.memory_bytes = r->settings->limits.reader_memory_bytes,
	};

	site->readers = reader_pool_new(&config);
	if (!site->readers)
		return fault(why, RC_NOMEM, "out of memory");
	inspect_rules_set_reader(r->markers, site->readers, site->spool_folder);
	return reader_pool_try(site->readers, why);
}

static enum rc set_route_token(struct site *site, const struct settings *settings,
			       struct fault *why)
{
	const char *token = settings->milter.route_token[0] ? settings->milter.route_token
							    : site->keys->route_token;
	int len = snprintf(site->route_token, sizeof site->route_token, "%s", token);

	return (size_t)len < sizeof site->route_token
		       ? RC_OK
		       : fault(why, RC_INVALID, "milter.route_token is too long");
}

static enum rc open_durable(struct daemon *d, const struct settings *settings, struct fault *why)
{
	struct site *site = &d->site;
	enum rc rc = file_make_folder(settings->state, 0700, why);

	if (rc == RC_OK)
		rc = crypto_keys_make(settings->keys, &site->keys, why);
	if (rc != RC_OK)
		return rc;
	site->spool_folder = strdup(settings->state);
	site->spools = spool_pool_new(settings->state);
	if (!site->spool_folder || !site->spools)
		return fault(why, RC_NOMEM, "out of memory");
	rc = set_route_token(site, settings, why);
	if (rc == RC_OK)
		rc = store_open(settings->state, &site->store, why);
	if (rc == RC_OK)
		rc = audit_log_open(settings->audit.file, clock_wall_usec(), &site->audit, why);
	if (rc == RC_OK)
		rc = outbox_open(site->store, &site->keys->outbox, &site->outbox, why);
	if (rc == RC_OK)
		rc = upgrade_open_key(site, why);
	return rc == RC_OK ? house_open(site, why) : rc;
}

static void complain(void *arg, const char *words)
{
	(void)arg;
	log_line(LOG_FAIL, NULL, "MTA-STS memory: %s", words);
}

/* Without DNSSEC from the resolver DANE proves nothing, and fewer messages leave: not a
 * thing to find out from the complaints of senders. */
static void resolver_says(void *arg, const char *complaints)
{
	struct daemon *d = arg;

	metrics_set(d->site.metrics, METRICS_RESOLVER_SOUND, !*complaints);
	if (*complaints)
		log_line(LOG_FAIL, NULL, "DNSSEC is not to be had as it should be: %s", complaints);
	else
		log_line(LOG_NOTE, NULL, "the resolvers answer, and validate with DNSSEC");
}

static void alarm_about(void *arg, const char *words)
{
	(void)arg;
	log_line(LOG_FAIL, NULL, "ALARM: %s", words);
}

static enum rc open_assurance(struct daemon *d, const struct ruleset *r, struct fault *why)
{
	const struct settings *settings = r->settings;
	struct policy_server_config policy = {
		.listen = settings->tls_policy.listen,
		.mode = settings->tls_policy.mode,
		.group = settings->tls_policy.group,
		.connections_max = settings->limits.socketmap_connections,
		.idle_ms = (int64_t)settings->limits.socketmap_idle_s * 1000,
		.request_max = settings->limits.socketmap_request_bytes,
	};
	struct outlook_config outlook = {
		.settings = settings,
		.metrics = d->site.metrics,
		.arg = d,
		.rules = r->rules,
		.store = d->site.store,
		.complain = complain,
		.resolver = resolver_says,
		.alarm = alarm_about,
	};
	enum rc rc = outlook_anchors_write(settings, r->rules, why);

	if (rc != RC_OK)
		return rc;
	rc = outlook_open(d->site.loop, &outlook, &d->outlook, why);

	if (rc != RC_OK)
		return rc;
	d->site.assurance = outlook_service(d->outlook);
	policy.service = d->site.assurance;
	policy.metrics = d->site.metrics;
	return policy_server_new(d->site.loop, &policy, &d->policy, why);
}

/* ---- metrics ---- */

static void set_gauges(void *arg)
{
	struct daemon *d = arg;
	struct metrics *metrics = d->site.metrics;

	metrics_set(metrics, METRICS_SESSIONS, atomic_load(&d->site.messages));
	metrics_set(metrics, METRICS_DESTINATIONS,
		    (int64_t)assurance_service_count(d->site.assurance));
	outlook_tell(d->outlook, metrics);
	metrics_set(metrics, METRICS_STRIPPED, assurance_service_is_stripped(d->site.assurance));
}

static enum rc open_metrics(struct daemon *d, const struct settings_metrics *metrics,
			    struct fault *why)
{
	if (!*metrics->listen)
		return RC_OK;
	return metrics_serve(d->site.loop, metrics->listen, metrics->mode, metrics->group,
			     d->site.metrics, set_gauges, d, &d->metrics, why);
}

/* ---- the outbox's words ---- */

static enum rc outbox_event(void *arg, const struct outbox_event *e)
{
	struct daemon *d = arg;

	metrics_count(d->site.metrics, METRICS_OUTBOX, e->fate);
	static const char *const fates[] = { [OUTBOX_ACCEPTED] = "accepted",
					     [OUTBOX_REFUSED] = "refused",
					     [OUTBOX_DELAYED] = "delayed",
					     [OUTBOX_GIVEN_UP] = "given-up" };
	CLEANUP(buf_free) struct buf text = BUF_INIT(8192);
	struct fault why;

	log_line(e->fate == OUTBOX_ACCEPTED ? LOG_NOTE : LOG_WARN, NULL,
		 "%.*s: outbox=%s %s to=<%.*s> mta_queue_id=%.*s tries=%u words=\"%s\"",
		 SLICE_ARG(e->queue_id), outbox_kind_name(e->kind), fates[e->fate],
		 SLICE_ARG(e->to), SLICE_ARG(e->mta_queue_id), (unsigned)e->tries, e->words);
	/* One text, cut by NULs: the record's strings. */
	size_t queue_id = text.len;
	(void)buf_addf(&text, "%.*s%c", SLICE_ARG(e->queue_id), 0);
	size_t from = text.len;
	(void)buf_addf(&text, "%.*s%c", SLICE_ARG(e->from), 0);
	size_t to = text.len;
	(void)buf_addf(&text, "%.*s%c", SLICE_ARG(e->to), 0);
	size_t reason = text.len;
	(void)buf_addf(&text, "%s %s: %s", outbox_kind_name(e->kind), fates[e->fate], e->words);
	size_t reply = text.len + 1;
	(void)buf_addf(&text, "%c%.*s", 0, SLICE_ARG(e->mta_queue_id));
	if (buf_state(&text) != RC_OK)
		return buf_state(&text);
	struct audit_record record = {
		.ts_usec = clock_wall_usec(),
		.event = "outbox",
		.queue_id = text.at + queue_id,
		.from = text.at + from,
		.to = text.at + to,
		.verdict = outbox_kind_name(e->kind),
		.reply = e->mta_queue_id.len ? text.at + reply : NULL,
		.reason = text.at + reason,
	};
	enum rc rc = audit_log_append(d->site.audit, &record, 1, true, &why);
	if (rc != RC_OK)
		log_line(LOG_FAIL, NULL, "the audit failed: %s", why.text);
	return rc;
}

static void outbox_trouble(void *arg, enum rc rc, const char *words)
{
	(void)arg;
	(void)rc;
	log_line(LOG_FAIL, NULL, "the outbox waits: %s", words);
}

static enum rc open_outbox(struct daemon *d, const struct settings *settings, struct fault *why)
{
	char helo[256], report_from[300];

	snprintf(helo, sizeof helo, "%s", settings->outbound.domains.at[0]);
	snprintf(report_from, sizeof report_from, "postmaster@%s",
		 settings->outbound.domains.at[0]);
	struct outbox_worker_settings worker = {
		.server = settings->outbox.smtp,
		.helo = helo,
		.report_from = report_from,
		.header_key = &d->site.keys->header,
		.report_s = (int64_t)settings->limits.outbox_report_hours * 3600,
		.give_up_s = (int64_t)settings->limits.outbox_age_days * 86400,
		.keep_stuck_s = (int64_t)settings->limits.outbox_age_days * 86400,
	};
	return outbox_worker_new(d->site.loop, d->site.outbox, &worker, outbox_event,
				 outbox_trouble, d, &d->site.worker, why);
}

/* ---- housekeeping, on a helper thread ---- */

static void keep_house(void *arg)
{
	struct daemon *d = arg;

	/* Counted like a message: the end waits for it. */
	(void)site_enter(&d->site, UINT_MAX);
	house_keep(&d->site);
	site_leave(&d->site);
}

static void house_kept(void *arg)
{
	struct daemon *d = arg;

	if (d->ending)
		return;
	settle_soon(&d->site); /* what a crash, or a failure, has left */
	if (atomic_load(&d->site.messages) == 0)
		lean_settle(); /* after a rush, its threads' heaps are as large as it was */
	loop_timer_set(d->housekeeping, HOUSEKEEPING_MS);
}

static void time_for_housekeeping(void *arg)
{
	struct daemon *d = arg;

	if (loop_work(d->site.loop, keep_house, house_kept, d) != RC_OK)
		loop_timer_set(d->housekeeping, HOUSEKEEPING_MS);
}

/* ---- SIGHUP ---- */

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* What was opened at the start stays as it is until the next one. */
static void say_what_waits(const struct settings *old, const struct settings *fresh)
{
	const struct {
		const char *option;
		bool same;
	} fixed[] = {
		{ "state", same(old->state, fresh->state) },
		{ "keys", same(old->keys, fresh->keys) },
		{ "milter.listen", same(old->milter.listen, fresh->milter.listen) },
		{ "milter.route_token", same(old->milter.route_token, fresh->milter.route_token) },
		{ "tls_policy.listen", same(old->tls_policy.listen, fresh->tls_policy.listen) },
		{ "metrics.listen", same(old->metrics.listen, fresh->metrics.listen) },
		{ "audit.file", same(old->audit.file, fresh->audit.file) },
		{ "outbox.smtp", same(old->outbox.smtp, fresh->outbox.smtp) },
		{ "resolver.port", old->resolver.port == fresh->resolver.port },
		{ "limits.readers", old->limits.readers == fresh->limits.readers },
		{ "sts.ca_file", same(old->sts.ca_file, fresh->sts.ca_file) },
	};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (!fixed[i].same)
			log_line(LOG_WARN, NULL, "%s has changed, which takes a restart",
				 fixed[i].option);
}

static void reload_read(void *arg)
{
	struct daemon *d = arg;

	d->fresh = NULL;
	if (ruleset_read(d->config, &d->fresh, &d->why) != RC_OK) {
		d->fresh = NULL;
	} else if (outlook_anchors_write(d->fresh->settings, d->fresh->rules, &d->why) != RC_OK) {
		ruleset_unref(d->fresh);
		d->fresh = NULL;
	} else {
		inspect_rules_set_reader(d->fresh->markers, d->site.readers, d->site.spool_folder);
	}
	struct fault why;
	if (audit_log_reopen(d->site.audit, clock_wall_usec(), &why) != RC_OK)
		log_line(LOG_FAIL, NULL, "the audit file stays the old one: %s", why.text);
}

static void reload_start(struct daemon *d);

static void reload_done(void *arg)
{
	struct daemon *d = arg;
	struct fault why;

	d->reloading = false;
	if (d->ending) {
		ruleset_unref(d->fresh);
		return;
	}
	if (!d->fresh)
		log_line(LOG_FAIL, NULL, "not reloaded, the old settings and rules hold: %s",
			 d->why.text);
	else if (outlook_set_pins(d->outlook, d->fresh->rules, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "not reloaded, the old settings and rules hold: %s",
			 why.text);
		ruleset_unref(d->fresh);
	} else {
		say_what_waits(d->site.ruleset->settings, d->fresh->settings);
		log_line(LOG_NOTE, NULL, "reloaded: %zu markers, %zu rules, sha256=%.16s",
			 d->fresh->rules->marker_count, d->fresh->rules->rule_count,
			 d->fresh->rules->digest);
		ruleset_say_modes(d->fresh);
		site_set_ruleset(&d->site, d->fresh);
		lean_settle();
	}
	d->fresh = NULL;
	if (d->again)
		reload_start(d);
}

static void reload_start(struct daemon *d)
{
	d->again = d->reloading;
	if (d->reloading)
		return;
	d->reloading = loop_work(d->site.loop, reload_read, reload_done, d) == RC_OK;
	if (!d->reloading)
		log_line(LOG_FAIL, NULL, "not reloaded: out of memory");
}

static void on_hup(void *arg, int number)
{
	(void)number;
	reload_start(arg);
}

/* ---- the end ---- */

static void outbox_stopped(void *arg)
{
	struct daemon *d = arg;

	loop_stop(d->site.loop);
}

static void drain(void *arg)
{
	struct daemon *d = arg;

	if (atomic_load(&d->site.messages) && clock_mono_ms() < d->drain_until_ms) {
		loop_timer_set(d->drain, DRAIN_STEP_MS);
		return;
	}
	/* A session that is not done yet may still wake the worker: it goes with the process. */
	if (atomic_load(&d->site.messages))
		loop_stop(d->site.loop);
	else
		outbox_worker_free(d->site.worker, outbox_stopped, d);
}

/* Libmilter takes no more: what is under way still gets its answers. */
static void filter_ended(void *arg)
{
	struct daemon *d = arg;

	/* Told to stop before it had begun, libmilter calls that a failure of its own. */
	if (d->ending)
		d->filter_failed = false;
	d->ending = true;
	upgrade_stop(d->upgrade);
	d->drain_until_ms = clock_mono_ms() + DRAIN_MAX_MS;
	drain(d);
}

static void on_end(void *arg, int number)
{
	struct daemon *d = arg;

	if (d->ending) /* twice is once: libmilter may be through, and has no locks left */
		return;
	log_line(LOG_NOTE, NULL, "ending on signal %d", number);
	d->ending = true;
	upgrade_stop(d->upgrade);
	filter_stop();
}

/* Signals are the loop's: blocked here and in what libmilter starts, which takes none (signals.c). */
static void *filter_main(void *arg)
{
	struct daemon *d = arg;
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ours, NULL);
	d->filter_failed = !filter_run();
	if (loop_post(d->site.loop, filter_ended, d) != RC_OK)
		loop_stop(d->site.loop);
	return NULL;
}

/* ---- running ---- */

static enum rc watch(struct daemon *d, struct fault *why)
{
	struct loop *loop = d->site.loop;

	d->hup = loop_signal_new(loop, SIGHUP, on_hup, d);
	d->term = loop_signal_new(loop, SIGTERM, on_end, d);
	d->interrupt = loop_signal_new(loop, SIGINT, on_end, d);
	d->housekeeping = loop_timer_new(loop, time_for_housekeeping, d);
	d->drain = loop_timer_new(loop, drain, d);
	d->site.tidy = loop_timer_new(loop, site_tidy, &d->site);
	if (!d->site.tidy || !d->hup || !d->term || !d->interrupt || !d->housekeeping || !d->drain)
		return fault(why, RC_NOMEM, "out of memory");
	loop_timer_set(d->housekeeping, 0);
	return RC_OK;
}

static enum rc start_filter(struct daemon *d, struct fault *why)
{
	int error = pthread_create(&d->filter_thread, NULL, filter_main, d);

	return error ? fault(why, RC_RETRY, "cannot start a thread: %s", strerror(error)) : RC_OK;
}

static enum rc start(struct daemon *d, struct ruleset *r, struct fault *why)
{
	enum rc rc = open_durable(d, r->settings, why);

	if (rc == RC_OK)
		rc = open_readers(&d->site, r, why);
	if (rc == RC_OK && !(d->site.loop = loop_new(why)))
		rc = RC_NOMEM;
	if (rc == RC_OK && !(d->site.metrics = metrics_new()))
		rc = fault(why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = watch(d, why);
	if (rc == RC_OK)
		rc = open_assurance(d, r, why);
	if (rc == RC_OK)
		rc = open_outbox(d, r->settings, why);
	if (rc == RC_OK)
		rc = open_metrics(d, &r->settings->metrics, why);
	if (rc == RC_OK)
		rc = audit_server_new(&d->site, r->settings->state, &d->handed, why);
	if (rc == RC_OK)
		rc = upgrade_start(&d->site, &d->upgrade, why);
	if (rc == RC_OK)
		rc = filter_prepare(&d->site, r->settings, why);
	return rc == RC_OK ? start_filter(d, why) : rc;
}

int daemon_run(const char *config, struct ruleset *ruleset)
{
	/* Static, since libmilter's pool may still stand in a callback when we leave: nothing
	 * of it is freed, the process ends. */
	static struct daemon d;
	struct fault why;

	d = (struct daemon){ .config = config };
	atomic_init(&d.site.messages, 0);
	atomic_init(&d.site.settling, 0);
	pthread_mutex_init(&d.site.lock, NULL);
	d.site.ruleset = ruleset;
	signal(SIGPIPE, SIG_IGN);
	if (start(&d, ruleset, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
		_exit(EXIT_FAILURE);
	}
	log_line(LOG_NOTE, NULL,
		 "version " POSTERN_VERSION " started: %zu markers, %zu rules from %s",
		 ruleset->rules->marker_count, ruleset->rules->rule_count,
		 ruleset->settings->rules_set ? ruleset->settings->rules : "the default place");
	ruleset_say_modes(ruleset);
	lean_settle();
	loop_run(d.site.loop);
	pthread_join(d.filter_thread, NULL); /* its last act was to have the loop stopped */

	policy_server_free(d.policy); /* takes its socket away */
	metrics_serve_end(d.metrics);
	audit_server_free(d.handed);
	if (atomic_load(&d.site.messages) == 0) { /* else somebody still stands in it */
		if (outlook_close(d.outlook, &why) != RC_OK)
			log_line(LOG_FAIL, NULL, "MTA-STS memory: %s", why.text);
		store_close(d.site.store);
	}
	log_line(LOG_NOTE, NULL, "ended");
	_exit(d.filter_failed ? EXIT_FAILURE : EXIT_SUCCESS);
}
