/* crypto/engine.h: OpenSSL's algorithms, fetched once (a fetch for each message
 * costs more than the hash). For this folder only.
 *
 * Memory   never freed: OpenSSL's own exit handler comes after ours would
 * Threads  any */
#pragma once

#include "base/fault.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdbool.h>

struct crypto_engine {
	EVP_MD *sha256;
	EVP_CIPHER *aes256gcm;
	EVP_MAC *hmac;
	EVP_KDF *hkdf;
};

/* NULL when OpenSSL lacks one of them (a broken or cut-down installation). */
const struct crypto_engine *crypto_engine(void);

/* A failure of OpenSSL's own, with its words; takes them off its queue. */
enum rc crypto_fault(struct fault *why, enum rc rc, const char *doing);
