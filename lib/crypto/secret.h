/* crypto/secret.h: bytes that must not linger and must not be compared in haste.
 *
 *     CLEANUP(crypto_key_wipe) struct crypto_key key;
 *
 * Threads  pure functions */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_KEY_BYTES = 32 }; /* AES-256, HMAC-SHA256, and Ed25519's seed */

struct crypto_key {
	uint8_t bytes[CRYPTO_KEY_BYTES];
};

/* Overwrites, and is never optimised away. */
void crypto_wipe(void *bytes, size_t len);
void crypto_key_wipe(struct crypto_key *key);

/* Whether both are the same, in a time that does not tell where they differ. */
bool crypto_same(const void *a, const void *b, size_t len);
