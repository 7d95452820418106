#include "deposit/share.h"

#include "crypto/pbkdf2.h"
#include "crypto/random.h"

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
	struct crypto_key auth1;
	enum rc rc = deposit_derive_auth1(party->id, link, &auth1, why);

	return rc == RC_OK ? verifier_of(keys, &auth1, out, why) : rc;
}

static enum rc pickup_verifier(const struct deposit_party *party, const struct crypto_keys *keys,
			       const uint8_t *link, const struct crypto_key *stretched,
			       uint8_t *out, struct fault *why)
{
	struct crypto_key auth2;
	enum rc rc = deposit_derive_auth2(party, link, stretched, &auth2, why);

	return rc == RC_OK ? verifier_of(keys, &auth2, out, why) : rc;
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
	const struct deposit_halves halves = { link, &half->server, &half->stretched };
	enum rc rc = deposit_derive_stretch(party, out->rounds, &half->stretched, why);

	deposit_bound(party->id, bytes);
	crypto_keys_current(keys, &half->epoch);
	out->epoch = half->epoch.number;
	if (rc == RC_OK)
		rc = crypto_key_make(&half->server, why);
	if (rc == RC_OK)
		rc = deposit_derive_kek(party, &halves, &half->kek, why);
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
	const struct deposit_halves halves = { link, &half->server, &half->stretched };
	enum rc rc = deposit_derive_stretch(party, record->rounds, &half->stretched, why);
	if (rc == RC_OK)
		rc = pickup_verifier(party, keys, link, &half->stretched, verifier, why);
	if (rc == RC_OK && !crypto_same(verifier, record->pickup_verifier, sizeof verifier))
		return fault(why, RC_INVALID, "phrase is wrong");
	if (rc == RC_OK)
		rc = crypto_key_unseal(&half->epoch.key, bound, record->wrapped_server,
				       &half->server, why);
	return rc == RC_OK ? deposit_derive_dek(party, &halves, record->wrapped_dek, dek, why) : rc;
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
	struct crypto_key locator;
	enum rc rc = deposit_derive_locator(link, &locator, why);

	return rc == RC_OK ? verifier_of(keys, &locator, out, why) : rc;
}
