#include "deposit/link.h"

#include "base/cleanup.h"
#include "base/hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERS = 1000000 };

/* HMAC(K, label || id || version) */
static enum rc derive(const struct crypto_keys *keys, const char *label, const uint8_t *id,
		      uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key;
	struct buf info = BUF_INIT(100);
	uint8_t bound[DEPOSIT_BOUND_BYTES];

	(void)buf_add_text(&info, "handle");
	(void)buf_add_byte(&info, DEPOSIT_VERSION);
	enum rc rc = crypto_hkdf(
		(struct slice){ (const char *)keys->verifier.bytes, sizeof keys->verifier.bytes },
		buf_slice(&info), &key, why);
	deposit_bound(id, bound);
	buf_clear(&info);
	(void)buf_add_text(&info, label);
	(void)buf_add(&info, bound, sizeof bound);
	if (rc == RC_OK && buf_state(&info) != RC_OK)
		rc = fault(why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = crypto_hmac(&key, buf_slice(&info), out, why);
	buf_free(&info);
	return rc;
}

enum rc deposit_link_tag(const struct crypto_keys *keys, const uint8_t id[STORE_ID_BYTES],
			 uint8_t out[DEPOSIT_LINK_TAG_BYTES], struct fault *why)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	enum rc rc = derive(keys, "tag", id, hash, why);

	if (rc == RC_OK)
		memcpy(out, hash, DEPOSIT_LINK_TAG_BYTES);
	return rc;
}

enum rc deposit_link_number(const struct crypto_keys *keys, const uint8_t id[STORE_ID_BYTES],
			    char out[DEPOSIT_NUMBER_TEXT], struct fault *why)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	uint64_t number = 0;
	enum rc rc = derive(keys, "number", id, hash, why);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < sizeof number; i++) /* of 2^64: all as likely, to a hair */
		number = number << 8 | hash[i];
	snprintf(out, DEPOSIT_NUMBER_TEXT, "%0*" PRIu64, DEPOSIT_NUMBER_DIGITS, number % NUMBERS);
	return RC_OK;
}

enum rc deposit_link_add(const struct deposit_site *site, const uint8_t id[STORE_ID_BYTES],
			 struct buf *out, struct fault *why)
{
	char id_text[2 * STORE_ID_BYTES + 1], tag_text[2 * DEPOSIT_LINK_TAG_BYTES + 1];
	uint8_t tag[DEPOSIT_LINK_TAG_BYTES];
	enum rc rc = deposit_link_tag(site->keys, id, tag, why);

	if (rc != RC_OK)
		return rc;
	(void)buf_addf(out, "%s/s/%s/%s", site->portal_url, hex_format(id, STORE_ID_BYTES, id_text),
		       hex_format(tag, DEPOSIT_LINK_TAG_BYTES, tag_text));
	return buf_state(out) == RC_OK
		       ? RC_OK
		       : fault(why, buf_state(out), "the portal's address is too long for a link");
}
