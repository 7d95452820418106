#include "deposit/share.h"

#include "crypto/random.h"

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

/* PBKDF2 of the phrase, or zeros. */
static enum rc stretch(const struct deposit_party *party, uint32_t rounds, struct crypto_key *out,
		       struct fault *why)
{
	struct buf salt = BUF_INIT(STORE_ID_BYTES + STORE_KEY_MAX);

	*out = (struct crypto_key){ 0 };
	if (rounds == 0)
		return RC_OK;
	(void)buf_add(&salt, party->id, STORE_ID_BYTES);
	enum rc rc = buf_add_slice(&salt, party->address);
	if (rc != RC_OK)
		rc = fault(why, rc, "no room for an address of %zu bytes", party->address.len);
	else
		rc = crypto_pbkdf2(party->phrase, buf_slice(&salt), rounds, out, why);
	buf_free(&salt);
	return rc;
}

static enum rc verifier_of(const struct crypto_keys *keys, struct crypto_key *auth,
			   uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	const struct slice bytes = { (const char *)auth->bytes, sizeof auth->bytes };
	enum rc rc = crypto_hmac(&keys->verifier, bytes, out, why);

	crypto_key_wipe(auth);
	return rc;
}

static enum rc link_verifier(const struct deposit_party *party, const struct crypto_keys *keys,
			     const uint8_t *link, uint8_t *out, struct fault *why)
{
	struct secret secret = { .len = 0 };
	struct crypto_key auth1;

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	enum rc rc = derive_bound(&secret, "link", party->id, &auth1, why);
	return rc == RC_OK ? verifier_of(keys, &auth1, out, why) : rc;
}

static enum rc pickup_verifier(const struct deposit_party *party, const struct crypto_keys *keys,
			       const uint8_t *link, const struct crypto_key *stretched,
			       uint8_t *out, struct fault *why)
{
	struct secret secret = { .len = 0 };
	struct crypto_key auth2;

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	secret_add(&secret, stretched->bytes, sizeof stretched->bytes);
	enum rc rc = derive_bound(&secret, party->phrase.len ? "pickup" : "pickup-none", party->id,
				  &auth2, why);
	return rc == RC_OK ? verifier_of(keys, &auth2, out, why) : rc;
}

static enum rc derive_kek(const struct deposit_party *party, const uint8_t *link,
			  const struct crypto_key *server, const struct crypto_key *stretched,
			  struct crypto_key *kek, struct fault *why)
{
	struct secret secret = { .len = 0 };

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	secret_add(&secret, server->bytes, sizeof server->bytes);
	secret_add(&secret, stretched->bytes, sizeof stretched->bytes);
	return derive_bound(&secret, party->phrase.len ? "kek" : "kek-none", party->id, kek, why);
}

struct half_keys { /* all wiped together */
	struct crypto_key stretched, server, kek;
	struct crypto_epoch epoch;
};

static enum rc make(const struct deposit_party *party, const struct crypto_keys *keys,
		    const struct crypto_key *dek, const uint8_t *link, struct half_keys *half,
		    struct deposit_recipient_record *out, struct fault *why)
{
	uint8_t bytes[DEPOSIT_BOUND_BYTES];
	const struct slice bound = { (const char *)bytes, sizeof bytes };
	enum rc rc = stretch(party, out->rounds, &half->stretched, why);

	deposit_bound(party->id, bytes);
	crypto_keys_current(keys, &half->epoch);
	out->epoch = half->epoch.number;
	if (rc == RC_OK)
		rc = crypto_key_make(&half->server, why);
	if (rc == RC_OK)
		rc = derive_kek(party, link, &half->server, &half->stretched, &half->kek, why);
	if (rc == RC_OK)
		rc = crypto_key_seal(&half->kek, bound, dek, out->wrapped_dek, why);
	if (rc == RC_OK)
		rc = crypto_key_seal(&half->epoch.key, bound, &half->server, out->wrapped_server,
				     why);
	if (rc == RC_OK)
		rc = link_verifier(party, keys, link, out->link_verifier, why);
	if (rc == RC_OK)
		rc = pickup_verifier(party, keys, link, &half->stretched, out->pickup_verifier,
				     why);
	return rc;
}

