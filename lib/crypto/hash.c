#include "crypto/hash.h"

#include "base/cleanup.h"
#include "crypto/engine.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

struct crypto_hash { /* one of the two is set */
	EVP_MD_CTX *md;
	EVP_MAC_CTX *mac;
	bool failed;
};

static enum rc start(const struct crypto_key *key, struct crypto_hash *h)
{
	const struct crypto_engine *engine = crypto_engine();
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		OSSL_PARAM_construct_end(),
	};

	if (!engine)
		return RC_RETRY;
	if (!key) {
		h->md = EVP_MD_CTX_new();
		return h->md && EVP_DigestInit_ex2(h->md, engine->sha256, NULL) == 1 ? RC_OK
										     : RC_RETRY;
	}
	h->mac = EVP_MAC_CTX_new(engine->hmac);
	return h->mac && EVP_MAC_init(h->mac, key->bytes, sizeof key->bytes, params) == 1
		       ? RC_OK
		       : RC_RETRY;
}

void crypto_hash_free(struct crypto_hash **h)
{
	if (!*h)
		return;
	EVP_MD_CTX_free((*h)->md);
	EVP_MAC_CTX_free((*h)->mac);
	free(TAKE(*h));
}

enum rc crypto_hash_new(const struct crypto_key *hmac_key, struct crypto_hash **out,
			struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = calloc(1, sizeof *h);

	if (!h)
		return fault(why, RC_NOMEM, "out of memory");
	if (start(hmac_key, h) != RC_OK)
		return crypto_fault(why, RC_RETRY, "hash");
	*out = TAKE(h);
	return RC_OK;
}

void crypto_hash_add(struct crypto_hash *h, struct slice bytes)
{
	int ok = 1;

	if (bytes.len == 0)
		return;
	if (h->md)
		ok = EVP_DigestUpdate(h->md, bytes.at, bytes.len);
	else
		ok = EVP_MAC_update(h->mac, (const unsigned char *)bytes.at, bytes.len);
	h->failed |= ok != 1;
}

void crypto_hash_add_field(struct crypto_hash *h, struct slice bytes)
{
	char len[8];

	for (unsigned i = 0; i < sizeof len; i++)
		len[i] = (char)((uint64_t)bytes.len >> (56 - 8 * i));
	crypto_hash_add(h, (struct slice){ len, sizeof len });
	crypto_hash_add(h, bytes);
}

enum rc crypto_hash_end(struct crypto_hash **hp, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = TAKE(*hp);
	uint8_t digest[CRYPTO_HASH_BYTES];
	size_t len = sizeof digest;
	unsigned md_len = sizeof digest;
	int ok;

	if (h->md) {
		ok = EVP_DigestFinal_ex(h->md, digest, &md_len);
		len = md_len;
	} else {
		ok = EVP_MAC_final(h->mac, digest, &len, sizeof digest);
	}
	if (h->failed || ok != 1 || len != sizeof digest)
		return crypto_fault(why, RC_RETRY, "hash");
	for (size_t i = 0; i < sizeof digest; i++)
		out[i] = digest[i];
	return RC_OK;
}

static enum rc hash_whole(const struct crypto_key *key, struct slice bytes, uint8_t *out,
			  struct fault *why)
{
	struct crypto_hash *h = NULL;
	enum rc rc = crypto_hash_new(key, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add(h, bytes);
	return crypto_hash_end(&h, out, why);
}

enum rc crypto_sha256(struct slice bytes, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	return hash_whole(NULL, bytes, out, why);
}

enum rc crypto_hmac(const struct crypto_key *key, struct slice bytes,
		    uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	return hash_whole(key, bytes, out, why);
}

/* OpenSSL's parameter lists take pointers without const, and only read. */
static OSSL_PARAM octets(const char *name, struct slice s)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)(s.len ? s.at : ""),
						 s.len);
}

enum rc crypto_hkdf(struct slice secret, struct slice info, struct crypto_key *out,
		    struct fault *why)
{
	const struct crypto_engine *engine = crypto_engine();
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		octets(OSSL_KDF_PARAM_KEY, secret),
		octets(OSSL_KDF_PARAM_INFO, info),
		OSSL_PARAM_construct_end(),
	};

	EVP_KDF_CTX *ctx = engine ? EVP_KDF_CTX_new(engine->hkdf) : NULL;
	int ok = ctx ? EVP_KDF_derive(ctx, out->bytes, sizeof out->bytes, params) : 0;

	EVP_KDF_CTX_free(ctx);
	return ok == 1 ? RC_OK : crypto_fault(why, RC_RETRY, "derive a key");
}
