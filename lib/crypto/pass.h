/* crypto/pass.h: how the milter knows mail that Postern itself has made.
 *
 *     Postern-Notice: notice 6f…(32 digits) 1795312345 0a1b2c3d4e5f6071,… 9c…(64 digits)
 *
 * The value of a Postern-Notice or Postern-Handback field: what the pass is for, an
 * id, when it ends (Unix time), one mark for each recipient, and an HMAC over all of
 * it and the body's digest. A pass that was copied from a delivered message is good
 * for nothing: it is taken off before a message leaves, ends soon, names its
 * recipients and its body, and each recipient's mark counts once (the caller keeps
 * the list). Marks stand one by one since a retry may be for some recipients only.
 *
 * Standard  ours; RFC 2104 (HMAC)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "crypto/hash.h"

enum {
	CRYPTO_PASS_ID_BYTES = 16,
	CRYPTO_PASS_RECIPIENTS_MAX = 50, /* a field of 1,000 bytes; more recipients: more copies */
	CRYPTO_PASS_MARK_BYTES = 8,
	CRYPTO_PASS_LIFE_S = 31 * 86400, /* longer than the outbox may try: 30 days */
};

struct crypto_pass {
	const char *use; /* "notice", "report", "reply", "strict", "held": a word of ours */
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	int64_t until_s;
	size_t recipient_count;                 /* 1..CRYPTO_PASS_RECIPIENTS_MAX */
	const struct slice *recipients;         /* addresses; their case counts */
	uint8_t body_digest[CRYPTO_HASH_BYTES]; /* SHA-256 of the message's body as sent */
};

/* Adds the value, folded with CRLF and a space so that no line passes 78
 * characters by much. key: crypto_keys' header. RC_LIMIT: too many recipients. */
enum rc crypto_pass_format(const struct crypto_key *key, const struct crypto_pass *pass,
			   struct buf *out, struct fault *why);

/* Whether value has the form of a pass, whoever has made it. */
bool crypto_pass_is_formed(struct slice value);

/* Whether value is a pass of ours for this use, body and all of these recipients.
 * Folds and blanks in value do not count. On RC_OK id is the pass's.
 *   RC_INVALID  forged, damaged, for something else, or ended; *why says which */
enum rc crypto_pass_verify(const struct crypto_key *key, struct slice value,
			   const struct crypto_pass *expected, int64_t now_s,
			   uint8_t id[CRYPTO_PASS_ID_BYTES], struct fault *why);
