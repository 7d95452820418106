#include "cli/rules.h"

#include <string.h>

static const struct verb {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} verbs[] = {
	{ "test", rules_test },
	{ "diff", rules_diff },
	{ "index", rules_index },
};

static int run(struct cli *cli, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(cli, argc - 1, argv + 1);
	return cli_usage(cli, "say test, diff or index");
}

const struct command rules_command = {
	.name = "rules",
	.usage = "test|diff|index [OPTION]… …",
	.summary = "runs the rules' expectations, or shows what other rules would change",
	.help = "test [--assume LEVEL] [FILE]\n"
		"        decides over each message named in the list tests of FILE (by default "
		"the\n"
		"        rules of the settings), as postern explain does, and says where the "
		"verdict\n"
		"        is another than expected, by file and line, and which rule decided.\n"
		"diff [OPTION]… OLD NEW CORPUS\n"
		"        decides by the rules in OLD and by those in NEW over each message of the\n"
		"        folder CORPUS (files, a Maildir, mailbox files), as if its author sent it "
		"to\n"
		"        the recipients that it names, and says whose verdict changes, and by "
		"which\n"
		"        rules. It ends with a summary.\n"
		"index exact [OPTION]… TABLE OUT\n"
		"        makes an index of the rows of TABLE (CSV or separated by tabs, UTF-8, "
		"names of\n"
		"        columns in the first line) for the detector exact-data.\n"
		"index fingerprint [--key FILE] FILE… OUT\n"
		"        makes an index of the texts of documents, which are read as attachments "
		"are,\n"
		"        for the detector fingerprint. Neither holds the values or words "
		"themselves.\n\n"
		"  --assume LEVEL  no lookups: every destination guarantees none, authenticated "
		"or\n"
		"                  requiretls, but for the rules' own destinations. What diff "
		"does\n"
		"                  unless told otherwise, with none, so that every ladder is "
		"tried\n"
		"  --lookup        diff: destinations are looked up, each once\n"
		"  --all           diff: also where the verdict stays, and the rule that decides "
		"or\n"
		"                  what it asks for changes\n"
		"  --as-is         diff: rules that observe do nothing; otherwise they count as "
		"if\n"
		"                  they enforced\n"
		"  --from A        diff: the sender of every message, in place of its From\n"
		"  --to B…         diff: the recipients of every message, in place of To, Cc and "
		"Bcc\n"
		"  --program       diff: as for explain\n"
		"  --clear         diff: as for explain\n"
		"  --columns A,B   index: these columns, by name or number from 1; otherwise all\n"
		"  --no-header     index: the first line is a row\n"
		"  --need N        index: how many values of a row make it hit, unless a test "
		"says\n"
		"                  so; otherwise 2, or 1 of one column\n"
		"  --key FILE      index: at least 16 bytes that go into each hash, for the key "
		"of the\n"
		"                  test; without it who has the index can try values out\n\n"
		"Exit status: test 0 all as expected, 1 some verdict is another; diff 0 nothing\n"
		"changes, 1 something does, 3 nothing does, but not all could be decided; index 0\n"
		"made, 1 made, but a document is left out or could not be read whole; 2 a file or "
		"the\n"
		"rules cannot be read.\n",
	.run = run,
};
