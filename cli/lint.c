#include "cli/command.h"

#include <stdio.h>

static int run(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "there is nothing to do with %s", argv[1]);
	return cli_settings(cli) ? CLI_OK : CLI_NO;
}

const struct command lint_command = {
	.name = "lint",
	.usage = "",
	.summary = "checks the settings and the rules",
	.help = "Reads the settings and the rules as the daemons do, and says what is wrong with\n"
		"them, or dubious, by file and line.\n\n"
		"Exit status: 0 nothing wrong, 1 something wrong.\n",
	.run = run,
};
