#include "cli/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/deposit.h"
#include "cli/deposit_secret.h"
#include "cli/sink.h"
#include "cli/operator.h"
#include "deposit/open.h"

#include <stdio.h>
#include <string.h>

/* ---- open ---- */

static int status_of(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return CLI_OK;
	case RC_ABSENT:
	case RC_INVALID:
		return CLI_NO;
	case RC_RETRY:
	case RC_LIMIT:
	case RC_NOMEM:
		return CLI_UNDETERMINED;
	}
	return CLI_UNDETERMINED;
}

static int open_deposit(struct cli *cli, const struct operator_site *site,
			const struct deposit_visit *visit, const char *path)
{
	CLEANUP(sink_close) struct sink sink = { .path = path, .fd = -1 };
	struct fault why;
	enum rc rc = sink_open(&sink, &why);

	if (rc != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	rc = deposit_open(site->store, site->keys, visit, clock_wall_s(), sink_add, &sink, &why);
	if (rc == RC_OK)
		rc = sink_keep(&sink, &why);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, status_of(rc), "%s", why.text);
}

struct secrets {
	const char *code_file, *phrase_file;
	struct buf code, phrase;
};

static bool get_secrets(const struct cli *cli, struct secrets *s)
{
	bool got = s->code_file ? secret_read(cli, s->code_file, &s->code)
				: secret_ask(cli, "Code: ", &s->code);

	if (!got)
		return false;
	if (s->phrase_file)
		return secret_read(cli, s->phrase_file, &s->phrase);
	if (s->code_file && !secret_can_ask())
		return true; /* a deposit may need none; if it does, opening says so */
	return secret_ask(cli, "Phrase (empty where there is none): ", &s->phrase);
}

static int run_open(struct cli *cli, int argc, char **argv)
{
	struct secrets secrets = { .code = BUF_SECRET(SECRET_MAX),
				   .phrase = BUF_SECRET(SECRET_MAX) };
	const char *path = NULL, *recipient = "";
	const struct cli_option options[] = {
		{ .name = "--code-file", .value = &secrets.code_file },
		{ .name = "--phrase-file", .value = &secrets.phrase_file },
		{ .name = "--recipient", .value = &recipient },
		{ .name = "--output", .value = &path },
		{ .name = "-o", .value = &path },
		{ 0 },
	};
	uint8_t id[STORE_ID_BYTES];
	int status;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "open takes one deposit's number");
	if (!hex_parse((struct slice){ argv[1], strlen(argv[1]) }, id, sizeof id))
		return cli_usage(cli, "a deposit's number is %d hexadecimal digits",
				 2 * STORE_ID_BYTES);
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	if (!operator_open(cli, &site, &status))
		return status;
	if (get_secrets(cli, &secrets)) {
		const struct deposit_visit visit = {
			.id = id,
			.address = { recipient, strlen(recipient) },
			.code = secret_code(buf_slice(&secrets.code)),
			.phrase = buf_slice(&secrets.phrase),
		};
		status = open_deposit(cli, &site, &visit,
				      path && strcmp(path, "-") != 0 ? path : NULL);
	} else {
		status = CLI_USAGE;
	}
	buf_wipe(&secrets.code);
	buf_wipe(&secrets.phrase);
	return status;
}

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} words[] = {
	{ "list", deposit_list },
	{ "open", run_open },
	{ "revoke", deposit_revoke },
	{ "extend", deposit_extend_by },
	{ "purge", deposit_purge_now },
	{ "verify", deposit_verify },
	{ "escrow-open", deposit_escrow_open },
};

static int run(struct cli *cli, int argc, char **argv)
{
	struct buf names = BUF_INIT(200);

	for (size_t i = 0; argc > 1 && i < sizeof words / sizeof *words; i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].run(cli, argc - 1, argv + 1);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		(void)buf_addf(&names, "%s%s", i ? ", " : "", words[i].name);
	int status = argc < 2 ? cli_usage(cli, "what about deposits? %s", buf_text(&names))
			      : cli_usage(cli, "%s is none of %s", argv[1], buf_text(&names));
	buf_free(&names);
	return status;
}

