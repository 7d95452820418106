#include "cli/command.h"
#include "cli/setup_postfix.h"
#include "settings/print.h"

#include <stdio.h>
#include <string.h>

enum { PRINT_MAX = 1 << 20 }; /* far above what the table can come to */

static int print(struct cli *cli, enum rc printed(struct buf *out))
{
	struct buf text = BUF_INIT(PRINT_MAX);
	enum rc rc = printed(&text);

	if (rc == RC_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	buf_free(&text);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, CLI_USAGE, "out of memory");
}

static int run(struct cli *cli, int argc, char **argv)
{
	const char *map = NULL;
	const struct cli_option options[] = { { .name = "--map", .value = &map }, { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "expected one of postfix, conf, rules");
	if (strcmp(argv[1], "postfix") == 0)
		return setup_postfix(cli, map);
	if (map)
		return cli_usage(cli, "--map belongs to postfix");
	if (strcmp(argv[1], "conf") == 0)
		return print(cli, print_conf);
	if (strcmp(argv[1], "man") == 0)
		return print(cli, print_man);
	if (strcmp(argv[1], "rules") == 0) {
		struct slice text = rules_embedded_text();
		fwrite(text.at, 1, text.len, stdout);
		return CLI_OK;
	}
	return cli_usage(cli, "there is no setup for %s", argv[1]);
}

const struct command setup_command = {
	.name = "setup",
	.usage = "postfix [--map FILE] | conf | rules",
	.summary = "prints what other files need: Postfix's, postern.conf, rules.conf",
	.help = "  postfix      the lines for main.cf and master.cf, with this site's route "
		"token.\n"
		"               The token is that of milter.route_token, or the one in "
		"route.token\n"
		"               in the folder of keys; the keys are made when none are there.\n"
		"  --map FILE   writes the header map to FILE, mode 0600, and names it in "
		"main.cf,\n"
		"               which everyone may read; without, the map stands in main.cf.\n"
		"  conf         postern.conf with every option at its default, commented out\n"
		"  rules        rules.conf as it is built in\n"
		"\n"
		"Exit status: 0 printed, 1 the keys cannot be read or made.\n",
	.run = run,
};
