#include "cli/deposit.h"

#include "audit/hand.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "cli/operator.h"
#include "cli/progress.h"
#include "deposit/held.h"
#include "deposit/life.h"
#include "deposit/time.h"
#include "json/line.h"
#include "pickup/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DAY_S = 24 * 3600,
	MORE_DAYS = 14,   /* by which one is kept longer unless it is said */
	REASON_MAX = 300, /* bytes: a sentence for the audit */
};

/* A site as the daemon has it, with the audit told by hand. */
struct hands {
	struct cli *cli;
	struct operator_site site;
	struct deposit_wording *wording;
	struct outbox *outbox;
	struct deposit_site deposits;
	struct deposit_life life;
};

static void hands_close(struct hands *h)
{
	outbox_close(h->outbox);
	deposit_wording_free(&h->wording);
	operator_close(&h->site);
}

static enum rc append(void *arg, const struct audit_record *records, size_t count,
		      struct fault *why)
{
	struct hands *h = arg;
	CLEANUP(cleanup_free) struct audit_record *mine = calloc(count + 1, sizeof *mine);

	if (!mine)
		return fault(why, RC_NOMEM, "out of memory");
	memcpy(mine, records, count * sizeof *mine);
	return operator_record(h->cli, mine, count, why);
}

static enum rc tell(void *arg, const struct deposit_event *events, size_t count, struct fault *why)
{
	return pickup_event_append(append, arg, events, count, why);
}

static bool hands_open(struct cli *cli, struct hands *h, int *status)
{
	struct fault why;
	enum rc rc = RC_OK;

	h->cli = cli;
	if (!operator_open(cli, &h->site, status))
		return false;
	const struct settings *settings = cli_settings(cli);
	*status = CLI_USAGE;
	if (!settings->portal.url[0])
		return cli_usage(cli, "portal.url is not set: letters to senders need it"), false;
	if (settings->portal.texts[0])
		rc = deposit_wording_read(settings->portal.texts, &h->wording, &why);
	if (rc == RC_OK)
		rc = outbox_open(h->site.store, &h->site.keys->outbox, &h->outbox, &why);
	if (rc != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text), false;
	h->deposits = (struct deposit_site){
		.store = h->site.store,
		.outbox = h->outbox,
		.keys = h->site.keys,
		.portal_url = settings->portal.url,
		.organisation = settings->portal.organisation,
		.wording = h->wording,
		.report_from = "",
	};
	h->life = (struct deposit_life){
		.site = &h->deposits,
		.life_days = settings->limits.deposit_life_days,
		.keep_days = settings->limits.deposit_keep_days,
		.event = tell,
		.arg = h,
	};
	return true;
}

/* The letters go out at once; without a daemon, when there is one. */
static void wake(const struct hands *h)
{
	const struct settings *settings = cli_settings(h->cli);
	const struct audit_hand hand = { settings->state, settings->audit.file };

	(void)!audit_hand_wake(&hand, NULL);
}

static bool read_days(struct cli *cli, const char *text, unsigned *days)
{
	uint64_t number;

	if (!slice_to_u64(slice_of(text), &number) || number > 3650)
		return cli_usage(cli, "%s is no number of days up to 3650", text), false;
	*days = (unsigned)number;
	return true;
}

static int status_of(enum rc rc)
{
	return rc == RC_OK ? CLI_OK : rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED;
}

/* ---- one after the other ---- */

struct change {
	const char *reason;
	unsigned days; /* of extend; 0: MORE_DAYS more */
	bool revoke;
};

/* Its line, or why not. */
static void say(const struct hands *h, const char *number, const struct change *change,
		int64_t until_s, enum rc rc, const struct fault *why)
{
	char until[CLOCK_TEXT];
	struct buf out = BUF_INIT(4096);
	struct json_line line;

	clock_format(until_s, until);
	if (!h->cli->json) {
		if (rc != RC_OK)
			cli_fail(h->cli, 0, "%s: %s", number, why->text);
		else if (change->revoke)
			printf("%s is revoked\n", number);
		else
			printf("%s is kept until %s\n", number, until);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "id", number);
	json_line_bool(&line, "done", rc == RC_OK);
	json_line_string(&line, "until", rc == RC_OK && !change->revoke ? until : NULL);
	json_line_string(&line, "why", rc == RC_OK ? NULL : why->text);
	if (json_line_end(&line) == RC_OK)
		fputs(buf_text(&out), stdout);
	buf_free(&out);
}

static enum rc extend(const struct hands *h, const uint8_t *id, const struct change *change,
		      int64_t *until_s, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	int64_t now_s = clock_wall_s();
	enum rc rc = deposit_held_look(h->site.store, id, &held, why);

	if (rc != RC_OK)
		return rc;
	int64_t wanted_s = change->days ? now_s + (int64_t)change->days * DAY_S
					: held->until_s + (int64_t)MORE_DAYS * DAY_S;
	return deposit_extend(&h->life, id, wanted_s, "operator", slice_of(change->reason), now_s,
			      until_s, why);
}

