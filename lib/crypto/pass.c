#include "crypto/pass.h"

#include "base/cleanup.h"
#include "base/hex.h"

#include <string.h>

enum {
	MARK_CHARS = 2 * CRYPTO_PASS_MARK_BYTES,
	MAC_CHARS = 2 * CRYPTO_HASH_BYTES,
	ID_CHARS = 2 * CRYPTO_PASS_ID_BYTES,
	VALUE_MAX = 2048, /* of a whole value, folds included */
};

struct mark {
	char text[MARK_CHARS + 1];
};

static enum rc mark_of(const struct crypto_key *key, const uint8_t id[CRYPTO_PASS_ID_BYTES],
		       struct slice recipient, struct mark *out, struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	uint8_t mac[CRYPTO_HASH_BYTES];
	enum rc rc = crypto_hash_new(key, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("postern pass mark"));
	crypto_hash_add_field(h, (struct slice){ (const char *)id, CRYPTO_PASS_ID_BYTES });
	crypto_hash_add_field(h, recipient);
	rc = crypto_hash_end(&h, mac, why);
	if (rc == RC_OK)
		hex_format(mac, CRYPTO_PASS_MARK_BYTES, out->text);
	return rc;
}

static enum rc seal_of(const struct crypto_key *key, struct slice head,
		       const uint8_t body_digest[CRYPTO_HASH_BYTES], uint8_t out[CRYPTO_HASH_BYTES],
		       struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	enum rc rc = crypto_hash_new(key, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("postern pass"));
	crypto_hash_add_field(h, head);
	crypto_hash_add_field(h, (struct slice){ (const char *)body_digest, CRYPTO_HASH_BYTES });
	return crypto_hash_end(&h, out, why);
}

/* "use id until mark,mark", without a fold: what the HMAC is over. */
static enum rc head_of(const struct crypto_key *key, const struct crypto_pass *pass,
		       struct buf *out, struct fault *why)
{
	char id[ID_CHARS + 1];

	if (pass->recipient_count == 0 || pass->recipient_count > CRYPTO_PASS_RECIPIENTS_MAX)
		return fault(why, RC_LIMIT, "a pass is for 1 to %d recipients",
			     CRYPTO_PASS_RECIPIENTS_MAX);
	(void)buf_addf(out, "%s %s %lld ", pass->use, hex_format(pass->id, sizeof pass->id, id),
		       (long long)pass->until_s);
	for (size_t i = 0; i < pass->recipient_count; i++) {
		struct mark mark;
		enum rc rc = mark_of(key, pass->id, pass->recipients[i], &mark, why);
		if (rc != RC_OK)
			return rc;
		(void)buf_addf(out, "%s%s", i ? "," : "", mark.text);
	}
	return buf_state(out) == RC_OK ? RC_OK : fault(why, buf_state(out), "a pass grew too long");
}

enum rc crypto_pass_format(const struct crypto_key *key, const struct crypto_pass *pass,
			   struct buf *out, struct fault *why)
{
	CLEANUP(buf_free) struct buf head = BUF_INIT(VALUE_MAX);
	uint8_t mac[CRYPTO_HASH_BYTES];
	char text[MAC_CHARS + 1];
	enum rc rc = head_of(key, pass, &head, why);

	if (rc == RC_OK)
		rc = seal_of(key, buf_slice(&head), pass->body_digest, mac, why);
	if (rc != RC_OK)
		return rc;

	/* A line end may stand after each comma and before the HMAC. */
	size_t line = 0;
	for (size_t i = 0; i < head.len; i++) {
		(void)buf_add_byte(out, head.at[i]);
		line++;
		if (head.at[i] == ',' && line > 58) {
			(void)buf_add_text(out, "\r\n ");
			line = 0;
		}
	}
	(void)buf_addf(out, "\r\n %s", hex_format(mac, sizeof mac, text));
	return buf_state(out) == RC_OK ? RC_OK
				       : fault(why, buf_state(out), "a header field grew too long");
}

/* The value with folds undone: runs of blanks between words are one space, none
 * stands at the ends or after a comma. */
static enum rc unfold(struct slice value, struct buf *out)
{
	bool blank = false;

	for (size_t i = 0; i < value.len; i++) {
		char c = value.at[i];
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			blank = true;
			continue;
		}
		if (blank && out->len && out->at[out->len - 1] != ',')
			(void)buf_add_byte(out, ' ');
		blank = false;
		(void)buf_add_byte(out, c);
	}
	return buf_state(out);
}

struct parts {
	struct slice head, use, marks, mac;
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	uint64_t until_s;
};

static bool take_apart(struct slice text, struct parts *out)
{
	struct slice rest = text, id, until;

	if (!slice_take_until(&rest, ' ', &out->use) || !slice_take_until(&rest, ' ', &id) ||
	    !slice_take_until(&rest, ' ', &until) || !slice_take_until(&rest, ' ', &out->marks))
		return false;
	out->mac = rest;
	out->head = (struct slice){ text.at, text.len - rest.len - 1 };
	return hex_parse(id, out->id, sizeof out->id) && slice_to_u64(until, &out->until_s) &&
	       out->mac.len == MAC_CHARS;
}

bool crypto_pass_is_formed(struct slice value)
{
	CLEANUP(buf_free) struct buf text = BUF_INIT(VALUE_MAX);
	struct parts p;

	return unfold(value, &text) == RC_OK && take_apart(buf_slice(&text), &p);
}

static bool has_mark(struct slice marks, const struct mark *mark)
{
	struct slice one;

	while (slice_take_until(&marks, ',', &one))
		if (slice_is(one, mark->text))
			return true;
	return slice_is(marks, mark->text);
}

static enum rc check_recipients(const struct crypto_key *key, const struct parts *p,
				const struct crypto_pass *expected, struct fault *why)
{
	for (size_t i = 0; i < expected->recipient_count; i++) {
		struct mark mark;
		enum rc rc = mark_of(key, p->id, expected->recipients[i], &mark, why);
		if (rc != RC_OK)
			return rc;
		if (!has_mark(p->marks, &mark))
			return fault(why, RC_INVALID, "the pass is not for <%.*s>",
				     SLICE_ARG(expected->recipients[i]));
	}
	return RC_OK;
}

enum rc crypto_pass_verify(const struct crypto_key *key, struct slice value,
			   const struct crypto_pass *expected, int64_t now_s,
			   uint8_t id[CRYPTO_PASS_ID_BYTES], struct fault *why)
{
	CLEANUP(buf_free) struct buf text = BUF_INIT(VALUE_MAX);
	uint8_t mac[CRYPTO_HASH_BYTES], given[CRYPTO_HASH_BYTES];
	struct parts p;

	if (unfold(value, &text) != RC_OK || !take_apart(buf_slice(&text), &p) ||
	    !hex_parse(p.mac, given, sizeof given))
		return fault(why, RC_INVALID, "that is no pass");
	enum rc rc = seal_of(key, p.head, expected->body_digest, mac, why);
	if (rc != RC_OK)
		return rc;
	if (!crypto_same(mac, given, sizeof mac))
		return fault(why, RC_INVALID, "the pass was not made here, or not for this body");
	if (!slice_is(p.use, expected->use))
		return fault(why, RC_INVALID, "the pass is for another use");
	if (now_s < 0 || p.until_s < (uint64_t)now_s)
		return fault(why, RC_INVALID, "the pass has ended");
	rc = check_recipients(key, &p, expected, why);
	if (rc == RC_OK)
		memcpy(id, p.id, sizeof p.id);
	return rc;
}