const struct command deposit_command = {
	.name = "deposit",
	.usage =
		"list | open [--code-file F] [--phrase-file F] [--recipient A] [-o FILE] NUMBER |\n"
		"       revoke [--reason TEXT] NUMBER... | extend [--days N] [--reason TEXT] "
		"NUMBER... |\n"
		"       purge [--keep DAYS] [--clock-is-right] |\n"
		"       verify [--key HEX|FILE] [--notice FILE | --digest HEX] MESSAGE PROOF |\n"
		"       escrow-open --officer KEY... [--passphrase-file F...] --reason TEXT --out "
		"FILE\n"
		"               NUMBER",
	.summary =
		"lists the sealed messages of the portal, opens, ends or keeps them, checks proofs",
	.help = "list prints each deposit: its number, its state (open, expired, revoked or "
		"sent-on), when\n"
		"it was made and until when it is kept, and its parties: of each recipient how "
		"far\n"
		"the pickup has come (new, proved, factored, sent, acknowledged).\n\n"
		"open writes the original message, byte for byte, to FILE or to standard output,\n"
		"once its digest has been compared with that of the notice. It needs what the\n"
		"recipient has: the code from the notice (or the whole link), and the phrase that\n"
		"the sender was told, where there is one. Both are asked for on the terminal\n"
		"without being shown, or read from the first line of a file (- is standard\n"
		"input), never taken from the command line.\n\n"
		"  --code-file F    the code, or the link\n"
		"  --phrase-file F  the phrase\n"
		"  --recipient A    only this recipient's share\n"
		"  -o, --output F   where the message goes; made readable to you alone\n\n"
		"revoke destroys what is kept of a message, at once: its keys, its content, and "
		"the\n"
		"notices that wait. The sender is told, and so is whoever comes with the link. "
		"What\n"
		"was opened before stays with whoever opened it.\n\n"
		"extend keeps a message for 14 days more, or N days from now, and no longer than\n"
		"limits.deposit_life_days from its making.\n\n"
		"purge ends what is over and removes what ended limits.deposit_keep_days ago (or\n"
		"DAYS), which the daemon does by itself every ten minutes.\n\n"
		"  --reason TEXT     for the audit, which has all three\n"
		"  --days N          from now\n"
		"  --keep DAYS       how long ended messages are still listed\n"
		"  --clock-is-right  your word that the clock's jump, of which the log tells, was\n"
		"                    no mistake: what is over by it ends now\n\n"
		"verify checks a message that was saved, and the proof file that was saved with "
		"it,\n"
		"without any portal, and says what was compared with what:\n\n"
		"  --key HEX|FILE  the organisation's published key, or a file with it (also\n"
		"                  the portal's key.json)\n"
		"  --notice FILE   the notice, whose digest is then compared\n"
		"  --digest HEX    that digest\n\n"
		"Without any of them, and without --config on the site itself, nothing shows "
		"whose\n"
		"the proof is, and it does not count as genuine.\n\n"
		"escrow-open writes the original message to FILE for officers of every group of\n"
		"escrow.officers, without code or phrase. Who opens what and why is in the audit\n"
		"before a byte of it is written.\n\n"
		"  --officer KEY        an officer's private key, PEM; one of each group at least\n"
		"  --passphrase-file F  of the first key, the second, ...; where there is none it "
		"is\n"
		"                       asked for\n"
		"  --out FILE           made readable to you alone\n\n"
		"Exit status: 0 done, genuine; 1 no such deposit, or it has ended, or code or "
		"phrase\n"
		"is wrong, or\n"
		"what is stored is not what was sealed, or not genuine; 3 store or keys cannot be\n"
		"read.\n",
	.run = run,
};
