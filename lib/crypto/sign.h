/* crypto/sign.h: the site's signature, by which a proof can be checked offline.
 *
 * Standard  RFC 8032, Ed25519
 * Threads   any */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "crypto/secret.h"

enum { CRYPTO_PUBLIC_BYTES = 32, CRYPTO_SIGNATURE_BYTES = 64 };

/* The private key is any 32 random bytes: crypto_key_make(). RC_RETRY: OpenSSL failed. */
enum rc crypto_sign_public(const struct crypto_key *key, uint8_t out[CRYPTO_PUBLIC_BYTES],
			   struct fault *why);
enum rc crypto_sign(const struct crypto_key *key, struct slice bytes,
		    uint8_t out[CRYPTO_SIGNATURE_BYTES], struct fault *why);
/* RC_INVALID: not this key's signature of these bytes. */
enum rc crypto_sign_verify(const uint8_t pub[CRYPTO_PUBLIC_BYTES], struct slice bytes,
			   const uint8_t signature[CRYPTO_SIGNATURE_BYTES], struct fault *why);
