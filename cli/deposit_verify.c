#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "cli/deposit.h"
#include "cli/operator.h"
#include "crypto/keys.h"
#include "deposit/proof.h"
#include "json/line.h"
#include "mime/decoder.h"

#include <stdio.h>
#include <string.h>

enum {
	MESSAGE_MAX = 1 << 30,        /* bytes; as large as a deposit may be */
	NOTICE_MAX = 4 * 1024 * 1024, /* a notice has a few KB; somebody may have forwarded it */
	KEY_FILE_MAX = 64 * 1024,
	KEYS_MAX = 33, /* one, and those that it replaced */
	HEX_HASH = 2 * CRYPTO_HASH_BYTES,
};

enum whose { NOBODYS, GIVEN, THIS_SITES }; /* where the key comes from that is believed */

struct verifying {
	struct cli *cli;
	const char *key, *notice, *digest; /* as given; NULL */
	size_t key_count;
	uint8_t keys[KEYS_MAX][CRYPTO_PUBLIC_BYTES];
	bool has_digest;
	uint8_t expected[CRYPTO_HASH_BYTES];

	struct deposit_proof_file file;
	enum rc message;  /* RC_OK the same, RC_ABSENT nobody can say */
	bool signed_well; /* by the key in pub */
	uint8_t pub[CRYPTO_PUBLIC_BYTES];
	enum whose whose;
	bool digest_same;
};

/* ---- what the proof is held against ---- */

static void add_key(struct verifying *v, struct slice hex)
{
	if (v->key_count < KEYS_MAX &&
	    hex_parse(slice_trim(hex), v->keys[v->key_count], CRYPTO_PUBLIC_BYTES))
		v->key_count++;
}

/* Lines of 64 digits, as in keys/site-1.pub, or the portal's key.json. */
static void read_key_file(struct verifying *v, struct slice text)
{
	struct json_value *json = NULL;
	struct slice line, hex;

	if (json_value_parse(text, &json, NULL) == RC_OK) {
		if (json_value_text(json_value_find(json, "ed25519"), &hex))
			add_key(v, hex);
		json_value_free(json);
		return;
	}
	while (slice_take_line(&text, &line))
		add_key(v, line);
	add_key(v, text);
}

static bool get_keys(struct verifying *v)
{
	struct buf text = BUF_INIT(KEY_FILE_MAX);

	add_key(v, slice_of(v->key));
	if (v->key_count)
		return true;
	if (cli_read(v->cli, v->key, &text)) {
		read_key_file(v, buf_slice(&text));
		if (!v->key_count)
			cli_fail(v->cli, CLI_USAGE,
				 "%s has no key: %d hexadecimal digits on a line, or the portal's "
				 "key.json",
				 v->key, 2 * CRYPTO_PUBLIC_BYTES);
	}
	buf_free(&text);
	return v->key_count > 0;
}

static void add_text(void *of, struct slice text)
{
	enum rc rc = buf_add_slice(of, text);
	(void)rc; /* the buffer remembers */
}

static void end_part(void *of)
{
	enum rc rc = buf_add_byte(of, '\n');
	(void)rc;
}

static void pass_field(void *of, const struct mime_field *field)
{
	(void)of, (void)field;
}

static void pass_part(void *of, const struct mime_part *part)
{
	(void)of, (void)part;
}

static void pass_opaque(void *of, const char *path, const char *why)
{
	(void)of, (void)path, (void)why;
}

/* The one line of 64 digits that a notice has; false: none, or two that differ. */
static bool find_digest(struct slice text, uint8_t out[CRYPTO_HASH_BYTES])
{
	uint8_t one[CRYPTO_HASH_BYTES];
	struct slice line;
	bool found = false;

	while (slice_take_line(&text, &line)) {
		line = slice_trim(line);
		if (line.len != HEX_HASH || !hex_parse(line, one, sizeof one))
			continue;
		if (found && memcmp(one, out, sizeof one) != 0)
			return false;
		memcpy(out, one, sizeof one);
		found = true;
	}
	return found;
}

static bool read_notice(struct verifying *v, struct slice message)
{
	static const struct mime_handler handler = { pass_field, pass_part, add_text, end_part,
						     pass_opaque };
	static const struct mime_limits limits = {
		.depth = 8, .parts = 64, .header_bytes = 1 << 20, .decoded_bytes = NOTICE_MAX
	};
	struct buf text = BUF_INIT(2 * NOTICE_MAX);
	struct mime_decoder *decoder = mime_decoder_new(limits, &handler, &text);

	if (!decoder)
		return cli_fail(v->cli, false, "out of memory");
	mime_decoder_message(decoder, message);
	mime_decoder_end(decoder);
	mime_decoder_free(decoder);
	v->has_digest = buf_state(&text) == RC_OK && find_digest(buf_slice(&text), v->expected);
	buf_free(&text);
	return v->has_digest
		       ? true
		       : cli_fail(v->cli, false, "%s has no digest, or several: is it the notice?",
				  v->notice);
}

