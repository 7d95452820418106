#include "crypto/sign.h"

#include "base/cleanup.h"
#include "crypto/engine.h"

static void pkey_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void ctx_free(EVP_MD_CTX **ctx)
{
	EVP_MD_CTX_free(*ctx);
}

static const unsigned char *octets(struct slice s)
{
	return (const unsigned char *)(s.len ? s.at : "");
}

static EVP_PKEY *private_key(const struct crypto_key *key)
{
	return EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, key->bytes,
					       sizeof key->bytes);
}

enum rc crypto_sign_public(const struct crypto_key *key, uint8_t out[CRYPTO_PUBLIC_BYTES],
			   struct fault *why)
{
	CLEANUP(pkey_free) EVP_PKEY *pkey = private_key(key);
	size_t len = CRYPTO_PUBLIC_BYTES;

	if (!pkey || EVP_PKEY_get_raw_public_key(pkey, out, &len) != 1)
		return crypto_fault(why, RC_RETRY, "derive the public key");
	return RC_OK;
}

enum rc crypto_sign(const struct crypto_key *key, struct slice bytes,
		    uint8_t out[CRYPTO_SIGNATURE_BYTES], struct fault *why)
{
	CLEANUP(pkey_free) EVP_PKEY *pkey = private_key(key);
	CLEANUP(ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t len = CRYPTO_SIGNATURE_BYTES;

	if (!pkey || !ctx || EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) != 1 ||
	    EVP_DigestSign(ctx, out, &len, octets(bytes), bytes.len) != 1)
		return crypto_fault(why, RC_RETRY, "sign");
	return RC_OK;
}

enum rc crypto_sign_verify(const uint8_t pub[CRYPTO_PUBLIC_BYTES], struct slice bytes,
			   const uint8_t signature[CRYPTO_SIGNATURE_BYTES], struct fault *why)
{
	CLEANUP(pkey_free)
	EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, pub, CRYPTO_PUBLIC_BYTES);
	CLEANUP(ctx_free) EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!pkey || !ctx || EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) != 1)
		return crypto_fault(why, RC_INVALID, "read the public key");
	if (EVP_DigestVerify(ctx, signature, CRYPTO_SIGNATURE_BYTES, octets(bytes), bytes.len) != 1)
		return crypto_fault(why, RC_INVALID, "verify the signature");
	return RC_OK;
}