enum rc deposit_share_make(const struct deposit_party *party, enum rules_factor factor,
			   const struct crypto_keys *keys, const struct crypto_key *dek,
			   uint8_t link[CRYPTO_CODE_BYTES], struct deposit_recipient_record *out,
			   struct fault *why)
{
	struct deposit_recipient_record made = {
		.factor = factor,
		.rounds = party->phrase.len ? CRYPTO_PBKDF2_ROUNDS_MIN : 0,
	};
	struct half_keys half;
	enum rc rc = crypto_random(link, CRYPTO_CODE_BYTES, why);

	if (rc == RC_OK)
		rc = make(party, keys, dek, link, &half, &made, why);
	crypto_wipe(&half, sizeof half);
	if (rc == RC_OK)
		*out = made;
	return rc;
}

bool deposit_share_links(const struct deposit_party *party, const struct crypto_keys *keys,
			 const uint8_t link[CRYPTO_CODE_BYTES],
			 const struct deposit_recipient_record *record)
{
	uint8_t verifier[CRYPTO_HASH_BYTES];

	return link_verifier(party, keys, link, verifier, NULL) == RC_OK &&
	       crypto_same(verifier, record->link_verifier, sizeof verifier);
}

static enum rc open_dek(const struct deposit_party *party, const struct crypto_keys *keys,
			const uint8_t *link, const struct deposit_recipient_record *record,
			struct half_keys *half, struct crypto_key *dek, struct fault *why)
{
	uint8_t verifier[CRYPTO_HASH_BYTES], bytes[DEPOSIT_BOUND_BYTES];
	const struct slice bound = { (const char *)bytes, sizeof bytes };

	deposit_bound(party->id, bytes);
	if (!crypto_keys_epoch(keys, record->epoch, &half->epoch.key))
		return fault(why, RC_ABSENT, "the key of epoch %u is destroyed",
			     (unsigned)record->epoch);
	enum rc rc = stretch(party, record->rounds, &half->stretched, why);
	if (rc == RC_OK)
		rc = pickup_verifier(party, keys, link, &half->stretched, verifier, why);
	if (rc == RC_OK && !crypto_same(verifier, record->pickup_verifier, sizeof verifier))
		return fault(why, RC_INVALID, "phrase is wrong");
	if (rc == RC_OK)
		rc = crypto_key_unseal(&half->epoch.key, bound, record->wrapped_server,
				       &half->server, why);
	if (rc == RC_OK)
		rc = derive_kek(party, link, &half->server, &half->stretched, &half->kek, why);
	return rc == RC_OK ? crypto_key_unseal(&half->kek, bound, record->wrapped_dek, dek, why)
			   : rc;
}

enum rc deposit_share_open(const struct deposit_party *party, const struct crypto_keys *keys,
			   const uint8_t link[CRYPTO_CODE_BYTES],
			   const struct deposit_recipient_record *record, struct crypto_key *dek,
			   struct fault *why)
{
	struct half_keys half;

	if (!deposit_share_links(party, keys, link, record))
		return fault(why, RC_INVALID, "code is wrong");
	if ((record->rounds > 0) != (party->phrase.len > 0))
		return fault(why, RC_INVALID,
			     record->rounds ? "a phrase is needed"
					    : "no phrase belongs to this deposit");
	enum rc rc = open_dek(party, keys, link, record, &half, dek, why);
	crypto_wipe(&half, sizeof half);
	return rc;
}

enum rc deposit_share_locate(const struct crypto_keys *keys, const uint8_t link[CRYPTO_CODE_BYTES],
			     uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	const char version[] = { DEPOSIT_VERSION };
	struct secret secret = { .len = 0 };
	struct crypto_key locator;

	secret_add(&secret, link, CRYPTO_CODE_BYTES);
	enum rc rc =
		derive(&secret, "locate", (struct slice){ version, sizeof version }, &locator, why);
	return rc == RC_OK ? verifier_of(keys, &locator, out, why) : rc;
}