static bool get_digest(struct verifying *v)
{
	struct buf text = BUF_INIT(NOTICE_MAX);
	bool got;

	if (v->digest) {
		v->has_digest =
			hex_parse(slice_trim(slice_of(v->digest)), v->expected, sizeof v->expected);
		return v->has_digest
			       ? true
			       : cli_fail(v->cli, false,
					  "a digest is %d hexadecimal digits, as in the notice",
					  HEX_HASH);
	}
	got = cli_read(v->cli, v->notice, &text) && read_notice(v, buf_slice(&text));
	buf_free(&text);
	return got;
}

/* ---- checking ---- */

/* On the gateway itself the site's own keys are at hand. */
static bool is_this_sites(struct verifying *v)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	const struct settings *settings = v->cli->config ? cli_settings(v->cli) : NULL;

	return settings && crypto_keys_open(settings->keys, &keys, NULL) == RC_OK &&
	       crypto_keys_knows_site(keys, v->file.key);
}

static void check_signature(struct verifying *v)
{
	memcpy(v->pub, v->key_count ? v->keys[0] : v->file.key, sizeof v->pub);
	v->whose = v->key_count ? GIVEN : NOBODYS;
	for (size_t i = 0; i < v->key_count; i++)
		if (deposit_proof_verify(&v->file, v->keys[i], NULL) == RC_OK) {
			memcpy(v->pub, v->keys[i], sizeof v->pub);
			break;
		}
	v->signed_well = deposit_proof_verify(&v->file, v->pub, NULL) == RC_OK;
	if (v->whose == NOBODYS && v->signed_well && is_this_sites(v))
		v->whose = THIS_SITES;
}

static bool is_genuine(const struct verifying *v)
{
	return v->message == RC_OK && v->signed_well && (!v->has_digest || v->digest_same) &&
	       (v->has_digest || v->whose != NOBODYS);
}

static enum rc check(struct verifying *v, struct slice message, struct fault *why)
{
	struct deposit_source source = deposit_source_bytes(&message);

	check_signature(v);
	v->digest_same =
		v->has_digest && memcmp(v->expected, v->file.proof.digest, sizeof v->expected) == 0;
	v->message = deposit_proof_covers(&v->file, &source, why);
	return v->message == RC_INVALID || v->message == RC_ABSENT ? RC_OK : v->message;
}

/* ---- telling ---- */

static const char *key_words(const struct verifying *v)
{
	switch (v->whose) {
	case GIVEN:
		return "the key that you gave";
	case THIS_SITES:
		return "a key of this site";
	case NOBODYS:
		return "the key that the proof itself names";
	}
	return "";
}

static const char *message_words(const struct verifying *v)
{
	if (v->message == RC_OK)
		return "is, to the byte, the one that the proof names";
	return v->message == RC_ABSENT ? "cannot be compared: the proof has no salt (take the file "
					 "that the page saved)"
				       : "is NOT the one that the proof names, or a byte of it was "
					 "changed (line ends, "
					 "too, must be as they were saved)";
}

static void add_digest(const struct verifying *v, struct buf *out)
{
	if (!v->has_digest)
		(void)buf_add_text(out, "The digest was not compared with a notice.\n");
	else
		(void)buf_addf(out, "The digest of the proof is %sthe one that %s.\n",
			       v->digest_same ? "" : "NOT ",
			       v->digest ? "you gave" : "the notice has");
}

/* What is left open, as sentences. */
static void add_open(const struct verifying *v, struct buf *out)
{
	if (v->whose == NOBODYS && v->has_digest)
		(void)buf_add_text(
			out, "Whose the key is was not checked: who sent what to whom, and when "
			     "it was picked\nup, rest on it. Give the organisation's published "
			     "key with --key.\n");
	if (v->whose == NOBODYS && !v->has_digest)
		(void)buf_add_text(
			out, "Nothing was compared with what you already have: anyone could have "
			     "made all of\nit. Give the organisation's published key with --key, "
			     "or the notice with --notice.\n");
	if (v->notice)
		(void)buf_add_text(out, "Whether the notice is genuine was not checked (its DKIM "
					"signature tells).\n");
	(void)buf_add_text(out, "Who sat before the screen, and whether the message was read, no "
				"proof can show.\n");
}

