/* crypto/pbkdf2.h: a phrase that people can say, made costly to guess.
 *
 *     crypto_pbkdf2(phrase, salt, CRYPTO_PBKDF2_ROUNDS_MIN, &key);
 *
 * The rounds are here on top of OpenSSL's SHA-256, not OpenSSL's own: that one (3.0)
 * allocates and frees in every round, and takes almost three times as long. Whoever
 * guesses does without that, so we did not gain by it.
 *
 * Standard  RFC 8018 §5.2, with HMAC-SHA256 (RFC 2104)
 * Threads   pure */
#pragma once

#include "base/slice.h"
#include "crypto/secret.h"

enum {
	CRYPTO_PBKDF2_ROUNDS_MIN = 600000, /* for phrases; OWASP 2023, and what browsers bear */
};

/* rounds is at least 1; who stretches a phrase uses CRYPTO_PBKDF2_ROUNDS_MIN or more. */
void crypto_pbkdf2(struct slice phrase, struct slice salt, uint32_t rounds, struct crypto_key *out);
