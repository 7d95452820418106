#include "cli/lint_report.h"

#include "json/line.h"

#include <stdarg.h>
#include <stdio.h>

struct printing {
	const struct cli *cli;
	unsigned warnings;
};

static void print(void *arg, bool wrong, const char *text)
{
	struct printing *printing = arg;
	const struct cli *cli = printing->cli;
	struct buf out = BUF_INIT(4096);
	struct json_line line;

	printing->warnings += !wrong;
	if (!cli->json) {
		printf("%s%s\n", wrong ? "" : "warning: ", text);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "level", wrong ? "error" : "warning");
	json_line_string(&line, "text", text);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

void lint_complain(struct lint_report *report, const struct fault *why)
{
	report->errors++;
	report->said(report->arg, true, why->text);
}

void lint_warn(struct lint_report *report, const char *format, ...)
{
	struct buf text = BUF_INIT(2048);
	va_list args;

	va_start(args, format);
	if (buf_addv(&text, format, args) == RC_OK)
		report->said(report->arg, false, buf_text(&text));
	va_end(args);
	buf_free(&text);
}

static enum rc read_settings(struct lint_report *report, struct fault *why)
{
	struct cli *cli = report->cli;
	enum rc rc = settings_read(cli->config ? cli->config : SETTINGS_FILE, &cli->settings, why);

	if (rc == RC_ABSENT && !cli->config)
		rc = settings_defaults(&cli->settings, why);
	report->settings = cli->settings;
	return rc;
}

static void lint(struct lint_report *report)
{
	struct cli *cli = report->cli;
	struct inspect_rules *markers = NULL;
	struct fault why;

	lint_check_settings(report);
	if (rules_for(report->settings, &cli->rules, &why) != RC_OK) {
		lint_complain(report, &why);
		return;
	}
	report->rules = cli->rules;
	lint_check_rules(report);
	lint_check_destinations(report);
	if (cli_markers(cli, &markers, &why) != RC_OK)
		lint_complain(report, &why);
	inspect_rules_unref(markers);
}

enum rc lint_settings(struct cli *cli, lint_said *said, void *arg, unsigned *errors,
		      struct fault *why)
{
	struct lint_report report = { .cli = cli, .said = said, .arg = arg };
	enum rc rc = read_settings(&report, why);

	if (rc == RC_ABSENT)
		return rc;
	if (rc != RC_OK)
		lint_complain(&report, why);
	else
		lint(&report);
	*errors = report.errors;
	return RC_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
	bool strict = false, dns = false;
	const struct cli_option options[] = { { .name = "--strict", .flag = &strict },
					      { .name = "--dns", .flag = &dns },
					      { 0 } };
	struct printing printing = { .cli = cli };
	unsigned errors;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "there is nothing to do with %s", argv[1]);

	if (lint_settings(cli, print, &printing, &errors, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (dns && lint_destinations(cli, print, &printing) != RC_OK)
		return CLI_USAGE;
	return errors || (strict && printing.warnings) ? CLI_NO : CLI_OK;
}

const struct command lint_command = {
	.name = "lint",
	.usage = "[--dns] [--strict]",
	.summary = "checks the settings and the rules",
	.help = "Reads the settings and the rules as the daemons do, and says by file and line\n"
		"what is wrong with them, and what is dubious (\"warning: ...\"): rules that "
		"never\n"
		"change or hit anything, expressions that cost too much, terms for nothing.\n\n"
		"  --dns     also look up the destinations that the rules vouch for, and say "
		"where\n"
		"            what is published contradicts a pin, or promises more than it\n"
		"  --strict  a warning counts as an error, for whoever checks by script\n\n"
		"Exit status: 0 nothing is wrong, 1 the daemons would not start on them, or with\n"
		"--strict a warning.\n",
	.run = run,
};