static void add_claims(const struct deposit_proof *proof, struct buf *out)
{
	char id[2 * STORE_ID_BYTES + 1], made[CLOCK_TEXT], picked_up[CLOCK_TEXT];

	(void)buf_addf(out, "The proof says: deposit %s\n  from <",
		       hex_format(proof->id, STORE_ID_BYTES, id));
	operator_add_text(out, proof->sender);
	(void)buf_add_text(out, "> for <");
	operator_add_text(out, proof->recipient);
	(void)buf_addf(
		out, ">\n  sealed %s, picked up %s %s\n  factor %s, which %s the notice's way\n",
		clock_format(proof->made_s, made), clock_format(proof->picked_up_s, picked_up),
		proof->mode == DEPOSIT_MODE_BROWSER ? "and decrypted in a browser"
						    : "and decrypted by the portal",
		rules_factor_name(proof->factor),
		proof->independent ? "did not travel" : "travelled");
	if (proof->scan) {
		char date[CLOCK_TEXT];
		(void)buf_addf(out, "  scanned %s by ", clock_format(proof->scan->date_s, date));
		operator_add_text(out, slice_of(proof->scan->engine));
		(void)buf_add_text(out, ": ");
		operator_add_text(out, slice_of(proof->scan->result));
		(void)buf_add_byte(out, '\n');
	} else {
		(void)buf_add_text(out, "  not scanned\n");
	}
	(void)buf_add_text(out, "  by ");
	operator_add_text(out, proof->organisation);
	(void)buf_add_text(out, proof->organisation.len ? ", " : "");
	operator_add_text(out, proof->portal);
	(void)buf_add_byte(out, '\n');
}

static void print_words(const struct verifying *v)
{
	struct buf out = BUF_INIT(256 * 1024);
	char pub[2 * CRYPTO_PUBLIC_BYTES + 1];

	(void)buf_addf(&out, "The message %s.\n", message_words(v));
	(void)buf_addf(&out, "The signature is %s %s:\n  %s\n",
		       v->signed_well ? "good, by" : "NOT good by", key_words(v),
		       hex_format(v->pub, sizeof v->pub, pub));
	add_digest(v, &out);
	add_claims(&v->file.proof, &out);
	add_open(v, &out);
	(void)buf_add_text(&out, is_genuine(v) ? "Genuine.\n" : "NOT shown to be genuine.\n");
	fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static void print_json(const struct verifying *v)
{
	static const char *const owners[] = {
		[NOBODYS] = "proof", [GIVEN] = "given", [THIS_SITES] = "site"
	};
	const struct deposit_proof *proof = &v->file.proof;
	struct buf out = BUF_INIT(256 * 1024);
	char hex[2 * CRYPTO_PUBLIC_BYTES + 1], text[CLOCK_TEXT];
	struct json_line line;

	json_line_begin(&line, &out);
	json_line_bool(&line, "genuine", is_genuine(v));
	json_line_string(&line, "message",
			 v->message == RC_OK       ? "same"
			 : v->message == RC_ABSENT ? "unknown"
						   : "other");
	json_line_string(&line, "signature", v->signed_well ? "good" : "bad");
	json_line_string(&line, "key", hex_format(v->pub, sizeof v->pub, hex));
	json_line_string(&line, "key_from", owners[v->whose]);
	json_line_string(&line, "digest",
			 !v->has_digest   ? "not-compared"
			 : v->digest_same ? "same"
					  : "other");
	json_line_string(&line, "deposit", hex_format(proof->id, STORE_ID_BYTES, hex));
	json_line_text(&line, "from", proof->sender);
	json_line_text(&line, "to", proof->recipient);
	json_line_string(&line, "made", clock_format(proof->made_s, text));
	json_line_string(&line, "picked_up", clock_format(proof->picked_up_s, text));
	json_line_string(&line, "factor", rules_factor_name(proof->factor));
	json_line_bool(&line, "independent", proof->independent);
	json_line_string(&line, "mode", deposit_mode_name(proof->mode));
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static int verify(struct verifying *v, const char *message_path, const char *proof_path)
{
	CLEANUP(buf_free) struct buf message = BUF_INIT(MESSAGE_MAX);
	CLEANUP(buf_free) struct buf proof = BUF_INIT(DEPOSIT_PROOF_MAX + 1);
	struct fault why;

	if (!cli_read(v->cli, message_path, &message) || !cli_read(v->cli, proof_path, &proof))
		return CLI_USAGE;
	enum rc rc = deposit_proof_read(buf_slice(&proof), &v->file, &why);
	if (rc != RC_OK)
		return cli_fail(v->cli, CLI_NO, "%s: %s", proof_path, why.text);
	rc = check(v, buf_slice(&message), &why);
	if (rc != RC_OK)
		return cli_fail(v->cli, CLI_USAGE, "%s", why.text);
	if (v->cli->json)
		print_json(v);
	else
		print_words(v);
	return is_genuine(v) ? CLI_OK : CLI_NO;
}

int deposit_verify(struct cli *cli, int argc, char **argv)
{
	struct verifying v = { .cli = cli };
	const struct cli_option options[] = {
		{ .name = "--key", .value = &v.key },
		{ .name = "--notice", .value = &v.notice },
		{ .name = "--digest", .value = &v.digest },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 3)
		return cli_usage(cli, "verify takes a message and its proof");
	if (v.notice && v.digest)
		return cli_usage(cli, "--notice and --digest say the same thing: give one");
	if (v.key && !get_keys(&v))
		return CLI_USAGE;
	if ((v.notice || v.digest) && !get_digest(&v))
		return CLI_USAGE;
	int status = verify(&v, argv[1], argv[2]);
	deposit_proof_close(&v.file);
	return status;
}
