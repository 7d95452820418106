/* postern: the operator's command. Each subcommand is one file beside this. */
#include "cli/command.h"

#include "base/log.h"
#include "cli/commands.h"
#include "settings/option.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#define DECLARE(name) extern const struct command name##_command;
#define ENTRY(name) &name##_command,
COMMANDS(DECLARE)

static const struct command *const commands[] = { COMMANDS(ENTRY) };
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int no_command(const char *name)
{
	const char *names[COMMAND_COUNT];

	for (size_t i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i]->name;
	const char *meant = option_nearest(name, names, COMMAND_COUNT);
	fprintf(stderr, "postern: there is no command %s", name);
	if (meant)
		fprintf(stderr, "; did you mean %s?", meant);
	fputs("\nTry 'postern help'.\n", stderr);
	return CLI_USAGE;
}

static void print_summary(FILE *to)
{
	fputs("usage: postern COMMAND [--json] [--config FILE] …\n"
	      "       postern help [COMMAND]\n"
	      "       postern --version\n\n",
	      to);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(to,
		"\nAll commands know\n"
		"  --config FILE  the settings; %s, or the defaults\n"
		"                 where that is not there\n"
		"  --json         one JSON object a line\n"
		"Exit status 2 is a usage error or settings that cannot be read.\n",
		SETTINGS_FILE);
}

static int print_help(const struct command *command)
{
	printf("usage: postern %s [--json] [--config FILE] %s\n\n%s", command->name, command->usage,
	       command->help);
	return CLI_OK;
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		print_summary(stdout);
		return CLI_OK;
	}
	const struct command *command = find_command(argv[1]);
	return command ? print_help(command) : no_command(argv[1]);
}

/* Takes --json and --config out of argv; false when --config lacks its file. */
static bool take_common(struct cli *cli, int *argc, char **argv, bool *wants_help)
{
	bool more = true;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		more = more && strcmp(argv[i], "--") != 0;
		if (more && strcmp(argv[i], "--json") == 0)
			cli->json = true;
		else if (more && (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0))
			*wants_help = true;
		else if (more && strncmp(argv[i], "--config=", 9) == 0)
			cli->config = argv[i] + 9;
		else if (!more || strcmp(argv[i], "--config") != 0)
			argv[kept++] = argv[i];
		else if (++i < *argc)
			cli->config = argv[i];
		else
			return false;
	}
	argv[kept] = NULL;
	*argc = kept;
	return true;
}

static int run(const struct command *command, int argc, char **argv)
{
	struct cli cli = { .command = command };
	bool wants_help = false;

	if (!take_common(&cli, &argc, argv, &wants_help))
		return cli_usage(&cli, "--config needs a file");
	if (wants_help)
		return print_help(command);

	int status = command->run(&cli, argc, argv);
	reader_pool_free(cli.readers);
	rules_unref(cli.rules);
	settings_unref(cli.settings);
	return status;
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_summary(stderr);
		return CLI_USAGE;
	}
	const char *word = argv[1];
	if (strcmp(word, "help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0)
		return help(argc - 1, argv + 1);
	if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
		puts("postern " POSTERN_VERSION);
		return CLI_OK;
	}
	const struct command *command = find_command(word);
	return command ? run(command, argc - 1, argv + 1) : no_command(word);
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	log_open("postern", LOG_TO_STDERR, LOG_WARN);

	int status = dispatch(argc, argv);
	/* What was asked for must not be lost in silence on a full disk. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("postern: cannot write to standard output\n", stderr);
		return CLI_USAGE;
	}
	return status;
}
