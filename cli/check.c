#include "cli/check.h"

#include "assurance/destination.h"
#include "base/clock.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first line of a report: "DOMAIN: LEVEL …". */
static void print_coloured(const struct assurance *a, struct slice report)
{
	size_t head = strlen(a->domain) + 2;
	size_t level = strlen(assurance_level_name(a->level));

	if (head + level > report.len) {
		fwrite(report.at, 1, report.len, stdout);
		return;
	}
	printf("%.*s%s%.*s\033[0m%.*s", (int)head, report.at, check_colour(a->level), (int)level,
	       report.at + head, (int)(report.len - head - level), report.at + head + level);
}

/* ---- the command ---- */

struct showing {
	const struct cli *cli;
	size_t shown;
	struct progress progress;
	bool coloured; /* a terminal */
	bool watched;
};

static void show(void *arg, const struct assurance *assurance)
{
	struct showing *showing = arg;
	struct buf out = BUF_INIT(CHECK_REPORT_BYTES_MAX);
	const struct check_change first = { .at_s = clock_wall_s() };

	progress_clear(&showing->progress);
	if (showing->shown > 0 && !showing->cli->json)
		putchar('\n');
	if (showing->cli->json)
		check_write_json(assurance, showing->watched ? &first : NULL, &out);
	else
		check_write_report(assurance, &out);
	if (showing->coloured && !showing->cli->json)
		print_coloured(assurance, buf_slice(&out));
	else
		fwrite(buf_text(&out), 1, out.len, stdout);
	fflush(stdout);
	buf_free(&out);
	progress_show(&showing->progress, ++showing->shown);
}

static int status_of(const struct assurance *const *got, size_t count)
{
	int status = CLI_OK;

	for (size_t i = 0; i < count; i++) {
		if (!got[i] || got[i]->level == ASSURANCE_UNDETERMINED)
			return CLI_UNDETERMINED;
		if (!assurance_meets(got[i]->level, ASSURANCE_AUTHENTICATED))
			status = CLI_NO;
	}
	return status;
}

struct wish {
	bool probe;
	unsigned watch_s; /* 0: look once */
};

static int check(struct cli *cli, struct wish wish, const char *const *destinations, size_t count)
{
	const struct assurance **got = calloc(count, sizeof *got);
	struct lookup *lookup = NULL;
	int status;

	if (!got)
		return cli_fail(cli, CLI_UNDETERMINED, "memory is out");
	status = lookup_open(
		cli, (struct lookup_wish){ .whole = true, .probe = wish.probe, .test = true },
		&lookup);
	if (status == CLI_OK) {
		const char *plain = getenv("NO_COLOR");
		struct showing showing = { .cli = cli,
					   .progress = progress_begin(cli, "destinations", count),
					   .coloured = isatty(STDOUT_FILENO) && !(plain && *plain),
					   .watched = wish.watch_s > 0 };
		if (count > 1)
			progress_now(&showing.progress, 0); /* the first answer may take long */
		lookup_ask(lookup, destinations, count, got, show, &showing);
		progress_clear(&showing.progress);
		if (wish.watch_s > 0)
			check_watch(cli, lookup, wish.watch_s, destinations, count, got);
		status = status_of(got, count);
	}
	for (size_t i = 0; i < count; i++)
		assurance_unref(got[i]);
	lookup_close(lookup);
	free(got);
	return status;
}

enum {
	WATCH_MIN_S = 1, /* each look costs the other side some ten questions */
	WATCH_MAX_S = 86400,
};

static bool read_seconds(const char *text, unsigned *out)
{
	uint64_t seconds;

	if (!slice_to_u64(slice_of(text), &seconds) || seconds < WATCH_MIN_S ||
	    seconds > WATCH_MAX_S)
		return false;
	*out = (unsigned)seconds;
	return true;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct wish wish = { 0 };
	const char *every = NULL;
	const struct cli_option options[] = { { .name = "--probe", .flag = &wish.probe },
					      { .name = "--watch", .value = &every },
					      { 0 } };
	struct assurance_destination destination;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc < 2)
		return cli_usage(cli, "which domain?");
	if (every && !read_seconds(every, &wish.watch_s))
		return cli_usage(cli, "--watch %s: expected seconds, %d to %d", every, WATCH_MIN_S,
				 WATCH_MAX_S);
	for (int i = 1; i < argc; i++)
		if (assurance_destination_parse((struct slice){ argv[i], strlen(argv[i]) },
						&destination, &why) != RC_OK)
			return cli_usage(cli, "\"%s\" is no destination: %s", argv[i], why.text);
	return check(cli, wish, (const char *const *)(argv + 1), (size_t)argc - 1);
}

const struct command check_command = {
	.name = "check",
	.usage = "[--probe] [--watch SECONDS] DOMAIN...",
	.summary = "finds out what a destination's transport guarantees",
	.help = "Looks a domain up as the daemon does, by DANE (RFC 7672) and MTA-STS (RFC 8461),\n"
		"and says what its transport guarantees and why. A destination may also be\n"
		"written \"domain:port\", \"[relay.example]:587\" or \"[192.0.2.1]\".\n\n"
		"With --probe each MX host is spoken to as well, up to the second EHLO: one that\n"
		"does not keep what is published falls below authenticated.\n\n"
		"With --watch SECONDS it looks again and again, and prints what has changed, "
		"until\n"
		"it is interrupted.\n\n"
		"What the other side could do better is told in sentences to be forwarded to its\n"
		"postmaster. On a terminal the level has a colour, unless NO_COLOR is set.\n\n"
		"The daemon's memory of MTA-STS policies is used where it may be written.\n\n"
		"What the resolvers lack of what this rests on is told on standard error.\n\n"
		"Exit status: 0 authenticated or better, 1 lower or unroutable, 3 could not be\n"
		"found out now. Of several domains the worst: 3, else 1, else 0.\n",
	.run = run,
};
