#include "cli/rules.h"

#include "base/cleanup.h"
#include "cli/corpus.h"
#include "cli/explain_case.h"
#include "cli/feed.h"
#include "cli/letter.h"
#include "cli/progress.h"
#include "json/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = VERDICT_REFUSE + 1 };

/* One of the two rules files. */
struct side {
	struct cli cli; /* ours, with these rules */
	const char *path;
	const struct rules *rules;
	struct inspect_rules *markers;
	struct assume *assume; /* NULL: looked up */
};

struct diff {
	struct cli *cli;
	struct side sides[2]; /* old, new */
	struct lookup *lookup;
	bool lookups, other_pins, all, as_is, program, clear;
	const char *from, *assume;
	const char *to[EXPLAIN_RECIPIENTS_MAX];
	size_t to_count;
	struct progress progress;
	struct fault *why; /* set where rc is not RC_OK */
	enum rc rc;
	uint64_t messages, recipients, undecided, changed;
	uint64_t moved[KINDS][KINDS]; /* recipients from that verdict to that */
};

/* ---- printing ---- */

/* A file's name goes to a terminal. */
static void print_name(const char *name)
{
	for (; *name; name++)
		putchar((unsigned char)*name >= ' ' && *name != 0x7f ? *name : '?');
}

static void print_side(const char *what, const struct explain_recipient *r)
{
	const char *reason = r->demand.reason;

	printf("  %s  %s: %s", what, verdict_name(r->verdict.kind),
	       reason[0] ? reason : "no rule asks for anything");
	if (r->verdict.reason[0] && r->demand.require != RULES_REQUIRE_NONE)
		printf("; %s", r->verdict.reason);
	putchar('\n');
}

static void write_side(struct json_line *line, const char *key, const struct explain_recipient *r)
{
	const struct demand *d = &r->demand;
	bool asked = d->require != RULES_REQUIRE_NONE;

	json_line_object(line, key);
	json_line_string(line, "verdict", verdict_name(r->verdict.kind));
	json_line_string(line, "rule", d->rule ? d->rule->name : NULL);
	json_line_string(line, "require", asked ? rules_require_name(d->require) : NULL);
	json_line_string(line, "factor", asked ? rules_factor_name(d->factor) : NULL);
	json_line_array(line, "reasons");
	if (d->reason[0])
		json_line_string(line, NULL, d->reason);
	if (r->verdict.reason[0])
		json_line_string(line, NULL, r->verdict.reason);
	json_line_close(line);
	json_line_close(line);
}

