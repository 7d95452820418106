#include "crypto/aead.h"

#include "base/cleanup.h"
#include "crypto/engine.h"
#include "crypto/random.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

static void ctx_free(EVP_CIPHER_CTX **ctx)
{
	EVP_CIPHER_CTX_free(*ctx); /* wipes the key */
}

static const unsigned char *octets(struct slice s)
{
	return (const unsigned char *)(s.len ? s.at : "");
}

enum rc crypto_gcm_seal(const struct crypto_key *key, const uint8_t nonce[CRYPTO_NONCE_BYTES],
			struct slice bound, struct slice plain, char *out, struct fault *why)
{
	const struct crypto_engine *engine = crypto_engine();
	CLEANUP(ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *at = (unsigned char *)out;
	int len;

	if (plain.len > CRYPTO_AEAD_MAX)
		return fault(why, RC_LIMIT, "%zu bytes are too many to seal in one piece",
			     plain.len);
	if (!engine || !ctx ||
	    EVP_EncryptInit_ex2(ctx, engine->aes256gcm, key->bytes, nonce, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, NULL, &len, octets(bound), (int)bound.len) != 1 ||
	    EVP_EncryptUpdate(ctx, at, &len, octets(plain), (int)plain.len) != 1 ||
	    EVP_EncryptFinal_ex(ctx, at + plain.len, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_BYTES, at + plain.len) != 1)
		return crypto_fault(why, RC_RETRY, "seal");
	return RC_OK;
}

enum rc crypto_gcm_open(const struct crypto_key *key, const uint8_t nonce[CRYPTO_NONCE_BYTES],
			struct slice bound, struct slice sealed, char *out, struct fault *why)
{
	const struct crypto_engine *engine = crypto_engine();
	CLEANUP(ctx_free) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *at = (unsigned char *)out, tag[CRYPTO_TAG_BYTES];
	int len;

	if (sealed.len < sizeof tag)
		return fault(why, RC_INVALID, "sealed bytes are cut short");
	if (sealed.len > CRYPTO_AEAD_MAX)
		return fault(why, RC_LIMIT, "%zu sealed bytes are too many", sealed.len);
	sealed.len -= sizeof tag;
	memcpy(tag, sealed.at + sealed.len, sizeof tag);
	if (!engine || !ctx ||
	    EVP_DecryptInit_ex2(ctx, engine->aes256gcm, key->bytes, nonce, NULL) != 1 ||
	    EVP_DecryptUpdate(ctx, NULL, &len, octets(bound), (int)bound.len) != 1 ||
	    EVP_DecryptUpdate(ctx, at, &len, octets(sealed), (int)sealed.len) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
		return crypto_fault(why, RC_RETRY, "open what is sealed");
	if (EVP_DecryptFinal_ex(ctx, at + sealed.len, &len) != 1) {
		crypto_wipe(out, sealed.len); /* unproven bytes are nobody's to see */
		return fault(why, RC_INVALID,
			     "the seal is broken: another key, or the bytes were changed");
	}
	return RC_OK;
}

enum rc crypto_seal(const struct crypto_key *key, struct slice bound, struct slice plain,
		    struct buf *out, struct fault *why)
{
	uint8_t nonce[CRYPTO_NONCE_BYTES];
	char *space;
	enum rc rc = crypto_random(nonce, sizeof nonce, why);

	if (rc != RC_OK)
		return rc;
	rc = buf_reserve(out, plain.len + CRYPTO_SEAL_BYTES, &space);
	if (rc != RC_OK)
		return fault(why, rc, "no room to seal %zu bytes", plain.len);
	memcpy(space, nonce, sizeof nonce);
	rc = crypto_gcm_seal(key, nonce, bound, plain, space + sizeof nonce, why);
	if (rc == RC_OK)
		buf_added(out, plain.len + CRYPTO_SEAL_BYTES);
	return rc;
}

enum rc crypto_unseal(const struct crypto_key *key, struct slice bound, struct slice sealed,
		      struct buf *out, struct fault *why)
{
	uint8_t nonce[CRYPTO_NONCE_BYTES];
	char *space;

	if (sealed.len < CRYPTO_SEAL_BYTES)
		return fault(why, RC_INVALID, "sealed bytes are cut short");
	memcpy(nonce, sealed.at, sizeof nonce);
	sealed = (struct slice){ sealed.at + sizeof nonce, sealed.len - sizeof nonce };

	size_t len = sealed.len - CRYPTO_TAG_BYTES;
	enum rc rc = buf_reserve(out, len, &space);
	if (rc != RC_OK)
		return fault(why, rc, "no room to open %zu sealed bytes", len);
	rc = crypto_gcm_open(key, nonce, bound, sealed, space, why);
	if (rc == RC_OK)
		buf_added(out, len);
	return rc;
}

enum rc crypto_key_seal(const struct crypto_key *key, struct slice bound,
			const struct crypto_key *plain, uint8_t out[CRYPTO_SEALED_KEY_BYTES],
			struct fault *why)
{
	const struct slice bytes = { (const char *)plain->bytes, sizeof plain->bytes };
	enum rc rc = crypto_random(out, CRYPTO_NONCE_BYTES, why);

	if (rc != RC_OK)
		return rc;
	return crypto_gcm_seal(key, out, bound, bytes, (char *)out + CRYPTO_NONCE_BYTES, why);
}

enum rc crypto_key_unseal(const struct crypto_key *key, struct slice bound,
			  const uint8_t sealed[CRYPTO_SEALED_KEY_BYTES], struct crypto_key *out,
			  struct fault *why)
{
	const struct slice bytes = { (const char *)sealed + CRYPTO_NONCE_BYTES,
				     CRYPTO_SEALED_KEY_BYTES - CRYPTO_NONCE_BYTES };
	struct crypto_key opened;
	enum rc rc = crypto_gcm_open(key, sealed, bound, bytes, (char *)opened.bytes, why);

	if (rc == RC_OK)
		*out = opened;
	crypto_key_wipe(&opened);
	return rc;
}
