#include "cli/command.h"

#include "base/cleanup.h"
#include "cli/progress.h"
#include "inspect/confidence.h"
#include "inspect/inspect.h"
#include "json/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- output ---- */

static bool print_json(const char *file, const struct inspect_findings *f)
{
	struct buf out = BUF_INIT(16 << 20); /* the findings kept are bounded far below */
	struct json_line line;

	json_line_begin(&line, &out);
	if (file)
		json_line_string(&line, "file", file);
	json_line_array(&line, "findings");
	for (size_t i = 0; i < f->count; i++) {
		json_line_object(&line, NULL);
		json_line_string(&line, "marker", f->at[i].marker);
		json_line_string(&line, "where", rules_where_name(f->at[i].where));
		json_line_string(&line, "part", f->at[i].part);
		json_line_number(&line, "offset", (int64_t)f->at[i].offset);
		json_line_string(&line, "evidence", f->at[i].evidence);
		if (*f->at[i].field)
			json_line_string(&line, "field", f->at[i].field);
		json_line_string(&line, "confidence", confidence_name(f->at[i].confidence));
		if (f->at[i].invalid)
			json_line_bool(&line, "invalid", true);
		json_line_close(&line);
	}
	json_line_close(&line);
	json_line_array(&line, "opaque");
	for (size_t i = 0; i < f->opaque_count; i++) {
		json_line_object(&line, NULL);
		json_line_string(&line, "part", f->opaque[i].part);
		json_line_string(&line, "why", f->opaque[i].why);
		json_line_close(&line);
	}
	json_line_close(&line);
	bool done = json_line_end(&line) == RC_OK;
	if (done)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
	return done;
}

/* A field's name is a stranger's, and goes to a terminal. */
static void print_name(const char *name)
{
	for (; *name; name++)
		putchar(*name > ' ' && *name <= '~' ? *name : '?');
}

static void print_place(const char *part)
{
	if (*part)
		printf("part %s", part);
	else
		fputs("the message's header", stdout);
}

static void print_text(const char *file, const struct inspect_findings *f)
{
	if (file)
		printf("%s: %s\n", file,
		       f->total          ? "found"
		       : f->opaque_count ? "not all could be read"
					 : "nothing found");
	else if (f->total + f->opaque_count == 0)
		puts("nothing found");
	for (size_t i = 0; i < f->count; i++) {
		printf("  %-16s %-10s ", f->at[i].marker, rules_where_name(f->at[i].where));
		if (*f->at[i].field)
			print_name(f->at[i].field);
		else
			print_place(f->at[i].part);
		printf(" at %llu: %s", (unsigned long long)f->at[i].offset, f->at[i].evidence);
		if (f->at[i].confidence == RULES_LOW)
			printf(" (%s confidence)", confidence_name(f->at[i].confidence));
		puts(f->at[i].invalid ? " (breaks its grammar)" : "");
	}
	if (f->total > f->count)
		printf("  and %zu more\n", f->total - f->count);
	for (size_t i = 0; i < f->opaque_count; i++) {
		fputs("  not read: ", stdout);
		print_place(f->opaque[i].part);
		printf(" (%s)\n", f->opaque[i].why);
	}
}

/* ---- the list of detectors ---- */

/* What a test of any detector may say, and what some need besides. */
static const char *const options[] = { "value",    "where", "min_unique", "near",       "except",
				       "at_least", "order", "scale",      "confidence", "invalid" };

enum { OWN_OPTIONS = 3 };

static const struct {
	const char *detector, *options[OWN_OPTIONS], *example;
} needs[] = {
	{ "payment-card", { NULL }, " min_unique = 3; confidence = \"high\";" },
	{ "words", { "file" }, " file = \"projects.txt\"; min_unique = 2;" },
	{ "exact-data", { "index", "columns", "key" }, " index = \"staff.idx\"; columns = 2;" },
	{ "fingerprint", { "index", "percent", "key" }, " index = \"board.idx\"; percent = 20;" },
	{ "au-protective-marking", { NULL }, " at_least = \"PROTECTED\"; scale = \"au\";" },
	{ "tlp", { NULL }, " at_least = \"AMBER\"; scale = \"tlp\";" },
	{ "uk-gsc", { NULL }, " at_least = \"SECRET\"; scale = \"uk\";" },
	{ "nato-label", { NULL }, " at_least = \"NATO RESTRICTED\"; scale = \"nato\";" },
	{ "file-size", { "min" }, " min = 10000000;" },
	{ "file-hash", { "file" }, " file = \"known.txt\";" },
	{ "file-name", { NULL }, " value = \"\\\\.exe$\";" },
	{ "office-label", { NULL }, " value = \"^Classification=Secret\";" },
	{ "sender-wish", { "strip" }, " strip = true;" },
	{ "opaque", { NULL }, " value = \"encrypted\";" },
};

/* The row of needs[] for the detector, or -1. */
static int need_of(const char *detector)
{
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (strcmp(needs[i].detector, detector) == 0)
			return (int)i;
	return -1;
}