static void print_change(struct diff *d, const char *name, const struct explain_recipient *old,
			 const struct explain_recipient *new)
{
	struct buf out = BUF_INIT(64 * 1024);
	struct json_line line;

	progress_clear(&d->progress);
	if (!d->cli->json) {
		print_name(name);
		printf(" to %s: %s -> %s\n", old->given, verdict_name(old->verdict.kind),
		       verdict_name(new->verdict.kind));
		print_side("old", old);
		print_side("new", new);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "message", name);
	json_line_string(&line, "to", old->given);
	write_side(&line, "old", old);
	write_side(&line, "new", new);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static bool tell_undecided(void *arg, const char *name, const char *words)
{
	struct buf out = BUF_INIT(64 * 1024);
	struct diff *d = arg;
	struct json_line line;

	d->undecided++;
	progress_clear(&d->progress);
	if (!d->cli->json) {
		print_name(name);
		printf(": not decided: %s\n", words);
		return true;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "message", name);
	json_line_string(&line, "undecided", words);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
	return true;
}

static void print_moves(const struct diff *d)
{
	const char *between = " (";

	for (unsigned i = 0; i < KINDS; i++)
		for (unsigned k = 0; k < KINDS; k++)
			if (d->moved[i][k]) {
				printf("%s%s -> %s %" PRIu64, between, verdict_name(i),
				       verdict_name(k), d->moved[i][k]);
				between = ", ";
			}
	if (d->changed)
		putchar(')');
}

static void write_moves(struct json_line *line, const struct diff *d)
{
	json_line_array(line, "verdicts");
	for (unsigned i = 0; i < KINDS; i++)
		for (unsigned k = 0; k < KINDS; k++) {
			if (!d->moved[i][k])
				continue;
			json_line_object(line, NULL);
			json_line_string(line, "old", verdict_name(i));
			json_line_string(line, "new", verdict_name(k));
			json_line_number(line, "recipients", (int64_t)d->moved[i][k]);
			json_line_close(line);
		}
	json_line_close(line);
}

static void print_summary(const struct diff *d)
{
	struct buf out = BUF_INIT(64 * 1024);
	struct json_line line;

	if (!d->cli->json) {
		printf("%" PRIu64 " messages, %" PRIu64 " recipients: %" PRIu64 " change",
		       d->messages, d->recipients, d->changed);
		print_moves(d);
		if (d->undecided)
			printf("; %" PRIu64 " messages not decided", d->undecided);
		putchar('\n');
		return;
	}
	json_line_begin(&line, &out);
	json_line_object(&line, "summary");
	json_line_number(&line, "messages", (int64_t)d->messages);
	json_line_number(&line, "recipients", (int64_t)d->recipients);
	json_line_number(&line, "changed", (int64_t)d->changed);
	json_line_number(&line, "undecided", (int64_t)d->undecided);
	write_moves(&line, d);
	json_line_close(&line);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

/* ---- one message ---- */

static bool is_other(const struct diff *d, const struct explain_recipient *old,
		     const struct explain_recipient *new)
{
	const char *a = old->demand.rule ? old->demand.rule->name : "";
	const char *b = new->demand.rule ? new->demand.rule->name : "";

	if (old->verdict.kind != new->verdict.kind)
		return true;
	return d->all && (strcmp(a, b) != 0 || old->demand.require != new->demand.require ||
			  old->demand.factor != new->demand.factor);
}

static void compare(struct diff *d, const char *name, const struct explain_case *old,
		    const struct explain_case *new)
{
	d->recipients += old->recipient_count;
	for (size_t i = 0; i < old->recipient_count; i++) {
		const struct explain_recipient *a = &old->recipients[i], *b = &new->recipients[i];
		if (!is_other(d, a, b))
			continue;
		d->changed++;
		d->moved[a->verdict.kind][b->verdict.kind]++;
		print_change(d, name, a, b);
	}
}

static enum rc decide(struct diff *d, size_t which, const struct letter *letter, struct slice text,
		      struct explain_case *c, struct fault *why)
{
	struct side *side = &d->sides[which];
	enum rc rc = RC_OK;

	c->cli = &side->cli;
	c->settings = d->cli->settings;
	c->rules = side->rules;
	c->markers = inspect_rules_ref(side->markers);
	c->assume = side->assume;
	c->lookup = d->lookup;
	c->program = d->program;
	c->clear = d->clear;
	c->as_enforced = !d->as_is; /* rules are compared by what they say, tried out or not */
	c->from = letter->from;
	for (size_t i = 0; i < letter->to_count; i++)
		c->recipients[c->recipient_count++].given = letter->to[i];
	if (d->lookup && d->other_pins)
		rc = lookup_set_rules(d->lookup, side->rules, why);
	return rc == RC_OK ? explain_decide(c, text, why) : rc;
}

static enum rc decide_both(struct diff *d, const char *name, const struct letter *letter,
			   struct slice text, struct fault *why)
{
	struct explain_case *old = calloc(1, sizeof *old), *new = calloc(1, sizeof *new);
	enum rc rc = old && new ? RC_OK : fault(why, RC_NOMEM, "out of memory");

	if (rc == RC_OK)
		rc = decide(d, 0, letter, text, old, why);
	if (rc == RC_OK)
		rc = decide(d, 1, letter, text, new, why);
	if (rc == RC_OK)
		compare(d, name, old, new);
	if (old)
		explain_end(old);
	if (new)
		explain_end(new);
	free(old);
	free(new);
	return rc;
}

static bool on_message(void *arg, const char *name, struct slice text, uint64_t done)
{
	CLEANUP(letter_free) struct letter *letter = NULL;
	struct diff *d = arg;
	struct fault why;
	enum rc rc = letter_read(text, d->from, d->to, d->to_count, &letter, &why);

	d->messages++;
	if (rc == RC_OK)
		rc = decide_both(d, name, letter, text, &why);
	if (rc == RC_NOMEM)
		d->rc = fault(d->why, rc, "%s", why.text);
	else if (rc != RC_OK)
		(void)tell_undecided(d, name, why.text);
	else if (letter->trouble[0])
		(void)tell_undecided(d, name, letter->trouble);
	progress_show(&d->progress, done);
	return d->rc == RC_OK && !ferror(stdout);
}

/* ---- all of them ---- */

static bool are_same_pins(const struct rules *a, const struct rules *b)
{
	bool same = a->destination_count == b->destination_count;

	for (size_t i = 0; same && i < a->destination_count; i++) {
		const struct rules_destination *x = &a->destinations[i], *y = &b->destinations[i];
		same = strcmp(x->domain, y->domain) == 0 && x->assurance == y->assurance;
	}
	return same;
}

static enum rc open_side(struct diff *d, size_t which, enum assurance_level level,
			 struct fault *why)
{
	struct side *side = &d->sides[which];
	enum rc rc = rules_read(side->path, &side->rules, why);

	if (rc != RC_OK)
		return rc;
	side->cli = *d->cli;
	side->cli.rules = side->rules;
	rc = cli_markers(&side->cli, &side->markers, why);
	d->cli->readers = side->cli.readers; /* both have them, and main gives them back */
	if (rc == RC_OK && !d->lookups)
		rc = assume_new(side->rules, level, &side->assume, why);
	return rc;
}

static void close_side(struct side *side)
{
	inspect_rules_unref(side->markers);
	assume_free(side->assume);
	rules_unref(side->rules);
}

static int walk(struct diff *d, const char *folder)
{
	const struct corpus corpus = { .path = folder,
				       .message_max =
					       (size_t)d->cli->settings->limits.message_bytes,
				       .message = on_message,
				       .unread = tell_undecided,
				       .arg = d };
	struct fault why, met;

	d->why = &met;
	d->progress = progress_begin(d->cli, "bytes", corpus_size(folder));
	enum rc rc = corpus_walk(&corpus, &why);
	progress_clear(&d->progress);
	if (rc != RC_OK || d->rc != RC_OK)
		return cli_fail(d->cli, CLI_USAGE, "%s", rc != RC_OK ? why.text : met.text);
	print_summary(d);
	if (d->changed)
		return CLI_NO;
	return d->undecided ? CLI_UNDETERMINED : CLI_OK;
}

static int diff(struct diff *d, enum assurance_level level, char **argv)
{
	struct fault why;
	int status = CLI_OK;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < 2; i++) {
		d->sides[i].path = argv[1 + i];
		rc = open_side(d, i, level, &why);
	}
	if (rc != RC_OK) {
		status = cli_fail(d->cli, CLI_USAGE, "%s", why.text);
	} else if (d->lookups) {
		d->other_pins = !are_same_pins(d->sides[0].rules, d->sides[1].rules);
		status = lookup_open(&d->sides[0].cli, (struct lookup_wish){ 0 }, &d->lookup);
	}
	if (status == CLI_OK)
		status = walk(d, argv[3]);
	lookup_close(d->lookup);
	close_side(&d->sides[0]);
	close_side(&d->sides[1]);
	return status;
}

static int run(struct diff *d, int argc, char **argv)
{
	const struct cli_option options[] = {
		{ .name = "--assume", .value = &d->assume },
		{ .name = "--lookup", .flag = &d->lookups },
		{ .name = "--all", .flag = &d->all },
		{ .name = "--as-is", .flag = &d->as_is },
		{ .name = "--from", .value = &d->from },
		{ .name = "--to",
		  .values = d->to,
		  .count = &d->to_count,
		  .max = EXPLAIN_RECIPIENTS_MAX },
		{ .name = "--program", .flag = &d->program },
		{ .name = "--clear", .flag = &d->clear },
		{ 0 },
	};
	enum assurance_level level = ASSURANCE_NONE;

	if (!cli_options(d->cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 4)
		return cli_usage(d->cli, "diff takes two rules files and a folder of messages");
	if (d->assume && d->lookups)
		return cli_usage(d->cli, "--assume and --lookup exclude each other");
	if (d->assume && !assume_level_read(d->assume, &level))
		return cli_usage(d->cli, "--assume takes none, authenticated or requiretls");
	return cli_settings(d->cli) ? diff(d, level, argv) : CLI_USAGE;
}

int rules_diff(struct cli *cli, int argc, char **argv)
{
	struct diff *d = calloc(1, sizeof *d);

	if (!d)
		return cli_fail(cli, CLI_USAGE, "out of memory");
	d->cli = cli;
	int status = run(d, argc, argv);
	free(d);
	return status;
}
