#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "cli/deposit.h"
#include "cli/deposit_secret.h"
#include "cli/operator.h"
#include "cli/sink.h"
#include "deposit/escrow.h"
#include "deposit/held.h"
#include "deposit/open.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
	REASON_MAX = 500, /* bytes: a sentence and a file number */
	NAMES_MAX = 2000,
	KEY_MAX = CRYPTO_GROUP_PEM_MAX,
	ID_CHARS = 2 * STORE_ID_BYTES,
};

struct opening {
	struct cli *cli;
	const char *reason, *path;
	const char *key_files[DEPOSIT_OFFICERS_MAX], *passphrase_files[DEPOSIT_OFFICERS_MAX];
	size_t key_count, passphrase_count;
	struct crypto_officer *keys[DEPOSIT_OFFICERS_MAX];
	uint8_t id[STORE_ID_BYTES];
	struct deposit_record record;
	struct deposit_shares shares;
	struct deposit_held *held;
};

static void opening_end(struct opening *o)
{
	for (size_t i = 0; i < o->key_count; i++)
		crypto_officer_free(&o->keys[i]);
	deposit_shares_free(&o->shares);
	deposit_held_free(&o->held);
}

/* ---- the officers' keys ---- */

static bool ask_passphrase(struct opening *o, size_t i, struct buf *out)
{
	struct buf prompt = BUF_INIT(PATH_MAX + 40);
	bool asked;

	if (i < o->passphrase_count)
		return secret_read(o->cli, o->passphrase_files[i], out);
	(void)buf_addf(&prompt, "Passphrase of %.200s: ", o->key_files[i]);
	asked = secret_ask(o->cli, buf_text(&prompt), out);
	buf_free(&prompt);
	return asked;
}

/* Asks for a passphrase only where the key has one. */
static bool read_key(struct opening *o, size_t i)
{
	CLEANUP(buf_wipe) struct buf pem = BUF_SECRET(KEY_MAX);
	CLEANUP(buf_wipe) struct buf passphrase = BUF_SECRET(SECRET_MAX);
	struct fault why;

	if (!cli_read(o->cli, o->key_files[i], &pem))
		return false;
	enum rc rc = crypto_officer_read(buf_slice(&pem), SLICE(""), &o->keys[i], &why);
	if (rc == RC_ABSENT) {
		if (!ask_passphrase(o, i, &passphrase))
			return false;
		rc = crypto_officer_read(buf_slice(&pem), buf_slice(&passphrase), &o->keys[i],
					 &why);
	}
	return rc == RC_OK ? true
			   : cli_fail(o->cli, false, "%.200s: %s", o->key_files[i], why.text);
}

/* ---- who opens, for the record ---- */

/* The name in the certificate of that key, of those that the settings name now. */
static bool find_name(const struct settings_list *files, const uint8_t *digest, char *name,
		      size_t size)
{
	struct crypto_certificate c;
	bool found = false;

	for (size_t f = 0; f < files->count && !found; f++) {
		CLEANUP(buf_free) struct buf pem = BUF_INIT(CRYPTO_GROUP_PEM_MAX);
		CLEANUP(crypto_group_free) struct crypto_group *group = NULL;
		if (file_read(files->at[f], &pem, NULL) != RC_OK ||
		    crypto_group_read(buf_slice(&pem), &group, NULL) != RC_OK)
			continue;
		for (size_t i = 0; i < crypto_group_count(group) && !found; i++)
			found = crypto_group_certificate(group, i, &c, NULL) == RC_OK &&
				memcmp(c.key_digest, digest, sizeof c.key_digest) == 0;
	}
	if (found)
		snprintf(name, size, "%s ", c.name);
	return found;
}

/* "/CN=Legal 3f2a…, /CN=Board 77ab…: REASON" */
static enum rc add_reason(const struct opening *o, struct buf *out, struct fault *why)
{
	const struct settings *settings = cli_settings(o->cli);
	uint8_t digest[CRYPTO_HASH_BYTES];
	char hex[2 * CRYPTO_HASH_BYTES + 1], name[220] = "";

	for (size_t i = 0; i < o->key_count; i++) {
		enum rc rc = crypto_officer_digest(o->keys[i], digest, why);
		if (rc != RC_OK)
			return rc;
		if (!find_name(&settings->escrow.officers, digest, name, sizeof name))
			name[0] = '\0';
		hex_format(digest, sizeof digest, hex);
		(void)buf_addf(out, "%s%s%.16s", i ? ", " : "", name, hex);
	}
	(void)buf_addf(out, ": %s", o->reason);
	return buf_state(out) == RC_OK ? RC_OK
				       : fault(why, RC_LIMIT, "there are too many officers");
}

