#include "deposit/proof.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "json/line.h"

#include <string.h>

static const char heading[] = "postern-proof-1\n";

static void add_hex(struct json_line *line, const char *key, const uint8_t *bytes, size_t len)
{
	char text[2 * CRYPTO_SIGNATURE_BYTES + 1];

	json_line_string(line, key, hex_format(bytes, len, text));
}

static void add_time(struct json_line *line, const char *key, int64_t wall_s)
{
	char text[CLOCK_TEXT];

	json_line_string(line, key, clock_format(wall_s, text));
}

static void add_scan(struct json_line *line, const struct deposit_scan *scan)
{
	if (!scan) {
		json_line_null(line, "scan");
		return;
	}
	json_line_object(line, "scan");
	json_line_string(line, "engine", scan->engine);
	json_line_string(line, "result", scan->result);
	add_time(line, "date", scan->date_s);
	json_line_close(line);
}

/* The signed members in their order; salt (may be NULL) where it belongs. */
static void add_members(struct json_line *line, const struct deposit_proof *proof,
			const uint8_t *salt)
{
	json_line_number(line, "version", DEPOSIT_PROOF_VERSION);
	add_hex(line, "deposit", proof->id, sizeof proof->id);
	add_hex(line, "digest", proof->digest, sizeof proof->digest);
	if (salt)
		add_hex(line, "salt", salt, DEPOSIT_PROOF_SALT_BYTES);
	json_line_text(line, "sender", proof->sender);
	json_line_text(line, "recipient", proof->recipient);
	add_time(line, "made", proof->made_s);
	add_time(line, "picked_up", proof->picked_up_s);
	json_line_string(line, "factor", rules_factor_name(proof->factor));
	json_line_bool(line, "independent", proof->independent);
	json_line_string(line, "mode", deposit_mode_name(proof->mode));
	add_scan(line, proof->scan);
	json_line_text(line, "organisation", proof->organisation);
	json_line_text(line, "portal", proof->portal);
}

/* Adds what is signed. */
static enum rc add_signed(const struct deposit_proof *proof, struct buf *out, struct fault *why)
{
	struct json_line line;

	(void)buf_add_text(out, heading);
	json_line_begin(&line, out);
	add_members(&line, proof, NULL);
	enum rc rc = json_line_end(&line);
	if (rc != RC_OK)
		return fault(why, rc, "no room for a proof");
	out->len--; /* the line end */
	return RC_OK;
}

static enum rc add_file(const struct deposit_proof *proof, const uint8_t *salt, const uint8_t *key,
			const uint8_t *signature, struct buf *out, struct fault *why)
{
	struct json_line line;

	json_line_begin(&line, out);
	add_members(&line, proof, salt);
	add_hex(&line, "key", key, CRYPTO_PUBLIC_BYTES);
	add_hex(&line, "signature", signature, CRYPTO_SIGNATURE_BYTES);
	enum rc rc = json_line_end(&line);
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a proof");
}

enum rc deposit_proof_make(const struct deposit_proof *proof, const struct crypto_key *site,
			   struct buf *out, struct fault *why)
{
	CLEANUP(buf_free) struct buf bytes = BUF_INIT(DEPOSIT_PROOF_MAX);
	uint8_t key[CRYPTO_PUBLIC_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	enum rc rc = add_signed(proof, &bytes, why);

	if (rc == RC_OK)
		rc = crypto_sign_public(site, key, why);
	if (rc == RC_OK)
		rc = crypto_sign(site, buf_slice(&bytes), signature, why);
	return rc == RC_OK ? add_file(proof, NULL, key, signature, out, why) : rc;
}

enum rc deposit_proof_add_salt(struct slice file, const uint8_t salt[DEPOSIT_PROOF_SALT_BYTES],
			       struct buf *out, struct fault *why)
{
	CLEANUP(deposit_proof_close) struct deposit_proof_file read = { .salted = false };
	enum rc rc = deposit_proof_read(file, &read, why);

