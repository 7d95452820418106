#include "cli/explain_case.h"
#include "cli/feed.h"

#include "base/clock.h"
#include "json/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTPUT_MAX = 16 << 20 }; /* a thousand recipients with their reasons take 2 MB */

/* ---- printing ---- */

static void print_ladder(struct json_line *line, const struct demand *demand)
{
	json_line_array(line, "ladder");
	for (size_t i = 0; i < demand->rung_count; i++)
		json_line_string(line, NULL, rules_rung_name(demand->rungs[i]));
	json_line_close(line);
}

static void print_demand(struct json_line *line, const struct demand *demand)
{
	const char *require = rules_require_name(demand->require);

	json_line_object(line, "demand");
	json_line_string(line, "require", require[0] ? require : NULL);
	json_line_string(line, "rule", demand->rule ? demand->rule->name : NULL);
	print_ladder(line, demand);
	json_line_close(line);
}

static void print_reasons(struct json_line *line, const struct explain_recipient *r)
{
	json_line_array(line, "reasons");
	if (r->demand.reason[0])
		json_line_string(line, NULL, r->demand.reason);
	if (r->verdict.reason[0])
		json_line_string(line, NULL, r->verdict.reason);
	for (size_t i = 1; r->assurance && i < r->assurance->reason_count; i++)
		json_line_string(line, NULL, r->assurance->reasons[i]);
	json_line_close(line);
}

/* What observes is under its own name, so that nobody takes it for what happens. */
static void print_would(struct json_line *line, const struct explain_recipient *r)
{
	const struct explain_would *would = r->would;

	if (!would) {
		json_line_string(line, "would", NULL);
		return;
	}
	json_line_object(line, "would");
	json_line_string(line, "verdict", verdict_name(would->verdict.kind));
	json_line_string(line, "observed",
			 would->demand.observed ? would->demand.observed->name : NULL);
	json_line_string(line, "reason", would->verdict.reason);
	json_line_string(line, "exception",
			 would->demand.exception[0] ? would->demand.exception : NULL);
	print_demand(line, &would->demand);
	json_line_close(line);
}

static void print_recipient(struct json_line *line, const struct explain_recipient *r)
{
	json_line_object(line, NULL);
	json_line_string(line, "to", r->given);
	json_line_string(line, "assurance",
			 r->assurance ? assurance_level_name(r->assurance->level) : NULL);
	json_line_string(line, "verdict", verdict_name(r->verdict.kind));
	print_reasons(line, r);
	print_demand(line, &r->demand);
	json_line_string(line, "exception", r->demand.exception[0] ? r->demand.exception : NULL);
	print_would(line, r);
	json_line_close(line);
}

static void print_found(struct json_line *line, const struct inspect_findings *f)
{
	json_line_array(line, "findings");
	for (size_t i = 0; i < f->count; i++) {
		json_line_object(line, NULL);
		json_line_string(line, "marker", f->at[i].marker);
		json_line_string(line, "part", f->at[i].part);
		json_line_string(line, "evidence", f->at[i].evidence);
		json_line_close(line);
	}
	json_line_close(line);
	json_line_array(line, "opaque");
	for (size_t i = 0; i < f->opaque_count; i++) {
		json_line_object(line, NULL);
		json_line_string(line, "part", f->opaque[i].part);
		json_line_string(line, "why", f->opaque[i].why);
		json_line_close(line);
	}
	json_line_close(line);
}

static enum rc print_json(const struct explain_case *c)
{
	struct buf text = BUF_INIT(OUTPUT_MAX);
	struct json_line line;

