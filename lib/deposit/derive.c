#include "deposit/derive.h"

#include "base/cleanup.h"
#include "crypto/hash.h"
#include "crypto/pbkdf2.h"

#include <string.h>

enum { SECRET_MAX = CRYPTO_CODE_BYTES + 2 * CRYPTO_KEY_BYTES, INFO_MAX = 64 };

struct secret { /* what goes into HKDF */
	char bytes[SECRET_MAX];
	size_t len;
};

static void secret_add(struct secret *s, const void *bytes, size_t len)
{
	memcpy(s->bytes + s->len, bytes, len);
	s->len += len;
}

/* HKDF(secret, label || tail); wipes the secret. */
static enum rc derive(struct secret *secret, const char *label, struct slice tail,
		      struct crypto_key *out, struct fault *why)
{
	char info[INFO_MAX];
	size_t len = strlen(label);

	memcpy(info, label, len);
	memcpy(info + len, tail.at, tail.len);
	enum rc rc = crypto_hkdf((struct slice){ secret->bytes, secret->len },
				 (struct slice){ info, len + tail.len }, out, why);
	crypto_wipe(secret, sizeof *secret);
	return rc;
}

static enum rc derive_bound(struct secret *secret, const char *label, const uint8_t *id,
			    struct crypto_key *out, struct fault *why)
{
	uint8_t bound[DEPOSIT_BOUND_BYTES];

	deposit_bound(id, bound);
	return derive(secret, label, (struct slice){ (const char *)bound, sizeof bound }, out, why);
}

enum rc deposit_derive_auth1(const uint8_t id[STORE_ID_BYTES],
			     const uint8_t link[CRYPTO_CODE_BYTES], struct crypto_key *out,
			     struct fault *why)
{
	struct secret secret = { .len = 0 };

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	return derive_bound(&secret, "link", id, out, why);
}

enum rc deposit_derive_locator(const uint8_t link[CRYPTO_CODE_BYTES], struct crypto_key *out,
			       struct fault *why)
{
	const char version[] = { DEPOSIT_VERSION };
	struct secret secret = { .len = 0 };

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	return derive(&secret, "locate", (struct slice){ version, sizeof version }, out, why);
}

enum rc deposit_derive_stretch(const struct deposit_party *party, uint32_t rounds,
			       struct crypto_key *out, struct fault *why)
{
	struct buf salt = BUF_INIT(STORE_ID_BYTES + STORE_KEY_MAX);

	*out = (struct crypto_key){ 0 };
	if (party->stretched && rounds)
		*out = *party->stretched;
	if (party->stretched || rounds == 0)
		return RC_OK;
	(void)buf_add(&salt, party->id, STORE_ID_BYTES);
	enum rc rc = buf_add_slice(&salt, party->address);
	if (rc != RC_OK)
		rc = fault(why, rc, "no room for an address of %zu bytes", party->address.len);
	else
		crypto_pbkdf2(party->phrase, buf_slice(&salt), rounds, out);
	buf_free(&salt);
	return rc;
}

enum rc deposit_derive_auth2(const struct deposit_party *party,
			     const uint8_t link[CRYPTO_CODE_BYTES],
			     const struct crypto_key *stretched, struct crypto_key *out,
			     struct fault *why)
{
	struct secret secret = { .len = 0 };

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	secret_add(&secret, stretched->bytes, sizeof stretched->bytes);
	return derive_bound(&secret, party->phrase.len ? "pickup" : "pickup-none", party->id, out,
			    why);
}

enum rc deposit_derive_kek(const struct deposit_party *party, const struct deposit_halves *halves,
			   struct crypto_key *out, struct fault *why)
{
	struct secret secret = { .len = 0 };

	secret_add(&secret, halves->link, CRYPTO_CODE_BYTES);
	secret_add(&secret, halves->server->bytes, sizeof halves->server->bytes);
	secret_add(&secret, halves->stretched->bytes, sizeof halves->stretched->bytes);
	return derive_bound(&secret, party->phrase.len ? "kek" : "kek-none", party->id, out, why);
}

enum rc deposit_derive_dek(const struct deposit_party *party, const struct deposit_halves *halves,
			   const uint8_t wrapped_dek[CRYPTO_SEALED_KEY_BYTES],
			   struct crypto_key *dek, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key kek = { 0 };
	uint8_t bytes[DEPOSIT_BOUND_BYTES];
	const struct slice bound = { (const char *)bytes, sizeof bytes };
	enum rc rc = deposit_derive_kek(party, halves, &kek, why);

	deposit_bound(party->id, bytes);
	return rc == RC_OK ? crypto_key_unseal(&kek, bound, wrapped_dek, dek, why) : rc;
}