	if (rc != RC_OK)
		return rc;
	if (read.salted)
		return fault(why, RC_INVALID, "the proof has its salt already");
	return add_file(&read.proof, salt, read.key, read.signature, out, why);
}

/* ---- reading ---- */

void deposit_proof_close(struct deposit_proof_file *file)
{
	json_value_free(file->tree);
	file->tree = NULL;
}

struct reading {
	const struct json_value *object;
	const char *bad; /* the first member that is missing or not of its form */
};

static void take_text(struct reading *r, const char *key, struct slice *out)
{
	if (!json_value_text(json_value_find(r->object, key), out) && !r->bad)
		r->bad = key;
}

static void take_hex(struct reading *r, const char *key, uint8_t *out, size_t len)
{
	struct slice text = { 0 };

	take_text(r, key, &text);
	if (!hex_parse(text, out, len) && !r->bad)
		r->bad = key;
}

static void take_time(struct reading *r, const char *key, int64_t *out)
{
	struct slice text = { 0 };

	take_text(r, key, &text);
	if (!clock_parse(text, out) && !r->bad)
		r->bad = key;
}

static void take_bool(struct reading *r, const char *key, bool *out)
{
	if (!json_value_bool(json_value_find(r->object, key), out) && !r->bad)
		r->bad = key;
}

static void take_factor(struct reading *r, enum rules_factor *out)
{
	struct slice text = { 0 };

	take_text(r, "factor", &text);
	for (enum rules_factor f = RULES_FACTOR_PHRASE; f <= RULES_FACTOR_LINK; f++)
		if (slice_is(text, rules_factor_name(f))) {
			*out = f;
			return;
		}
	if (!r->bad)
		r->bad = "factor";
}

static void take_mode(struct reading *r, enum deposit_mode *out)
{
	struct slice text = { 0 };

	take_text(r, "mode", &text);
	if (slice_is(text, deposit_mode_name(DEPOSIT_MODE_SERVER)))
		*out = DEPOSIT_MODE_SERVER;
	else if (slice_is(text, deposit_mode_name(DEPOSIT_MODE_BROWSER)))
		*out = DEPOSIT_MODE_BROWSER;
	else if (!r->bad)
		r->bad = "mode";
}

/* A text that does not come back whole is not one that was signed. */
static void take_member(struct reading *r, const char *key, char *out, size_t size)
{
	struct slice text = { 0 };

	take_text(r, key, &text);
	deposit_scan_set(out, size, text);
	if (strlen(out) != text.len && !r->bad)
		r->bad = key;
}

static void take_scan(struct reading *r, struct deposit_proof_file *file)
{
	const struct json_value *scan = json_value_find(r->object, "scan");
	struct reading inner = { scan, r->bad };

	if (json_value_is_null(scan))
		return;
	take_member(&inner, "engine", file->scan.engine, sizeof file->scan.engine);
	take_member(&inner, "result", file->scan.result, sizeof file->scan.result);
	take_time(&inner, "date", &file->scan.date_s);
	file->proof.scan = &file->scan;
	r->bad = inner.bad;
}

static const char *take_members(struct reading *r, struct deposit_proof_file *file)
{
	struct deposit_proof *proof = &file->proof;
	int64_t version = 0;

	if (!json_value_number(json_value_find(r->object, "version"), &version) ||
	    version != DEPOSIT_PROOF_VERSION)
		return "version";
	take_hex(r, "deposit", proof->id, sizeof proof->id);
	take_hex(r, "digest", proof->digest, sizeof proof->digest);
	file->salted = json_value_find(r->object, "salt");
	if (file->salted)
		take_hex(r, "salt", file->salt, sizeof file->salt);
	take_text(r, "sender", &proof->sender);
	take_text(r, "recipient", &proof->recipient);
	take_time(r, "made", &proof->made_s);
	take_time(r, "picked_up", &proof->picked_up_s);
	take_factor(r, &proof->factor);
	take_bool(r, "independent", &proof->independent);
	take_mode(r, &proof->mode);
	take_scan(r, file);
	take_text(r, "organisation", &proof->organisation);
	take_text(r, "portal", &proof->portal);
	take_hex(r, "key", file->key, sizeof file->key);
	take_hex(r, "signature", file->signature, sizeof file->signature);
	return r->bad;
}

enum rc deposit_proof_read(struct slice text, struct deposit_proof_file *out, struct fault *why)
{
	CLEANUP(deposit_proof_close) struct deposit_proof_file file = { .salted = false };

	if (text.len > DEPOSIT_PROOF_MAX)
		return fault(why, RC_LIMIT, "a proof of %zu bytes is longer than %d", text.len,
			     DEPOSIT_PROOF_MAX);
	enum rc rc = json_value_parse(text, &file.tree, why);
	if (rc != RC_OK)
		return rc;
	struct reading r = { file.tree, NULL };
	const char *bad = take_members(&r, &file);
	if (bad)
		return fault(why, RC_INVALID, "the proof's \"%s\" is missing or not as it must be",
			     bad);
	*out = file;
	if (out->proof.scan)
		out->proof.scan = &out->scan;
	file.tree = NULL;
	return RC_OK;
}

/* ---- checking ---- */

enum rc deposit_proof_verify(const struct deposit_proof_file *file,
			     const uint8_t pub[CRYPTO_PUBLIC_BYTES], struct fault *why)
{
	/* Every byte may have to be escaped. */
	CLEANUP(buf_free) struct buf bytes = BUF_INIT(8 * DEPOSIT_PROOF_MAX);
	enum rc rc = add_signed(&file->proof, &bytes, why);

	if (rc != RC_OK)
		return rc;
	rc = crypto_sign_verify(pub, buf_slice(&bytes), file->signature, NULL);
	return rc == RC_OK ? RC_OK
			   : fault(why, RC_INVALID,
				   "the signature is not this key's, or the proof was changed");
}

static enum rc hash_piece(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	crypto_hash_add(arg, bytes);
	return RC_OK;
}

enum rc deposit_proof_covers(const struct deposit_proof_file *file,
			     const struct deposit_source *message, struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	uint8_t digest[CRYPTO_HASH_BYTES];

	if (!file->salted)
		return fault(why, RC_ABSENT, "the proof has no salt");
	enum rc rc = crypto_hash_new(NULL, &h, why);
	if (rc != RC_OK)
		return rc;
	crypto_hash_add(h, (struct slice){ (const char *)file->salt, sizeof file->salt });
	rc = deposit_source_each(message, hash_piece, h, why);
	if (rc == RC_OK)
		rc = crypto_hash_end(&h, digest, why);
	if (rc == RC_OK && !crypto_same(digest, file->proof.digest, sizeof digest))
		return fault(why, RC_INVALID, "the message is not the one that the proof names");
	return rc;
}
