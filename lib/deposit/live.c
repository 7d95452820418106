#include "deposit/live.h"

#include "base/cleanup.h"

#include <string.h>

static const char bucket[] = "live";

enum {
	ROW = STORE_ID_BYTES + DEPOSIT_TAG_BYTES,
	ROWS_MAX = 1 << 20, /* open deposits; above any site's, and 48 MB */
};

static enum rc site_salt(const struct crypto_keys *keys, struct crypto_key *out, struct fault *why)
{
	const struct slice secret = { (const char *)keys->verifier.bytes,
				      sizeof keys->verifier.bytes };

	return crypto_hkdf(secret, SLICE("live phrase"), out, why);
}

enum rc deposit_live_tag(const struct crypto_keys *keys, struct slice phrase,
			 uint8_t out[DEPOSIT_TAG_BYTES], struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key salt = { 0 };
	CLEANUP(crypto_key_wipe) struct crypto_key stretched = { 0 };
	enum rc rc = site_salt(keys, &salt, why);

	if (rc == RC_OK)
		rc = crypto_pbkdf2(phrase, (struct slice){ (char *)salt.bytes, sizeof salt.bytes },
				   CRYPTO_PBKDF2_ROUNDS_MIN, &stretched, why);
	if (rc == RC_OK)
		rc = crypto_hmac(&keys->verifier,
				 (struct slice){ (char *)stretched.bytes, sizeof stretched.bytes },
				 out, why);
	return rc;
}

enum rc deposit_live_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 const uint8_t tag[DEPOSIT_TAG_BYTES], struct fault *why)
{
	return store_put(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES },
			 (struct slice){ (const char *)tag, DEPOSIT_TAG_BYTES }, STORE_FOREVER,
			 why); /* until deposit/destroy.h removes it */
}

static bool collect(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct buf *rows = arg;

	(void)until_s;
	if (key.len != STORE_ID_BYTES || value.len != DEPOSIT_TAG_BYTES)
		return true;
	(void)buf_add_slice(rows, key);
	return buf_add_slice(rows, value) == RC_OK;
}

static enum rc read_rows(struct store *store, struct buf *rows, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = store_each(tx, bucket, 0, collect, rows, why);
	if (rc == RC_OK && buf_state(rows) != RC_OK)
		rc = fault(why, buf_state(rows), "there are too many open deposits");
	return rc;
}

static bool find_row(const struct buf *rows, const uint8_t *tag, uint8_t *id)
{
	for (size_t at = 0; at < rows->len; at += ROW) {
		if (!crypto_same(rows->at + at + STORE_ID_BYTES, tag, DEPOSIT_TAG_BYTES))
			continue;
		memcpy(id, rows->at + at, STORE_ID_BYTES);
		return true;
	}
	return false;
}

enum rc deposit_live_find(struct store *store, const struct crypto_keys *keys,
			  const struct slice *phrases, size_t count, uint8_t id[STORE_ID_BYTES],
			  struct fault *why)
{
	CLEANUP(buf_free) struct buf rows = BUF_INIT((size_t)ROWS_MAX * ROW);
	uint8_t tag[DEPOSIT_TAG_BYTES];
	enum rc rc = read_rows(store, &rows, why);

	for (size_t i = 0; rc == RC_OK && rows.len && i < count; i++) {
		rc = deposit_live_tag(keys, phrases[i], tag, why);
		if (rc == RC_OK && find_row(&rows, tag, id))
			return RC_OK;
	}
	return rc == RC_OK ? RC_ABSENT : rc;
}
