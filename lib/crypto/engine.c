#include "crypto/engine.h"

#include <openssl/err.h>
#include <pthread.h>

static struct crypto_engine engine;
static bool whole;

static void fetch(void)
{
	engine.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	engine.aes256gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	engine.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	engine.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	whole = engine.sha256 && engine.aes256gcm && engine.hmac && engine.hkdf;
}

const struct crypto_engine *crypto_engine(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch);
	return whole ? &engine : NULL;
}

enum rc crypto_fault(struct fault *why, enum rc rc, const char *doing)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return fault(why, rc, "cannot %s: %s", doing, reason ? reason : "OpenSSL does not say why");
}
