#include "crypto/secret.h"

#include <openssl/crypto.h>

void crypto_wipe(void *bytes, size_t len)
{
	OPENSSL_cleanse(bytes, len);
}

void crypto_key_wipe(struct crypto_key *key)
{
	OPENSSL_cleanse(key, sizeof *key);
}

bool crypto_same(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
