/* deposit/seal.h: a message as a sealed blob, and back.
 *
 *     payload  32 bytes of salt | length of the original (8 bytes) | original | zeros
 *     blob     the payload as a stream of records under dek (crypto/stream.h), each bound to
 *              deposit id || version
 *     digest   SHA-256(salt || original): told in the notice; the salt keeps a reader of
 *              the notice from confirming guesses of a short text
 *     commitment  HKDF(dek, "commitment" || id || version): GCM does not commit to its key, so
 *              who opens compares it before he believes what comes out
 *
 * The zeros fill the payload up to a bucket, so that its length says little: at least
 * 16 KiB, else the next multiple of an eighth of the power of two below it.
 *
 * Memory   one record, whatever the message's size
 * Threads  any */
#pragma once

#include "crypto/stream.h"
#include "deposit/record.h"
#include "deposit/source.h"

enum {
	DEPOSIT_SALT_BYTES = 32,
	DEPOSIT_PAYLOAD_HEAD = DEPOSIT_SALT_BYTES + 8,
	DEPOSIT_BUCKET_MIN = 16 * 1024,
};

/* The payload's length for len bytes of salt, length and original. */
uint64_t deposit_bucket(uint64_t len);

enum rc deposit_commit(const struct crypto_key *dek, const uint8_t id[STORE_ID_BYTES],
		       uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);

/* Gives the blob to emit, in pieces, and fills *record.
 *   RC_LIMIT  more than a blob may hold     RC_RETRY  source or emit failed */
enum rc deposit_seal(const struct deposit_source *source, const struct crypto_key *dek,
		     const uint8_t id[STORE_ID_BYTES], crypto_emit_fn *emit, void *arg,
		     struct deposit_record *record, struct fault *why);

/* Opens a blob that is pushed in pieces: start, add …, end. What emit is given must be
 * held back until end has said RC_OK: only then has the digest been compared.
 *   RC_INVALID  dek is another, or a record is changed, missing or out of place, or the
 *               digest is another */
struct deposit_unseal;
enum rc deposit_unseal_start(const struct deposit_record *record, const struct crypto_key *dek,
			     const uint8_t id[STORE_ID_BYTES], crypto_emit_fn *emit, void *arg,
			     struct deposit_unseal **out, struct fault *why);
enum rc deposit_unseal_add(struct deposit_unseal *unseal, struct slice blob, struct fault *why);
enum rc deposit_unseal_end(struct deposit_unseal *unseal, struct fault *why);
/* The salt, DEPOSIT_SALT_BYTES, for a proof; once the end has said RC_OK. */
const uint8_t *deposit_unseal_salt(const struct deposit_unseal *unseal);
/* The original's length; 0 before its first byte was emitted. */
uint64_t deposit_unseal_size(const struct deposit_unseal *unseal);
void deposit_unseal_free(struct deposit_unseal **unseal); /* for CLEANUP(); NULL is fine */
