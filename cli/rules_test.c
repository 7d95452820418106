#include "cli/rules.h"

#include "base/file.h"
#include "cli/explain_case.h"
#include "cli/progress.h"
#include "json/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one expectation has come to. */
struct outcome {
	const struct rules_expectation *expected;
	const char *to, *verdict, *rule, *reason; /* rule: NULL for none */
	bool met;
};

static bool is_verdict(const struct rules_expectation *expected, const char *verdict)
{
	return expected->expect[0] == '\0' || strcmp(verdict, expected->expect) == 0;
}

static void print_text(const struct outcome *o)
{
	const struct rules_expectation *e = o->expected;

	printf("%s:%u: %s to %s: ", e->place.file, e->place.line, e->message, o->to);
	if (!o->met && is_verdict(e, o->verdict))
		printf("expected rule \"%s\", but it is ", e->rule);
	else if (!o->met)
		printf("expected %s, but it is %s, by ", e->expect, o->verdict);
	else
		printf("%s, as expected, by ", o->verdict);
	printf("%s%s%s", o->rule ? "rule \"" : "no rule", o->rule ? o->rule : "",
	       o->rule ? "\"" : "");
	if (o->met)
		putchar('\n');
	else
		printf(": %s\n", o->reason);
}

static void print(const struct cli *cli, const struct outcome *o)
{
	struct buf text = BUF_INIT(64 * 1024);
	struct json_line line;

	if (!cli->json) {
		print_text(o);
		return;
	}
	json_line_begin(&line, &text);
	json_line_string(&line, "file", o->expected->place.file);
	json_line_number(&line, "line", o->expected->place.line);
	json_line_string(&line, "message", o->expected->message);
	json_line_string(&line, "to", o->to);
	json_line_string(&line, "expect", o->expected->expect[0] ? o->expected->expect : NULL);
	json_line_string(&line, "expect_rule", o->expected->rule[0] ? o->expected->rule : NULL);
	json_line_string(&line, "verdict", o->verdict);
	json_line_string(&line, "rule", o->rule);
	json_line_string(&line, "reason", o->reason);
	json_line_bool(&line, "met", o->met);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	buf_free(&text);
}

static bool is_rule(const struct rules_expectation *expected, const char *rule)
{
	return expected->rule[0] == '\0' || (rule && strcmp(rule, expected->rule) == 0);
}

/* How many of the expectation's recipients have another verdict, or have it by another rule. */
static unsigned compare(const struct explain_case *c, const struct rules_expectation *expected)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < c->recipient_count; i++) {
		const struct explain_recipient *r = &c->recipients[i];
		const char *verdict = verdict_name(r->verdict.kind);
		const char *rule = r->demand.rule ? r->demand.rule->name : NULL;
		const struct outcome outcome = {
			.expected = expected,
			.to = r->given,
			.verdict = verdict,
			.rule = rule,
			.reason = r->verdict.reason,
			.met = is_verdict(expected, verdict) && is_rule(expected, rule),
		};
		print(c->cli, &outcome);
		wrong += !outcome.met;
	}
	return wrong;
}

/* All that the expectations are run with. */
struct testing {
	struct cli *cli;
	struct inspect_rules *markers;
	struct lookup *lookup; /* NULL: all is assumed */
	struct assume *assume; /* NULL: all is looked up */
	struct assume *idle;   /* where only the rule is asked for: nothing needs a look */
	struct progress progress;
	unsigned wrong;
};

static enum rc decide(struct explain_case *c, const struct rules_expectation *expected,
		      struct fault *why)
{
	struct buf message = BUF_INIT((size_t)c->settings->limits.message_bytes);
	struct fault cause = { "out of memory" };

	c->from = expected->from;
	c->as_enforced = true; /* what is tried out before it enforces has expectations too */
	c->now_s = expected->timed ? expected->at_s : 0;
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

static enum rc test_one(struct testing *t, const struct rules_expectation *expected,
			struct fault *why)
{
	struct explain_case *c = calloc(1, sizeof *c);

	if (!c)
		return fault(why, RC_NOMEM, "out of memory");
	c->cli = t->cli;
	c->lookup = t->lookup;
	c->assume = expected->expect[0] ? t->assume : t->idle;
	c->settings = t->cli->settings;
	c->rules = t->cli->rules;
	c->markers = inspect_rules_ref(t->markers);
	enum rc rc = decide(c, expected, why);
	progress_clear(&t->progress);
	if (rc == RC_OK)
		t->wrong += compare(c, expected);
	explain_end(c);
	free(c);
	return rc;
}

static int test_all(struct testing *t)
{
	const struct rules *rules = t->cli->rules;
	struct fault why;

	t->progress = progress_begin(t->cli, "expectations", rules->expectation_count);
	for (size_t i = 0; i < rules->expectation_count; i++) {
		if (test_one(t, &rules->expectations[i], &why) != RC_OK)
			return cli_fail(t->cli, CLI_USAGE, "%s", why.text);
		progress_show(&t->progress, i + 1);
	}
	progress_clear(&t->progress);
	if (!t->cli->json)
		printf("%zu expectations, %u not met\n", rules->expectation_count, t->wrong);
	return t->wrong ? CLI_NO : CLI_OK;
}

/* assumed: NULL for lookups. */
static int test(struct cli *cli, const enum assurance_level *assumed)
{
	struct testing t = { .cli = cli };
	struct fault why;
	int status = CLI_OK;
	enum rc rc = assume_new(cli->rules, ASSURANCE_NONE, &t.idle, &why);

	if (rc == RC_OK && assumed)
		rc = assume_new(cli->rules, *assumed, &t.assume, &why);
	else if (rc == RC_OK)
		status = lookup_open(cli, (struct lookup_wish){ 0 }, &t.lookup);
	if (status == CLI_OK && rc == RC_OK)
		rc = cli_markers(cli, &t.markers, &why);
	if (rc != RC_OK)
		status = cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (status == CLI_OK)
		status = test_all(&t);
	inspect_rules_unref(t.markers);
	assume_free(t.assume);
	assume_free(t.idle);
	lookup_close(t.lookup);
	return status;
}

int rules_test(struct cli *cli, int argc, char **argv)
{
	const char *assume = NULL;
	const struct cli_option options[] = { { .name = "--assume", .value = &assume }, { 0 } };
	enum assurance_level level;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 2)
		return cli_usage(cli, "test takes one rules file");
	if (assume && !assume_level_read(assume, &level))
		return cli_usage(cli, "--assume takes none, authenticated or requiretls");
	if (!cli_settings(cli))
		return CLI_USAGE;
	if (argc == 2 && rules_read(argv[1], &cli->rules, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (!cli_rules(cli))
		return CLI_USAGE;
	return test(cli, assume ? &level : NULL);
}
