#include "base/cleanup.h"
#include "base/hex.h"
#include "cli/operator.h"
#include "crypto/renew.h"
#include "crypto/sign.h"
#include "json/line.h"

#include <stdio.h>
#include <string.h>

enum { PUBLIC_TEXT = 2 * CRYPTO_PUBLIC_BYTES + 1 };

/* ---- list ---- */

/* "site d7... current", "epoch 3 kept" */
static void say(const struct cli *cli, const char *kind, const char *name, bool current)
{
	struct buf out = BUF_INIT(1024);
	struct json_line line;

	if (!cli->json) {
		printf("%-5s %s %s\n", kind, name, current ? "current" : "old");
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "kind", kind);
	json_line_string(&line, "name", name);
	json_line_bool(&line, "current", current);
	if (json_line_end(&line) == RC_OK)
		fputs(buf_text(&out), stdout);
	buf_free(&out);
}

static enum rc public_text(const struct crypto_keys *keys, char out[PUBLIC_TEXT], struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key site;
	uint8_t pub[CRYPTO_PUBLIC_BYTES];

	crypto_keys_site(keys, &site);
	enum rc rc = crypto_sign_public(&site, pub, why);
	if (rc == RC_OK)
		hex_format(pub, sizeof pub, out);
	return rc;
}

static int list(struct cli *cli, const struct crypto_keys *keys)
{
	uint32_t numbers[CRYPTO_EPOCHS_MAX];
	char text[PUBLIC_TEXT];
	struct fault why;

	if (public_text(keys, text, &why) != RC_OK)
		return cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
	say(cli, "site", text, true);
	for (size_t i = keys->old_site_count; i > 0; i--)
		say(cli, "site", hex_format(keys->old_sites[i - 1], CRYPTO_KEY_BYTES, text), false);
	for (size_t i = crypto_keys_numbers(keys, numbers), all = i; i > 0; i--) {
		snprintf(text, sizeof text, "%u", (unsigned)numbers[i - 1]);
		say(cli, "epoch", text, i == all);
	}
	return CLI_OK;
}

/* ---- renew-site ---- */

static int renew(struct cli *cli, struct crypto_keys *keys)
{
	char old[PUBLIC_TEXT], fresh[PUBLIC_TEXT], reason[3 * PUBLIC_TEXT];
	struct audit_record record = { .event = "key-renewed", .reason = reason };
	struct fault why;
	enum rc rc = public_text(keys, old, &why);

	/* First on record, then done: what is on record and was not done is done again. */
	snprintf(reason, sizeof reason, "the site's key, which was %s", old);
	if (rc == RC_OK)
		rc = operator_record(cli, &record, 1, &why);
	if (rc == RC_OK)
		rc = crypto_site_renew(keys, &why);
	if (rc == RC_OK)
		rc = public_text(keys, fresh, &why);
	if (rc != RC_OK)
		return cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
	say(cli, "site", fresh, true);
	say(cli, "site", old, false);
	return CLI_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2 || (strcmp(argv[1], "list") != 0 && strcmp(argv[1], "renew-site") != 0))
		return cli_usage(cli, "what about keys? list or renew-site");
	const struct settings *settings = cli_settings(cli);
	if (!settings)
		return CLI_USAGE;
	if (crypto_keys_open(settings->keys, &keys, &why) != RC_OK)
		return cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
	return argv[1][0] == 'l' ? list(cli, keys) : renew(cli, keys);
}

const struct command keys_command = {
	.name = "keys",
	.usage = "list | renew-site",
	.summary = "shows the site's public keys, and makes a new one",
	.help = "list prints the site's public key, by which proofs are checked, those that it "
		"had\n"
		"before, and the numbers of the epochs whose keys are still there. Nothing "
		"secret.\n\n"
		"renew-site makes a new site key and keeps the public half of the old one: older\n"
		"proofs name it, and are still this site's. Publish the new one, and restart the\n"
		"portal, whose page shows it. The audit has a record of it.\n\n"
		"Exit status: 0 done, 3 the keys or the audit cannot be read or written.\n",
	.run = run,
};