/* One record for each recipient, durable before a byte of the message is written. */
static enum rc record(const struct opening *o, struct fault *why)
{
	struct audit_record records[DEPOSIT_RECIPIENTS_MAX] = { { 0 } };
	struct buf reason = BUF_INIT(NAMES_MAX + REASON_MAX), texts = BUF_INIT(1 << 20);
	char id[ID_CHARS + 1];
	enum rc rc = add_reason(o, &reason, why);

	hex_format(o->id, sizeof o->id, id);
	(void)buf_addf(&texts, "%.*s%c", SLICE_ARG(o->held->sender), '\0');
	for (size_t i = 0; i < o->held->recipient_count; i++)
		(void)buf_addf(&texts, "%.*s%c", SLICE_ARG(o->held->recipients[i].address), '\0');
	if (rc == RC_OK && buf_state(&texts) != RC_OK)
		rc = fault(why, buf_state(&texts), "out of memory");
	const char *at = buf_text(&texts), *from = at;
	for (size_t i = 0; rc == RC_OK && i < o->held->recipient_count; i++) {
		at += strlen(at) + 1;
		records[i] = (struct audit_record){
			.event = "escrow-opened",
			.from = from,
			.to = at,
			.deposit = id,
			.mode = "server",
			.reason = buf_text(&reason),
		};
	}
	if (rc == RC_OK)
		rc = operator_record(o->cli, records, o->held->recipient_count, why);
	buf_free(&reason);
	buf_free(&texts);
	return rc;
}

/* ---- opening ---- */

static enum rc find(struct opening *o, struct store *store, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_held_read(tx, o->id, &o->held, why);
	if (rc != RC_OK)
		return rc;
	if (o->held->state != STORE_DEPOSIT_OPEN || o->held->until_s <= clock_wall_s())
		return fault(why, RC_ABSENT, "the deposit has ended, and its shares with it");
	rc = deposit_record_decode(o->held->record, &o->record, why);
	return rc == RC_OK ? deposit_escrow_get(tx, o->id, &o->shares, why) : rc;
}

static enum rc open_to(const struct opening *o, struct store *store, const struct crypto_key *dek,
		       struct fault *why)
{
	CLEANUP(sink_close) struct sink sink = { .path = o->path, .fd = -1 };
	enum rc rc = sink_open(&sink, why);

	if (rc == RC_OK)
		rc = record(o, why);
	if (rc == RC_OK)
		rc = deposit_open_blob(store, o->id, &o->record, dek, sink_add, &sink, why);
	return rc == RC_OK ? sink_keep(&sink, why) : rc;
}

static enum rc join_and_open(struct opening *o, struct store *store, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key dek = { 0 };
	enum rc rc = deposit_escrow_join(&o->shares, o->keys, o->key_count, o->id, &o->record, &dek,
					 why);

	return rc == RC_OK ? open_to(o, store, &dek, why) : rc;
}

static int run(struct opening *o)
{
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	struct fault why;
	int status;

	if (!operator_open(o->cli, &site, &status))
		return status;
	enum rc rc = find(o, site.store, &why);
	for (size_t i = 0; rc == RC_OK && i < o->key_count; i++)
		if (!read_key(o, i))
			return CLI_USAGE;
	if (rc == RC_OK)
		rc = join_and_open(o, site.store, &why);
	if (rc == RC_OK)
		return CLI_OK;
	return cli_fail(o->cli, rc == RC_ABSENT || rc == RC_INVALID ? CLI_NO : CLI_UNDETERMINED,
			"%s", why.text);
}

/* One line that says something. */
static bool is_reason(const char *text)
{
	const struct slice s = slice_of(text);

	if (slice_trim(s).len < 3 || s.len > REASON_MAX || !utf8_is_valid(s))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

int deposit_escrow_open(struct cli *cli, int argc, char **argv)
{
	CLEANUP(opening_end) struct opening o = { .cli = cli, .reason = "" };
	const struct cli_option options[] = {
		{ .name = "--officer",
		  .values = o.key_files,
		  .count = &o.key_count,
		  .max = DEPOSIT_OFFICERS_MAX },
		{ .name = "--passphrase-file",
		  .values = o.passphrase_files,
		  .count = &o.passphrase_count,
		  .max = DEPOSIT_OFFICERS_MAX },
		{ .name = "--reason", .value = &o.reason },
		{ .name = "--out", .value = &o.path },
		{ .name = "-o", .value = &o.path },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "escrow-open takes one deposit's number");
	if (!hex_parse(slice_of(argv[1]), o.id, sizeof o.id))
		return cli_usage(cli, "a deposit's number is %d hexadecimal digits", ID_CHARS);
	if (o.key_count == 0)
		return cli_usage(cli, "escrow-open needs the private key of an officer of each "
				      "group: --officer FILE");
	if (!o.path)
		return cli_usage(cli, "escrow-open needs --out FILE");
	if (!is_reason(o.reason))
		return cli_usage(cli, "escrow-open needs --reason TEXT: one line, for the audit");
	return run(&o);
}
