#include "cli/deposit.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "cli/operator.h"
#include "deposit/held.h"
#include "json/line.h"

#include <stdio.h>

struct listing {
	const struct cli *cli;
	struct store *store;
	int64_t now_s;
	struct buf out;
};

static const char *state_word(const struct deposit_held *held, int64_t now_s)
{
	switch (held->state) {
	case STORE_DEPOSIT_OPEN:
		return held->until_s > now_s ? "open" : "expired";
	case STORE_DEPOSIT_REVOKED:
		return "revoked";
	case STORE_DEPOSIT_EXPIRED:
		return "expired";
	case STORE_DEPOSIT_SENT_ON:
		return "sent-on";
	}
	return "";
}

static void add_address(struct buf *out, struct slice address)
{
	(void)buf_add_byte(out, '<');
	operator_add_text(out, address);
	(void)buf_add_byte(out, '>');
}

static void add_words(struct listing *l, const struct deposit_held *held, const char *id)
{
	char made[CLOCK_TEXT], until[CLOCK_TEXT], ended[CLOCK_TEXT];
	int64_t ended_s = deposit_held_ended_s(held);

	(void)buf_addf(&l->out, "%s %-7s made %s until %s", id, state_word(held, l->now_s),
		       clock_format(held->made_s, made), clock_format(held->until_s, until));
	if (ended_s)
		(void)buf_addf(&l->out, " ended %s", clock_format(ended_s, ended));
	(void)buf_add_text(&l->out, " from ");
	add_address(&l->out, held->sender);
	(void)buf_add_text(&l->out, " to");
	for (size_t i = 0; i < held->recipient_count; i++) {
		(void)buf_add_byte(&l->out, ' ');
		add_address(&l->out, held->recipients[i].address);
		(void)buf_addf(&l->out, " (%s)", deposit_pickup_name(held->recipients[i].state));
	}
	(void)buf_add_byte(&l->out, '\n');
}

static void add_json(struct listing *l, const struct deposit_held *held, const char *id)
{
	char text[CLOCK_TEXT];
	int64_t ended_s = deposit_held_ended_s(held);
	struct json_line line;

	json_line_begin(&line, &l->out);
	json_line_string(&line, "id", id);
	json_line_string(&line, "state", state_word(held, l->now_s));
	json_line_string(&line, "made", clock_format(held->made_s, text));
	json_line_string(&line, "until", clock_format(held->until_s, text));
	json_line_string(&line, "ended", ended_s ? clock_format(ended_s, text) : NULL);
	json_line_text(&line, "from", held->sender);
	json_line_array(&line, "to");
	for (size_t i = 0; i < held->recipient_count; i++)
		json_line_text(&line, NULL, held->recipients[i].address);
	json_line_close(&line);
	json_line_array(&line, "pickups"); /* of each, in the same order */
	for (size_t i = 0; i < held->recipient_count; i++)
		json_line_string(&line, NULL, deposit_pickup_name(held->recipients[i].state));
	json_line_close(&line);
	enum rc rc = json_line_end(&line);
	(void)rc; /* the buffer remembers */
}

static bool all(void *arg, const struct store_deposit *deposit)
{
	(void)arg;
	(void)deposit;
	return true;
}

static enum rc list_one(struct listing *l, const uint8_t *id, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	char text[2 * STORE_ID_BYTES + 1];
	enum rc rc = deposit_held_look(l->store, id, &held, why);

	if (rc != RC_OK)
		return rc == RC_ABSENT ? RC_OK : rc; /* purged just now */
	hex_format(id, STORE_ID_BYTES, text);
	if (l->cli->json)
		add_json(l, held, text);
	else
		add_words(l, held, text);
	/* The store is free: a pager may take its time. */
	fwrite(buf_text(&l->out), 1, l->out.len, stdout);
	rc = buf_state(&l->out);
	buf_clear(&l->out);
	return rc == RC_OK ? RC_OK
			   : fault(why, rc, "a deposit has too many recipients to be listed");
}

int deposit_list(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	struct buf ids = BUF_INIT(64 << 20);
	struct listing l = { .cli = cli, .now_s = clock_wall_s(), .out = BUF_INIT(1 << 20) };
	struct fault why;
	int status;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "list takes no operand");
	if (!operator_open_store(cli, &site, &status))
		return status;
	l.store = site.store;
	enum rc rc = deposit_held_find(site.store, all, NULL, SIZE_MAX, &ids, &why);
	for (size_t at = 0; rc == RC_OK && at < ids.len; at += STORE_ID_BYTES)
		rc = list_one(&l, (const uint8_t *)ids.at + at, &why);
	buf_free(&ids);
	buf_free(&l.out);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
}
