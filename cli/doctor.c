#include "cli/doctor.h"

#include "cli/lint.h"

#include <stdio.h>

static void on_lint(void *arg, bool wrong, const char *text)
{
	doctor_say(arg, wrong ? DOCTOR_FAIL : DOCTOR_WARN, "settings", "", "%s", text);
}

static enum rc examine_settings(struct doctor *d, struct fault *why)
{
	unsigned errors;
	enum rc rc = lint_settings(d->cli, on_lint, d, &errors, why);

	d->settings = d->cli->settings;
	d->rules = d->cli->rules;
	if (rc == RC_OK && errors == 0)
		doctor_say(d, DOCTOR_OK, "settings", "", "settings and rules read");
	return rc;
}

static void examine_words(struct doctor *d)
{
	const struct settings *s = d->settings;

	if (s->outbound.internal_domains.count > 0)
		doctor_say(d, DOCTOR_WARN, "settings",
			   "make sure that no alias, forward or copy sends their mail outward",
			   "outbound.internal_domains is your word, and cannot be checked: mail to "
			   "%s%s is not protected",
			   s->outbound.internal_domains.at[0],
			   s->outbound.internal_domains.count > 1 ? " and others" : "");
}

static void on_published(void *arg, bool wrong, const char *text)
{
	(void)wrong;
	doctor_say(arg, DOCTOR_WARN, "destinations", "", "%s", text);
}

/* The operator's word beside what is published. */
static void examine_destinations(struct doctor *d)
{
	unsigned before = d->count[DOCTOR_WARN];

	if (!d->rules || d->rules->destination_count == 0)
		return;
	if (lint_destinations(d->cli, on_published, d) != RC_OK)
		doctor_say(d, DOCTOR_WARN, "destinations", "", "they could not be looked up");
	else if (d->count[DOCTOR_WARN] == before)
		doctor_say(d, DOCTOR_OK, "destinations", "",
			   "nothing that is published contradicts a pin");
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct doctor d = { .cli = cli };
	const struct cli_option options[] = { { .name = "--postfix", .value = &d.postfix }, { 0 } };
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "there is nothing to do with %s", argv[1]);
	if (examine_settings(&d, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (!d.settings)
		return CLI_NO;

	examine_words(&d);
	doctor_keys(&d);
	doctor_state(&d);
	doctor_audit(&d);
	doctor_outbox(&d);
	doctor_milter(&d);
	doctor_map(&d);
	doctor_resolver(&d);
	examine_destinations(&d);
	doctor_scanner(&d);
	doctor_postfix(&d);
	if (!cli->json)
		printf("%u ok, %u to look at, %u failed\n", d.count[DOCTOR_OK],
		       d.count[DOCTOR_WARN], d.count[DOCTOR_FAIL]);
	return d.count[DOCTOR_FAIL] ? CLI_NO : CLI_OK;
}

const struct command doctor_command = {
	.name = "doctor",
	.usage = "[--postfix FOLDER]",
	.summary = "examines this host: Postern, its resolver, Postfix's settings",
	.help = "Looks at all that must fit together, and says of each thing whether it does\n"
		"(ok), is worth a look (warn) or does not (FAIL), with what to do: settings and\n"
		"rules, keys, state, audit, outbox, the daemon's sockets and answers, the\n"
		"resolver, and Postfix's settings. It changes nothing. Run it as root: others\n"
		"cannot see everything.\n\n"
		"  --postfix FOLDER   Postfix's settings, where they are not in its usual place\n\n"
		"Exit status: 0 nothing fails, 1 something does.\n",
	.run = run,
};
