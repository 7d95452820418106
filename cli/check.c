#include "cli/command.h"

#include "assurance/advice.h"
#include "assurance/destination.h"
#include "base/clock.h"
#include "cli/lookup.h"
#include "cli/progress.h"
#include "json/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPORT_BYTES_MAX = 1024 * 1024 };

static const char *lookup_name(enum assurance_lookup lookup)
{
	switch (lookup) {
	case ASSURANCE_SECURE:
		return "secure";
	case ASSURANCE_INSECURE:
		return "insecure";
	case ASSURANCE_ABSENT:
		return "absent";
	case ASSURANCE_ERROR:
		return "error";
	case ASSURANCE_NOT_ASKED:
		return "not-asked";
	}
	return "error";
}

static const char *source_name(enum assurance_sts_source source)
{
	return source == ASSURANCE_STS_FETCHED ? "fetched" : "cached";
}

/* ---- JSON, as the contract has it ---- */

static void write_probe(struct json_line *line, const struct assurance_probe *probe)
{
	if (!probe->done) {
		json_line_null(line, "probe");
		return;
	}
	json_line_object(line, "probe");
	json_line_bool(line, "starttls", probe->starttls);
	json_line_bool(line, "authenticated", probe->authenticated);
	json_line_bool(line, "requiretls", probe->requiretls);
	json_line_string(line, "tls", *probe->tls ? probe->tls : NULL);
	json_line_string(line, "why", *probe->why ? probe->why : NULL);
	json_line_close(line);
}

static void write_mx(struct json_line *line, const struct assurance_mx *mx)
{
	json_line_object(line, NULL);
	json_line_string(line, "host", mx->host);
	json_line_number(line, "preference", mx->preference);
	json_line_string(line, "lookup", lookup_name(mx->lookup));
	json_line_string(line, "address", lookup_name(mx->address));
	json_line_string(line, "tlsa", lookup_name(mx->tlsa));
	json_line_string(line, "tlsa_base", *mx->tlsa_base ? mx->tlsa_base : NULL);
	json_line_number(line, "usable", mx->usable);
	json_line_bool(line, "sts_match", mx->sts_match);
	json_line_string(line, "assurance", assurance_level_name(mx->level));
	json_line_string(line, "why", mx->why);
	write_probe(line, &mx->probe);
	json_line_close(line);
}

static void write_texts(struct json_line *line, const char *key, const char *const *texts,
			size_t count)
{
	json_line_array(line, key);
	for (size_t i = 0; i < count; i++)
		json_line_string(line, NULL, texts[i]);
	json_line_close(line);
}

static void write_advice(struct json_line *line, const struct assurance *a)
{
	const char *advice[ASSURANCE_ADVICE_MAX];
	struct arena *arena = arena_new(REPORT_BYTES_MAX);

	write_texts(line, "advice", advice, arena ? assurance_advise(a, arena, advice) : 0);
	arena_free(arena);
}

static void write_sts(struct json_line *line, const struct assurance_sts *sts)
{
	if (!sts) {
		json_line_null(line, "sts");
		return;
	}
	json_line_object(line, "sts");
	json_line_string(line, "mode", sts->mode);
	json_line_string(line, "id", sts->id);
	json_line_number(line, "max_age", sts->max_age);
	write_texts(line, "mx", sts->mx, sts->mx_count);
	json_line_string(line, "source", source_name(sts->source));
	json_line_close(line);
}

static void write_json(const struct assurance *a, struct buf *out)
{
	const char *by = assurance_by_name(a->by);
	char until[CLOCK_TEXT];
	struct json_line line;

	json_line_begin(&line, out);
	json_line_string(&line, "domain", a->domain);
	json_line_string(&line, "assurance", assurance_level_name(a->level));
	json_line_string(&line, "by", *by ? by : NULL);
	json_line_string(&line, "until", clock_format(a->until, until));
	write_texts(&line, "reasons", a->reasons, a->reason_count);
	json_line_array(&line, "mx");
	for (size_t i = 0; i < a->mx_count; i++)
		write_mx(&line, &a->mx[i]);
	json_line_close(&line);
	write_sts(&line, a->sts);
	write_advice(&line, a);
	(void)json_line_end(&line);
}

