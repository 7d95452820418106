#include "cli/audit.h"

#include "audit/verify.h"
#include "cli/progress.h"
#include "json/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- verify ---- */

struct verifying {
	const struct cli *cli;
	const char *file;
	struct progress progress;
};

static void print_problem(void *arg, uint64_t line, const char *words)
{
	struct verifying *v = arg;
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);
	struct json_line json;

	progress_clear(&v->progress);
	if (!v->cli->json) {
		printf("%s:%" PRIu64 ": %s\n", v->file, line, words);
		return;
	}
	json_line_begin(&json, &out);
	json_line_string(&json, "file", v->file);
	json_line_number(&json, "line", (int64_t)line);
	json_line_string(&json, "problem", words);
	if (json_line_end(&json) == RC_OK)
		fputs(buf_text(&out), stdout);
	buf_free(&out);
}

static void print_chain(const struct cli *cli, const struct audit_chain *chain)
{
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);
	struct json_line json;

	if (!cli->json) {
		printf("%" PRIu64 " lines, seq %" PRIu64 " to %" PRIu64 ", %" PRIu64 " problems\n",
		       chain->lines, chain->first_seq, chain->last_seq, chain->problems);
		if (chain->begun)
			printf("hash of the last line: %s\n", chain->last_hash);
		return;
	}
	json_line_begin(&json, &out);
	json_line_number(&json, "lines", (int64_t)chain->lines);
	json_line_number(&json, "first_seq", (int64_t)chain->first_seq);
	json_line_number(&json, "last_seq", (int64_t)chain->last_seq);
	json_line_string(&json, "last_hash", chain->begun ? chain->last_hash : NULL);
	json_line_number(&json, "problems", (int64_t)chain->problems);
	if (json_line_end(&json) == RC_OK)
		fputs(buf_text(&out), stdout);
	buf_free(&out);
}

static void show_bytes(void *arg, const struct audit_chain *chain)
{
	progress_show(&((struct verifying *)arg)->progress, chain->bytes);
}

/* How much there is to read; 0: nobody knows. */
static uint64_t size_of(const char *const *files, int count)
{
	uint64_t size = 0;
	struct stat st;

	for (int i = 0; i < count; i++) {
		if (stat(files[i], &st) != 0 || !S_ISREG(st.st_mode))
			return 0;
		size += (uint64_t)st.st_size;
	}
	return size;
}

/* files: at least one, in the order in which they were written. */
static int verify(struct cli *cli, const char *const *files, int count)
{
	struct audit_chain chain = { .on_line = show_bytes };
	struct verifying v = { .cli = cli,
			       .progress = progress_begin(cli, "bytes", size_of(files, count)) };
	enum rc rc = RC_OK;
	struct fault why;

	for (int i = 0; rc == RC_OK && i < count; i++) {
		v.file = files[i];
		rc = audit_verify(files[i], &chain, print_problem, &v, &why);
	}
	progress_clear(&v.progress);
	if (rc != RC_OK)
		return cli_fail(cli, CLI_UNDETERMINED, "%s: %s", v.file, why.text);
	print_chain(cli, &chain);
	return chain.problems ? CLI_NO : CLI_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct audit_wanted s = { .cli = cli };
	const struct cli_option options[] = {
		{ "--queue-id", .value = &s.queue_id },
		{ "--from", .value = &s.from },
		{ "--to", .value = &s.to },
		{ "--verdict", .value = &s.verdict },
		{ "--event", .value = &s.event },
		{ "--deposit", .value = &s.deposit },
		{ "--since", .value = &s.since },
		{ "--mode", .value = &s.mode },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	const char *verb = argc > 1 ? argv[1] : "";
	bool verifies = strcmp(verb, "verify") == 0, counts = strcmp(verb, "summary") == 0;
	if (!verifies && !counts && strcmp(verb, "show") != 0)
		return cli_usage(cli, "say verify, show or summary");
	if (verifies && audit_chooses(&s))
		return cli_usage(cli, "verify looks at every line: options to choose are for show "
				      "and summary");

	const char *const *files = (const char *const *)argv + 2;
	const char *own = NULL;
	int count = argc - 2;
	if (count == 0) {
		const struct settings *settings = cli_settings(cli);
		if (!settings)
			return CLI_USAGE;
		own = settings->audit.file;
		files = &own;
		count = 1;
	}
	if (verifies)
		return verify(cli, files, count);
	return counts ? audit_summary(&s, files, count) : audit_show(&s, files, count);
}

const struct command audit_command = {
	.name = "audit",
	.usage = "verify|show|summary [OPTION]… [FILE]…",
	.summary = "verifies the audit chain, lists its records, or counts its decisions",
	.help = "Without FILE it is the settings' audit.file; \"-\" is standard input.\n\n"
		"verify  reads every line and tells, by file and line, what was changed, removed,\n"
		"        added or put into another order. Give rotated files in the order in "
		"which\n"
		"        they were written. It ends with the hash of the last line: note it\n"
		"        elsewhere, and the next line ever written must have it as its prev.\n"
		"show    lists the records, those only that all options name:\n"
		"          --queue-id ID  --from ADDRESS  --to ADDRESS  --verdict WORD\n"
		"          --event WORD   --deposit NUMBER  --since TIME (2026-11-22, or more of\n"
		"          an RFC 3339 time, in UTC)  --mode observe: what rules that observe "
		"would\n"
		"          have done; enforce: what was done\n"
		"        With --json the lines are those of the file.\n"
		"summary counts the decisions, by verdict and rule; options as for show.\n\n"
		"Exit status: verify 0 the chain holds, 1 it does not; show and summary 0 found,\n"
		"1 none; 3 a file cannot be read.\n",
	.run = run,
};
