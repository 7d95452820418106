/* crypto/hash.h: SHA-256, and what is built from it: HMAC, HKDF.
 *
 *     struct crypto_hash *h = crypto_hash_new(why);
 *     crypto_hash_add(h, slice); …
 *     rc = crypto_hash_end(&h, digest, why);
 *
 * Standard  FIPS 180-4, RFC 2104, RFC 5869
 * Threads   any; one running hash is one thread's at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "crypto/secret.h"

enum {
	CRYPTO_HASH_BYTES = 32,
};

/* All that return rc: RC_RETRY when OpenSSL fails (it does not in practice),
 * RC_NOMEM. */
enum rc crypto_sha256(struct slice bytes, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);
enum rc crypto_hmac(const struct crypto_key *key, struct slice bytes,
		    uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);

/* In pieces: SHA-256, or HMAC where a key is given. A failure within _add is
 * kept and comes out of _end. */
struct crypto_hash;
enum rc crypto_hash_new(const struct crypto_key *hmac_key, struct crypto_hash **out,
			struct fault *why);
void crypto_hash_add(struct crypto_hash *h, struct slice bytes);
/* Adds len as eight bytes, the highest first, and then the bytes: what is hashed so in
 * a row can be read in one way only. */
void crypto_hash_add_field(struct crypto_hash *h, struct slice bytes);
/* Ends *h and sets it to NULL, whatever the result. */
enum rc crypto_hash_end(struct crypto_hash **h, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);
void crypto_hash_free(struct crypto_hash **h); /* for CLEANUP(); NULL is fine */

/* HKDF-SHA256 without salt: extract and expand to 32 bytes. */
enum rc crypto_hkdf(struct slice secret, struct slice info, struct crypto_key *out,
		    struct fault *why);