/* ---- for people ---- */

/* The level's colour where a terminal shows it. */
static const char *colour_of(enum assurance_level level)
{
	switch (level) {
	case ASSURANCE_AUTHENTICATED:
	case ASSURANCE_REQUIRETLS:
		return "\033[32m";
	case ASSURANCE_NONE:
	case ASSURANCE_ENCRYPTED:
		return "\033[31m";
	case ASSURANCE_UNDETERMINED:
	case ASSURANCE_UNROUTABLE:
		break;
	}
	return "\033[33m";
}

static void tell_advice(const struct assurance *a, struct buf *out)
{
	const char *advice[ASSURANCE_ADVICE_MAX];
	struct arena *arena = arena_new(REPORT_BYTES_MAX);
	size_t count = arena ? assurance_advise(a, arena, advice) : 0;

	if (count)
		(void)buf_addf(out, "  What the postmaster of %s could do:\n", a->domain);
	for (size_t i = 0; i < count; i++)
		(void)buf_addf(out, "  * %s\n", advice[i]);
	arena_free(arena);
}

static const char *by_words(enum assurance_by by)
{
	switch (by) {
	case ASSURANCE_BY_NOTHING:
		return "";
	case ASSURANCE_BY_DANE:
		return " by DANE";
	case ASSURANCE_BY_STS:
		return " by MTA-STS";
	case ASSURANCE_BY_PIN:
		return " by the operator's word";
	case ASSURANCE_BY_NULL_MX:
		return " by a null MX";
	}
	return "";
}

static void tell_mx(const struct assurance_mx *mx, struct buf *out)
{
	(void)buf_addf(out, "  %5u %s: %s\n", mx->preference, mx->host,
		       assurance_level_name(mx->level));
	(void)buf_addf(out, "        MX %s, address %s, TLSA %s", lookup_name(mx->lookup),
		       lookup_name(mx->address), lookup_name(mx->tlsa));
	if (*mx->tlsa_base)
		(void)buf_addf(out, " at %s (%u usable)", mx->tlsa_base, mx->usable);
	(void)buf_addf(out, "%s\n", mx->sts_match ? ", named by the MTA-STS policy" : "");
}

static void tell_probe(const struct assurance_probe *probe, struct buf *out)
{
	if (!probe->done)
		return;
	(void)buf_addf(out, "        probed: %s%s, %s%s",
		       probe->starttls ? "STARTTLS" : "no STARTTLS",
		       probe->starttls && !*probe->tls ? " without TLS" : "",
		       probe->authenticated ? "proved" : "not proved",
		       probe->requiretls ? ", REQUIRETLS" : "");
	(void)buf_addf(out, "%s%s%s%s\n", *probe->tls ? ", " : "", probe->tls,
		       *probe->why ? ": " : "", probe->why);
}

static void tell_sts(const struct assurance_sts *sts, struct buf *out)
{
	(void)buf_addf(out, "  MTA-STS policy %s, %s: mode %s, max_age %" PRIu32 " s, mx",
		       *sts->id ? sts->id : "without id", source_name(sts->source), sts->mode,
		       sts->max_age);
	for (size_t i = 0; i < sts->mx_count; i++)
		(void)buf_addf(out, " %s", sts->mx[i]);
	(void)buf_add_text(out, sts->mx_count ? "\n" : " none\n");
}

static void write_report(const struct assurance *a, struct buf *out)
{
	char until[CLOCK_TEXT];

	(void)buf_addf(out, "%s: %s%s, until %s\n", a->domain, assurance_level_name(a->level),
		       by_words(a->by), clock_format(a->until, until));
	for (size_t i = 0; i < a->reason_count; i++)
		(void)buf_addf(out, "  - %s\n", a->reasons[i]);
	for (size_t i = 0; i < a->mx_count; i++) {
		tell_mx(&a->mx[i], out);
		tell_probe(&a->mx[i].probe, out);
	}
	if (a->sts)
		tell_sts(a->sts, out);
	tell_advice(a, out);
}

