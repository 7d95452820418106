/* crypto/aead.h: small things sealed: a key under another, an outbox payload.
 *
 *     nonce (12 random bytes) | ciphertext | tag (16)
 *
 * AES-256-GCM does not commit to its key: where somebody else chooses what is
 * opened, compare a commitment beside it.
 *
 * Standard  NIST SP 800-38D; random nonces, so at most 2^32 seals under one key
 * Threads   any */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "crypto/secret.h"

enum {
	CRYPTO_NONCE_BYTES = 12,
	CRYPTO_TAG_BYTES = 16,
	CRYPTO_SEAL_BYTES = CRYPTO_NONCE_BYTES + CRYPTO_TAG_BYTES, /* longer by */
	CRYPTO_SEALED_KEY_BYTES = CRYPTO_KEY_BYTES + CRYPTO_SEAL_BYTES,
	CRYPTO_AEAD_MAX = 1 << 30, /* bytes in one piece; OpenSSL counts in int */
};

/* Adds plain, sealed under key and bound to bound, to out.
 *   RC_LIMIT  too long, or out may not grow so far     RC_RETRY  no randomness */
enum rc crypto_seal(const struct crypto_key *key, struct slice bound, struct slice plain,
		    struct buf *out, struct fault *why);

/* Adds what was sealed to out.
 *   RC_INVALID  not sealed under this key, or changed, or bound to something else;
 *               out is as it was */
enum rc crypto_unseal(const struct crypto_key *key, struct slice bound, struct slice sealed,
		      struct buf *out, struct fault *why);

/* The same for a key. */
enum rc crypto_key_seal(const struct crypto_key *key, struct slice bound,
			const struct crypto_key *plain, uint8_t out[CRYPTO_SEALED_KEY_BYTES],
			struct fault *why);
enum rc crypto_key_unseal(const struct crypto_key *key, struct slice bound,
			  const uint8_t sealed[CRYPTO_SEALED_KEY_BYTES], struct crypto_key *out,
			  struct fault *why);

/* With a nonce of the caller's, who never uses it twice: for crypto/stream.h. out
 * holds plain.len + CRYPTO_TAG_BYTES, or sealed.len - CRYPTO_TAG_BYTES. */
enum rc crypto_gcm_seal(const struct crypto_key *key, const uint8_t nonce[CRYPTO_NONCE_BYTES],
			struct slice bound, struct slice plain, char *out, struct fault *why);
enum rc crypto_gcm_open(const struct crypto_key *key, const uint8_t nonce[CRYPTO_NONCE_BYTES],
			struct slice bound, struct slice sealed, char *out, struct fault *why);
