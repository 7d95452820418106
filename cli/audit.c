#include "cli/command.h"

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

/* ---- show ---- */

struct showing {
	const struct cli *cli;
	const char *queue_id, *from, *to, *verdict, *event, *deposit, *since; /* NULL: any */
	uint64_t shown;
};

/* A text field as NUL-terminated bytes cannot be had from a slice: compared in place. */
static struct slice field(const struct json_value *record, const char *key)
{
	struct slice text = { "", 0 };

	(void)json_value_text(json_value_find(record, key), &text);
	return text;
}

/* Addresses are compared as people type them: capitals do not count. */
static bool is(struct slice value, const char *wanted)
{
	return !wanted || slice_same_nocase(value, (struct slice){ wanted, strlen(wanted) });
}

/* Time stamps are UTC and of one form, so that their order is that of their bytes; since
 * may be a front part ("2026-11-22"). */
static bool is_since(struct slice ts, const char *since)
{
	size_t len = since ? strlen(since) : 0;

	if (len == 0)
		return true;
	int order = memcmp(ts.at, since, ts.len < len ? ts.len : len);
	return order > 0 || (order == 0 && ts.len >= len);
}

static bool is_wanted(const struct showing *s, const struct json_value *record)
{
	return is(field(record, "queue_id"), s->queue_id) && is(field(record, "from"), s->from) &&
	       is(field(record, "to"), s->to) && is(field(record, "verdict"), s->verdict) &&
	       is(field(record, "event"), s->event) && is(field(record, "deposit"), s->deposit) &&
	       is_since(field(record, "ts"), s->since);
}

/* Strangers' bytes on a terminal: what is not printable ASCII becomes '?'. */
static void print_text(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		putchar(text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?');
}

static void print_record(const struct json_value *record)
{
	static const char *const rest[] = { "verdict", "require", "assurance", "rule",
					    "deposit", "visit",   "mode",      "reason" };

	print_text(field(record, "ts"));
	putchar(' ');
	print_text(field(record, "queue_id"));
	fputs(": ", stdout);
	print_text(field(record, "event"));
	fputs(" from=<", stdout);
	print_text(field(record, "from"));
	fputs("> to=<", stdout);
	print_text(field(record, "to"));
	putchar('>');
	for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
		struct slice value = field(record, rest[i]);
		if (value.len == 0)
			continue;
		bool quoted = memchr(value.at, ' ', value.len) != NULL;
		printf(" %s=%s", rest[i], quoted ? "\"" : "");
		print_text(value);
		fputs(quoted ? "\"" : "", stdout);
	}
	putchar('\n');
}

static bool show_line(void *arg, const struct audit_line *line)
{
	struct showing *s = arg;
	struct json_value *record;

	/* What is no record is verify's to tell; here it would only be in the way. */
	if (!line->ended || line->too_long || json_value_parse(line->text, &record, NULL) != RC_OK)
		return true;
	if (is_wanted(s, record)) {
		s->shown++;
		if (s->cli->json) {
			fwrite(line->text.at, 1, line->text.len, stdout);
			putchar('\n');
		} else {
			print_record(record);
		}
	}
	json_value_free(record);
	return !ferror(stdout);
}

static int show(struct showing *s, const char *const *files, int count)
{
	struct fault why;

	for (int i = 0; i < count; i++)
		if (audit_read(files[i], show_line, s, &why) != RC_OK)
			return cli_fail(s->cli, CLI_UNDETERMINED, "%s: %s", files[i], why.text);
	return s->shown ? CLI_OK : CLI_NO;
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct showing s = { .cli = cli };
	const struct cli_option options[] = {
		{ "--queue-id", .value = &s.queue_id },
		{ "--from", .value = &s.from },
		{ "--to", .value = &s.to },
		{ "--verdict", .value = &s.verdict },
		{ "--event", .value = &s.event },
		{ "--deposit", .value = &s.deposit },
		{ "--since", .value = &s.since },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	bool verifies = argc > 1 && strcmp(argv[1], "verify") == 0;
	if (!verifies && (argc < 2 || strcmp(argv[1], "show") != 0))
		return cli_usage(cli, "say verify or show");
	if (verifies &&
	    (s.queue_id || s.from || s.to || s.verdict || s.event || s.deposit || s.since))
		return cli_usage(cli, "verify looks at every line: options to choose are for show");

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
	return verifies ? verify(cli, files, count) : show(&s, files, count);
}

const struct command audit_command = {
	.name = "audit",
	.usage = "verify|show [OPTION]… [FILE]…",
	.summary = "verifies the audit chain, or lists its records",
	.help = "Without FILE it is the settings' audit.file; \"-\" is standard input.\n\n"
		"verify  reads every line and tells, by file and line, what was changed, removed,\n"
		"        added or put into another order. Give rotated files in the order in "
		"which\n"
		"        they were written. It ends with the hash of the last line: note it\n"
		"        elsewhere, and the next line ever written must have it as its prev.\n"
		"show    lists the records, those only that all options name:\n"
		"          --queue-id ID  --from ADDRESS  --to ADDRESS  --verdict WORD\n"
		"          --event WORD   --deposit NUMBER  --since TIME (2026-11-22, or more of\n"
		"          an RFC 3339 time, in UTC)\n"
		"        With --json the lines are those of the file.\n\n"
		"Exit status: verify 0 the chain holds, 1 it does not; show 0 found, 1 none;\n"
		"3 a file cannot be read.\n",
	.run = run,
};
