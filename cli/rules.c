#include "cli/explain_case.h"

#include "base/file.h"
#include "json/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one expectation has come to. */
struct outcome {
	const struct rules_expectation *expected;
	const char *to, *verdict, *reason;
	bool met;
};

static void print(const struct cli *cli, const struct outcome *o)
{
	struct buf text = BUF_INIT(64 * 1024);
	struct json_line line;

	if (!cli->json) {
		if (!o->met)
			printf("%s:%u: %s to %s: expected %s, but it is %s: %s\n",
			       o->expected->place.file, o->expected->place.line,
			       o->expected->message, o->to, o->expected->expect, o->verdict,
			       o->reason);
		return;
	}
	json_line_begin(&line, &text);
	json_line_string(&line, "file", o->expected->place.file);
	json_line_number(&line, "line", o->expected->place.line);
	json_line_string(&line, "message", o->expected->message);
	json_line_string(&line, "to", o->to);
	json_line_string(&line, "expect", o->expected->expect);
	json_line_string(&line, "verdict", o->verdict);
	json_line_string(&line, "reason", o->reason);
	json_line_bool(&line, "met", o->met);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	buf_free(&text);
}

/* How many of the expectation's recipients have another verdict. */
static unsigned compare(const struct explain_case *c, const struct rules_expectation *expected)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < c->recipient_count; i++) {
		const struct explain_recipient *r = &c->recipients[i];
		const char *verdict = verdict_name(r->verdict.kind);
		const struct outcome outcome = {
			.expected = expected,
			.to = r->given,
			.verdict = verdict,
			.reason = r->verdict.reason,
			.met = strcmp(verdict, expected->expect) == 0,
		};
		print(c->cli, &outcome);
		wrong += !outcome.met;
	}
	return wrong;
}

static enum rc decide(struct explain_case *c, const struct rules_expectation *expected,
		      struct fault *why)
{
	struct buf message = BUF_INIT((size_t)c->settings->limits.message_bytes);
	struct fault cause = { "out of memory" };

	c->from = expected->from;
	for (size_t i = 0; i < expected->to.count && i < EXPLAIN_RECIPIENTS_MAX; i++)
		c->recipients[c->recipient_count++].given = expected->to.at[i];
	enum rc rc = file_read(expected->message, &message, &cause);
	if (rc == RC_OK)
		rc = explain_decide(c, buf_slice(&message), &cause);
	buf_free(&message);
	if (rc != RC_OK)
		return fault(why, rc, "%s:%u: %s", expected->place.file, expected->place.line,
			     cause.text);
	return RC_OK;
}

static bool test_one(struct cli *cli, struct lookup *lookup,
		     const struct rules_expectation *expected, unsigned *wrong)
{
	struct explain_case *c = calloc(1, sizeof *c);
	struct fault why = { "out of memory" };
	enum rc rc = RC_NOMEM;

	if (c) {
		c->cli = cli;
		c->lookup = lookup;
		c->settings = cli_settings(cli);
		c->rules = cli_rules(cli);
		rc = decide(c, expected, &why);
		if (rc == RC_OK)
			*wrong += compare(c, expected);
		explain_end(c);
		free(c);
	}
	if (rc != RC_OK)
		cli_fail(cli, CLI_USAGE, "%s", why.text);
	return rc == RC_OK;
}

static int test(struct cli *cli)
{
	struct lookup *lookup = NULL;
	unsigned wrong = 0;
	int status = lookup_open(cli, (struct lookup_wish){ 0 }, &lookup);

	if (status != CLI_OK)
		return status;
	for (size_t i = 0; status == CLI_OK && i < cli->rules->expectation_count; i++)
		if (!test_one(cli, lookup, &cli->rules->expectations[i], &wrong))
			status = CLI_USAGE;
	lookup_close(lookup);
	if (status != CLI_OK)
		return status;
	if (!cli->json)
		printf("%zu expectations, %u not met\n", cli->rules->expectation_count, wrong);
	return wrong ? CLI_NO : CLI_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc < 2 || argc > 3 || strcmp(argv[1], "test") != 0)
		return cli_usage(cli, "expected test and a rules file");
	if (!cli_settings(cli))
		return CLI_USAGE;
	if (argc == 3 && rules_read(argv[2], &cli->rules, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (!cli_rules(cli))
		return CLI_USAGE;
	return test(cli);
}

const struct command rules_command = {
	.name = "rules",
	.usage = "test [FILE]",
	.summary = "runs the expectations that are written beside the rules",
	.help = "Decides over each message named in the list tests of FILE (by default the rules\n"
		"of the settings), as postern explain does, and says where the verdict is another\n"
		"than expected, by file and line. Destinations are looked up.\n\n"
		"Exit status: 0 all as expected, 1 some verdict is another, 2 a message or the\n"
		"rules cannot be read.\n",
	.run = run,
};
