/* crypto/stream.h: long things sealed in records, so that neither end holds them
 * whole.
 *
 *     "PSB1" | 8 bytes: prefix (7 random bytes), 0 | record | record | … | last record
 *     record = AES-256-GCM of 65,536 bytes (the last: 0 to 65,536) | tag (16)
 *     nonce  = prefix (7) | record number from 0 (4, highest byte first) | last (1: 0 or 1)
 *
 * The nonce makes each record good in its place only, and the last one only as
 * the last: nothing can be cut off, added, swapped or repeated. The key serves one
 * stream only. As with all GCM the key is not committed to (crypto/aead.h).
 *
 * Standard  the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015)
 * Memory    one record
 * Threads   one user at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "crypto/aead.h"

enum {
	CRYPTO_STREAM_HEAD = 12,
	CRYPTO_STREAM_RECORD = 64 * 1024,
	CRYPTO_STREAM_SEALED = CRYPTO_STREAM_RECORD + CRYPTO_TAG_BYTES,
};

/* Takes what comes out. A failure of its own ends the stream and is handed back. */
typedef enum rc crypto_emit_fn(void *arg, struct slice bytes, struct fault *why);

struct crypto_stream;

/* bound (id and version, say) must be the same when it is opened; at most 64 bytes. */
enum rc crypto_stream_seal(const struct crypto_key *key, struct slice bound, crypto_emit_fn *emit,
			   void *arg, struct crypto_stream **out, struct fault *why);
enum rc crypto_stream_open(const struct crypto_key *key, struct slice bound, crypto_emit_fn *emit,
			   void *arg, struct crypto_stream **out, struct fault *why);

/* What came first goes first; emit gets each record as it is complete. After a failure
 * only _free is left. Opening: RC_INVALID says that a record is not genuine; what was
 * emitted before is genuine but incomplete: to be thrown away. */
enum rc crypto_stream_add(struct crypto_stream *stream, struct slice bytes, struct fault *why);
/* The last record. RC_INVALID: the stream was cut. The stream is still to be freed. */
enum rc crypto_stream_end(struct crypto_stream *stream, struct fault *why);
void crypto_stream_free(struct crypto_stream **stream); /* for CLEANUP(); wipes; NULL is fine */
