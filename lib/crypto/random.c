#include "crypto/random.h"

#include <limits.h>
#include <openssl/rand.h>

enum rc crypto_random(void *out, size_t len, struct fault *why)
{
	if (len > INT_MAX || RAND_priv_bytes(out, (int)len) != 1)
		return fault(why, RC_RETRY, "no random bytes to be had");
	return RC_OK;
}

enum rc crypto_key_make(struct crypto_key *out, struct fault *why)
{
	return crypto_random(out->bytes, sizeof out->bytes, why);
}
