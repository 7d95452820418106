/* crypto/random.h: bytes that nobody can guess.
 *
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "crypto/secret.h"

/* RC_RETRY: the system has no randomness to give; out is not to be used. */
enum rc crypto_random(void *out, size_t len, struct fault *why);
enum rc crypto_key_make(struct crypto_key *out, struct fault *why);