	json_line_begin(&line, &text);
	print_demand(&line, explain_highest(c));
	json_line_array(&line, "recipients");
	for (size_t i = 0; i < c->recipient_count; i++)
		print_recipient(&line, &c->recipients[i]);
	json_line_close(&line);
	print_found(&line, c->findings);
	enum rc rc = json_line_end(&line);
	if (rc == RC_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	buf_free(&text);
	return rc;
}

/* The verdict's reason, less what was said of the way just before. */
static const char *rest_of_reason(const struct explain_recipient *r)
{
	const char *first =
		r->assurance && r->assurance->reason_count ? r->assurance->reasons[0] : "";
	size_t len = strlen(first);

	if (len && strncmp(r->verdict.reason, first, len) == 0 &&
	    strncmp(r->verdict.reason + len, "; ", 2) == 0)
		return r->verdict.reason + len + 2;
	return r->verdict.reason;
}

static void print_would_text(const struct explain_would *would)
{
	printf("  would  %s, if what observes enforced\n", verdict_name(would->verdict.kind));
	if (would->demand.reason[0])
		printf("         %s\n", would->demand.reason);
	if (would->demand.exception[0])
		printf("         except %s\n", would->demand.exception);
	printf("         %s\n", would->verdict.reason);
}

static void print_one(const struct explain_recipient *r)
{
	const char *require = rules_require_name(r->demand.require);

	printf("%s: %s\n", r->given, verdict_name(r->verdict.kind));
	if (require[0])
		printf("  needs  %s\n         %s\n", require, r->demand.reason);
	if (r->assurance)
		printf("  way    %s\n", assurance_level_name(r->assurance->level));
	for (size_t i = 0; r->assurance && i < r->assurance->reason_count; i++)
		printf("         %s\n", r->assurance->reasons[i]);
	if (r->demand.exception[0])
		printf("  except %s\n", r->demand.exception);
	printf("  so     %s\n", rest_of_reason(r));
	if (r->would)
		print_would_text(r->would);
}

static void print_text(const struct explain_case *c)
{
	for (size_t i = 0; i < c->recipient_count; i++)
		print_one(&c->recipients[i]);
	for (size_t i = 0; i < c->findings->opaque_count; i++)
		printf("not read: part %s: %s\n", c->findings->opaque[i].part,
		       c->findings->opaque[i].why);
}

/* ---- the command ---- */

static int status_of(const struct explain_case *c)
{
	int status = CLI_OK;

	for (size_t i = 0; i < c->recipient_count; i++) {
		enum verdict_kind kind = c->recipients[i].verdict.kind;
		if (kind == VERDICT_DEFER)
			return CLI_UNDETERMINED;
		if (kind != VERDICT_DELIVER && kind != VERDICT_PASS)
			status = CLI_NO;
	}
	return status;
}

/* "--to A B C FILE": what follows are recipients as long as they have an @ and are
 * no file. */
static const char *take_operands(struct explain_case *c, int argc, char **argv)
{
	const char *file = NULL;

	for (int i = 1; i < argc; i++) {
		bool address = strchr(argv[i], '@') && access(argv[i], F_OK) != 0;
		if (address && !file && c->recipient_count < EXPLAIN_RECIPIENTS_MAX)
			c->recipients[c->recipient_count++].given = argv[i];
		else if (!file)
			file = argv[i];
		else
			return NULL;
	}
	return file ? file : "-";
}

static int explain(struct explain_case *c, const char *file)
{
	struct buf message = BUF_INIT((size_t)c->settings->limits.message_bytes);
	struct fault why = { "out of memory" };
	enum rc rc = RC_INVALID;

	if (!cli_read(c->cli, file, &message)) {
		buf_free(&message);
		return CLI_USAGE;
	}
	rc = explain_decide(c, buf_slice(&message), &why);
	buf_free(&message);
	if (rc == RC_OK && c->cli->json)
		rc = print_json(c);
	else if (rc == RC_OK)
		print_text(c);
	return rc == RC_OK ? status_of(c) : cli_fail(c->cli, CLI_USAGE, "%s", why.text);
}

static int run_case(struct explain_case *c, int argc, char **argv)
{
	struct cli *cli = c->cli;
	const char *to[EXPLAIN_RECIPIENTS_MAX];
	const char *at = NULL;
	size_t to_count = 0;
	const struct cli_option options[] = {
		{ .name = "--from", .value = &c->from },
		{ .name = "--to", .values = to, .count = &to_count, .max = EXPLAIN_RECIPIENTS_MAX },
		{ .name = "--program", .flag = &c->program },
		{ .name = "--clear", .flag = &c->clear },
		{ .name = "--requiretls", .flag = &c->requiretls },
		{ .name = "--at", .value = &at },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	for (size_t i = 0; i < to_count; i++)
		c->recipients[c->recipient_count++].given = to[i];
	const char *file = take_operands(c, argc, argv);
	if (!c->from || to_count == 0)
		return cli_usage(cli, "--from and --to are needed");
	if (!file)
		return cli_usage(cli, "one file at a time");
	if (at && !clock_parse(slice_of(at), &c->now_s))
		return cli_usage(cli, "--at takes a time such as 2026-12-01T09:00:00Z");
	int status = lookup_open(cli, (struct lookup_wish){ 0 }, &c->lookup);
	if (status != CLI_OK)
		return status;
	c->settings = cli_settings(cli);
	c->rules = cli_rules(cli);
	return explain(c, file);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct explain_case *c = calloc(1, sizeof *c);

	if (!c)
		return cli_fail(cli, CLI_USAGE, "out of memory");
	c->cli = cli;
	int status = run_case(c, argc, argv);
	explain_end(c);
	lookup_close(c->lookup);
	free(c);
	return status;
}

const struct command explain_command = {
	.name = "explain",
	.usage = "[--program] [--clear] [--requiretls] [--at TIME] --from A --to B... [FILE|-]",
	.summary = "says what would become of a message, by which rule and why",
	.help = "Reads a message from FILE or standard input and decides as the milter would if A\n"
		"sent it to each B, by a person's authenticated submission over TLS. Destinations\n"
		"are looked up; nothing is sent or recorded.\n\n"
		"  --from A      the sender; \"\" or \"<>\" for the null sender\n"
		"  --to B...     recipients; may be given again\n"
		"  --program     submitted from a listed network, without authentication\n"
		"  --clear       submitted without TLS\n"
		"  --requiretls  submitted with MAIL FROM ... REQUIRETLS\n"
		"  --at TIME     sent then (2026-12-01T09:00:00Z), and not now\n\n"
		"Exit status: 0 all would be delivered, 1 something less for some recipient,\n"
		"3 some would be deferred.\n",
	.run = run,
};