static void print_detector_json(const char *name, unsigned where, const char *example)
{
	struct buf out = BUF_INIT(4096);
	struct json_line line;
	int need = need_of(name);

	json_line_begin(&line, &out);
	json_line_string(&line, "detector", name);
	json_line_array(&line, "where");
	for (unsigned bit = 1; bit <= RULES_METADATA; bit <<= 1)
		if (where & bit)
			json_line_string(&line, NULL, rules_where_name(bit));
	json_line_close(&line);
	json_line_array(&line, "options");
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		json_line_string(&line, NULL, options[i]);
	for (size_t i = 0; need >= 0 && i < OWN_OPTIONS && needs[need].options[i]; i++)
		json_line_string(&line, NULL, needs[need].options[i]);
	json_line_close(&line);
	json_line_string(&line, "example", example);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static void print_detector_text(const char *name, unsigned where, const char *example)
{
	int need = need_of(name);

	printf("%-22s", name);
	for (unsigned bit = 1; bit <= RULES_METADATA; bit <<= 1)
		if (where & bit)
			printf(" %s", rules_where_name(bit));
	printf("\n    %s", example);
	for (size_t i = 0; need >= 0 && i < OWN_OPTIONS && needs[need].options[i]; i++)
		printf("%s%s",
		       i ? ", " : "    (besides the options of all: ", needs[need].options[i]);
	puts(need >= 0 && needs[need].options[0] ? ")" : "");
}

static int print_detectors(const struct cli *cli)
{
	const char *name;
	unsigned where;

	if (!cli->json) {
		fputs("Any test may say:", stdout);
		for (size_t i = 0; i < sizeof options / sizeof *options; i++)
			printf(" %s", options[i]);
		puts("; see rules.conf(5).\n");
	}
	for (size_t i = 0; (name = inspect_detector(i, &where)); i++) {
		char example[160];
		int need = need_of(name);
		snprintf(example, sizeof example, "{ detector = \"%s\";%s }", name,
			 need < 0 ? "" : needs[need].example);
		if (cli->json)
			print_detector_json(name, where, example);
		else
			print_detector_text(name, where, example);
	}
	return CLI_OK;
}

/* ---- messages ---- */

/* 0, or errno. */
static int push_file(const char *path, struct inspect *m)
{
	bool standard = strcmp(path, "-") == 0;
	CLEANUP(cleanup_fd)
	int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	char bytes[32768];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
		inspect_message(m, (struct slice){ bytes, (size_t)n });
	return n == 0 ? 0 : errno;
}

/* CLI_OK: nothing found and all read. */
static int inspect_file(const struct cli *cli, struct inspect_rules *rules, const char *path,
			const char *shown, struct progress *progress)
{
	struct inspect *m = inspect_open(rules);
	int status = CLI_USAGE;

	if (!m)
		return cli_fail(cli, CLI_USAGE, "out of memory");
	int error = push_file(path, m);
	progress_clear(progress);
	if (error) {
		cli_fail(cli, CLI_USAGE, "%s: %s",
			 shown && strcmp(path, "-") != 0 ? path : "standard input",
			 strerror(error));
	} else {
		const struct inspect_findings *f = inspect_end(m);
		status = f->total + f->opaque_count ? CLI_NO : CLI_OK;
		if (!cli->json)
			print_text(shown, f);
		else if (!print_json(shown, f))
			status = cli_fail(cli, CLI_USAGE, "out of memory");
	}
	inspect_free(m);
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	bool list = false;
	const struct cli_option own[] = { { "--list", &list, NULL }, { NULL, NULL, NULL } };
	struct inspect_rules *rules = NULL;
	struct fault why;
	int status = CLI_OK;

	if (!cli_options(cli, &argc, argv, own))
		return CLI_USAGE;
	if (list)
		return argc > 1 ? cli_usage(cli, "--list takes no file") : print_detectors(cli);
	if (!cli_settings(cli) || !cli_rules(cli))
		return CLI_USAGE;
	if (cli_markers(cli, &rules, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	struct progress progress =
		progress_begin(cli, "messages", argc > 1 ? (uint64_t)argc - 1 : 1);
	for (int i = 1; i < argc || i == 1; i++) {
		const char *path = i < argc ? argv[i] : "-";
		int one = inspect_file(cli, rules, path, i < argc ? path : NULL, &progress);
		status = one > status ? one : status;
		progress_show(&progress, (uint64_t)i);
	}
	progress_clear(&progress);
	inspect_rules_unref(rules);
	return status;
}

const struct command inspect_command = {
	.name = "inspect",
	.usage = "[--list] [FILE…]",
	.summary = "shows what the markers find in messages",
	.help = "Reads messages as they stand in files, or one from standard input, and shows "
		"each\n"
		"finding: the marker, where it was, and evidence that is masked. What could not "
		"be\n"
		"read (a limit, a format, encryption) is named, since it is not proven clean.\n"
		"\n"
		"  --list  the detectors, where they look unless a test says otherwise, and an\n"
		"          example of each\n"
		"\n"
		"Exit status: 0 nothing found and all read, 1 something found or not read, 2 "
		"usage,\n"
		"settings or a file that cannot be read.\n",
	.run = run,
};
