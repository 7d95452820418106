/* cli/command.h: what a command of postern is made of.
 *
 *     const struct command lint_command = {
 *             .name = "lint",
 *             .usage = "[FILE]",
 *             .summary = "checks the settings and the rules",
 *             .help = "Reads …\n",
 *             .run = run,
 *     };
 *
 * A command is one file, cli/NAME.c, that defines NAME_command; it is found by
 * its path (cli/meson.build has the names). The options that all commands know
 * (--json, --config FILE, --help) are taken out of argv before run() sees it.
 *
 * Output goes to standard output, one JSON object a line with --json; errors go
 * to standard error in one sentence. Exit statuses are each command's contract,
 * but 2 is always a usage error or settings that cannot be read. */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "inspect/inspect.h"
#include "reader/pool.h"
#include "settings/rules.h"
#include "settings/settings.h"

enum { CLI_OK = 0, CLI_NO = 1, CLI_USAGE = 2, CLI_UNDETERMINED = 3 };

struct command;

struct cli {
	const struct command *command;
	bool json;
	const char *config;              /* NULL: not given, so that SETTINGS_FILE may be absent */
	const struct settings *settings; /* once read; main gives it back */
	const struct rules *rules;       /* once read; main gives them back */
	struct reader_pool *readers;     /* of documents; once made, main gives it back */
};

struct command {
	const char *name;
	const char *usage;   /* what follows "postern NAME [--json] [--config FILE]" */
	const char *summary; /* for the list of commands */
	const char *help;    /* paragraphs for `postern help NAME` */
	/* argv[0] is the command's name, argv[argc] is NULL. Returns the exit status. */
	int (*run)(struct cli *cli, int argc, char **argv);
};

/* One option of a command's own. Exactly one of flag, value and values is set. */
struct cli_option {
	const char *name;    /* "--probe", "--from" */
	bool *flag;          /* set when it is there */
	const char **value;  /* "--from A" and "--from=A"; the last one holds */
	const char **values; /* the same, given again and again: */
	size_t *count;       /* how many there are */
	size_t max;          /* how many there may be */
};

/* Takes a command's own options out of argv, up to "--"; what is left are its
 * operands, argv[1] to argv[argc - 1]. options ends with a row whose name is NULL.
 * False after a message when an option is not known or lacks its value: return
 * CLI_USAGE then. "-" alone is an operand. */
bool cli_options(const struct cli *cli, int *argc, char **argv, const struct cli_option *options);

/* "postern check: TEXT" and where to find help, to standard error; CLI_USAGE. */
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "postern check: TEXT" to standard error; returns status. */
int cli_fail(const struct cli *cli, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The settings: those of --config, else of SETTINGS_FILE, else the defaults. NULL
 * after a message: return CLI_USAGE then. Borrowed. */
const struct settings *cli_settings(struct cli *cli);

/* The rules that those settings name, else the embedded ones. NULL after a
 * message: return CLI_USAGE then. Borrowed. */
const struct rules *cli_rules(struct cli *cli);

/* The processes that read documents, which start when there is one. NULL after a message. */
struct reader_pool *cli_readers(struct cli *cli);

/* Those rules' markers, compiled under the settings' limits. RC_INVALID: *why is
 * "FILE:LINE: ..."; *out is the caller's, for inspect_rules_unref(). */
enum rc cli_markers(struct cli *cli, struct inspect_rules **out, struct fault *why);

/* All of a file, or of standard input for "-". False after a message. */
bool cli_read(const struct cli *cli, const char *path, struct buf *out);