/* The first line of a report: "DOMAIN: LEVEL …". */
static void print_coloured(const struct assurance *a, struct slice report)
{
	size_t head = strlen(a->domain) + 2;
	size_t level = strlen(assurance_level_name(a->level));

	if (head + level > report.len) {
		fwrite(report.at, 1, report.len, stdout);
		return;
	}
	printf("%.*s%s%.*s\033[0m%.*s", (int)head, report.at, colour_of(a->level), (int)level,
	       report.at + head, (int)(report.len - head - level), report.at + head + level);
}

/* What came from strangers must not play with a terminal; json/line.h sees to its own. */
static void make_printable(struct buf *out)
{
	for (size_t i = 0; i < out->len; i++)
		if (out->at[i] != '\n' && (out->at[i] < ' ' || out->at[i] > '~'))
			out->at[i] = '?';
}

/* ---- the command ---- */

struct showing {
	const struct cli *cli;
	size_t shown;
	struct progress progress;
	bool coloured; /* a terminal */
};

static void show(void *arg, const struct assurance *assurance)
{
	struct showing *showing = arg;
	struct buf out = BUF_INIT(REPORT_BYTES_MAX);

	progress_clear(&showing->progress);
	if (showing->cli->json) {
		write_json(assurance, &out);
	} else {
		write_report(assurance, &out);
		make_printable(&out);
	}
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

static int check(struct cli *cli, bool probe, const char *const *destinations, size_t count)
{
	const struct assurance **got = calloc(count, sizeof *got);
	struct lookup *lookup = NULL;
	int status;

	if (!got)
		return cli_fail(cli, CLI_UNDETERMINED, "memory is out");
	status = lookup_open(cli, (struct lookup_wish){ .whole = true, .probe = probe }, &lookup);
	if (status == CLI_OK) {
		const char *plain = getenv("NO_COLOR");
		struct showing showing = { .cli = cli,
					   .progress = progress_begin(cli, "destinations", count),
					   .coloured =
						   isatty(STDOUT_FILENO) && !(plain && *plain) };
		if (count > 1)
			progress_now(&showing.progress, 0); /* the first answer may take long */
		lookup_ask(lookup, destinations, count, got, show, &showing);
		progress_clear(&showing.progress);
		status = status_of(got, count);
	}
	for (size_t i = 0; i < count; i++)
		assurance_unref(got[i]);
	lookup_close(lookup);
	free(got);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	bool probe = false;
	const struct cli_option options[] = { { .name = "--probe", .flag = &probe }, { 0 } };
	struct assurance_destination destination;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc < 2)
		return cli_usage(cli, "which domain?");
	for (int i = 1; i < argc; i++)
		if (assurance_destination_parse((struct slice){ argv[i], strlen(argv[i]) },
						&destination, &why) != RC_OK)
			return cli_usage(cli, "\"%s\" is no destination: %s", argv[i], why.text);
	return check(cli, probe, (const char *const *)(argv + 1), (size_t)argc - 1);
}

const struct command check_command = {
	.name = "check",
	.usage = "[--probe] DOMAIN...",
	.summary = "finds out what a destination's transport guarantees",
	.help = "Looks a domain up as the daemon does, by DANE (RFC 7672) and MTA-STS (RFC 8461),\n"
		"and says what its transport guarantees and why. A destination may also be\n"
		"written \"domain:port\", \"[relay.example]:587\" or \"[192.0.2.1]\".\n\n"
		"With --probe each MX host is spoken to as well, up to the second EHLO: one that\n"
		"does not keep what is published falls below authenticated.\n\n"
		"What the other side could do better is told in sentences to be forwarded to its\n"
		"postmaster. On a terminal the level has a colour, unless NO_COLOR is set.\n\n"
		"The daemon's memory of MTA-STS policies is used where it may be written.\n\n"
		"Exit status: 0 authenticated or better, 1 lower or unroutable, 3 could not be\n"
		"found out now. Of several domains the worst: 3, else 1, else 0.\n",
	.run = run,
};