static enum rc do_one(const struct hands *h, const char *number, const struct change *change)
{
	const struct deposit_ending ending = { STORE_DEPOSIT_REVOKED, "operator",
					       slice_of(change->reason) };
	uint8_t id[STORE_ID_BYTES];
	int64_t until_s = 0;
	struct fault why = { 0 };
	enum rc rc;

	if (!hex_parse(slice_of(number), id, sizeof id))
		rc = fault(&why, RC_ABSENT, "a deposit's number is %d hexadecimal digits",
			   2 * STORE_ID_BYTES);
	else if (change->revoke)
		rc = deposit_end(&h->life, id, &ending, clock_wall_s(), &why);
	else
		rc = extend(h, id, change, &until_s, &why);
	say(h, number, change, until_s, rc, &why);
	return rc;
}

static int do_all(struct cli *cli, int argc, char **argv, const struct change *change)
{
	CLEANUP(hands_close) struct hands h = { .cli = cli };
	int status, worst = CLI_OK;

	if (argc < 2)
		return cli_usage(cli, "%s takes the numbers of deposits", argv[0]);
	if (strlen(change->reason) > REASON_MAX)
		return cli_usage(cli, "a reason has at most %d bytes", REASON_MAX);
	if (!hands_open(cli, &h, &status))
		return status;
	for (int i = 1; i < argc; i++) {
		status = status_of(do_one(&h, argv[i], change));
		worst = status > worst ? status : worst;
	}
	wake(&h);
	return worst;
}

int deposit_revoke(struct cli *cli, int argc, char **argv)
{
	struct change change = { .reason = "", .revoke = true };
	const struct cli_option options[] = { { .name = "--reason", .value = &change.reason },
					      { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	return do_all(cli, argc, argv, &change);
}

int deposit_extend_by(struct cli *cli, int argc, char **argv)
{
	struct change change = { .reason = "" };
	const char *days = NULL;
	const struct cli_option options[] = { { .name = "--days", .value = &days },
					      { .name = "--reason", .value = &change.reason },
					      { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (days && !read_days(cli, days, &change.days))
		return CLI_USAGE;
	if (days && change.days == 0)
		return cli_usage(cli, "--days takes 1 or more; see revoke");
	return do_all(cli, argc, argv, &change);
}

/* ---- purge ---- */

static bool show(void *progress, unsigned done)
{
	progress_show(progress, done);
	return true;
}

static enum rc purge(const struct hands *h, bool clock_is_right, unsigned *ended, unsigned *purged,
		     struct fault *why)
{
	struct progress progress = progress_begin(h->cli, "ended", 0);
	struct deposit_clocks clocks;
	struct deposit_time time;
	enum rc rc = RC_OK;

	deposit_clocks_read(&clocks);
	if (clock_is_right)
		rc = deposit_time_accept(h->site.store, &clocks, why);
	if (rc == RC_OK)
		rc = deposit_time_now(h->site.store, &clocks, &time, why);
	if (rc == RC_OK && time.doubt)
		cli_fail(h->cli, 0,
			 "the clock has jumped: what is over by it alone is kept (see "
			 "--clock-is-right)");
	if (rc == RC_OK)
		rc = deposit_expire(&h->life, time.now_s, show, &progress, ended, why);
	progress_clear(&progress);
	progress.what = "purged";
	if (rc == RC_OK)
		rc = deposit_purge(&h->life, time.now_s, show, &progress, purged, why);
	progress_clear(&progress);
	return rc;
}

int deposit_purge_now(struct cli *cli, int argc, char **argv)
{
	CLEANUP(hands_close) struct hands h = { .cli = cli };
	const char *keep = NULL;
	bool clock_is_right = false;
	const struct cli_option options[] = { { .name = "--keep", .value = &keep },
					      { .name = "--clock-is-right",
						.flag = &clock_is_right },
					      { 0 } };
	unsigned ended = 0, purged = 0, days = 0;
	struct fault why;
	int status;

	if (!cli_options(cli, &argc, argv, options) || (keep && !read_days(cli, keep, &days)))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "purge takes no operand");
	if (keep && days == 0)
		return cli_usage(cli, "--keep takes 1 or more");
	if (!hands_open(cli, &h, &status))
		return status;
	if (keep)
		h.life.keep_days = days;
	enum rc rc = purge(&h, clock_is_right, &ended, &purged, &why);
	wake(&h);
	if (cli->json)
		printf("{\"ended\":%u,\"purged\":%u}\n", ended, purged);
	else
		printf("%u ended, %u purged\n", ended, purged);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
}
