#include "deposit/live.h"

#include "base/cleanup.h"
#include "crypto/aead.h"
#include "crypto/pbkdf2.h"
#include "deposit/phrase.h"

#include <assert.h>
#include <string.h>

static const char bucket[] = "live";

enum form { SEALED = 1, TAG = 2 };

enum {
	VALUE_MAX = 1 + DEPOSIT_PHRASE_MAX + CRYPTO_SEAL_BYTES,
	ROWS_MAX = 1 << 20, /* open deposits: above any site's */
};

struct row {
	uint8_t id[STORE_ID_BYTES];
	uint8_t len;
	char value[VALUE_MAX];
};

static_assert(VALUE_MAX <= UINT8_MAX, "len holds it");

static struct slice bytes_of(const void *bytes, size_t len)
{
	return (struct slice){ bytes, len };
}

static struct slice value_of(const struct row *row)
{
	return (struct slice){ row->value + 1, (size_t)row->len - 1 };
}

static enum rc derive(const struct crypto_key *from, struct crypto_key *out, struct fault *why)
{
	return crypto_hkdf(bytes_of(from->bytes, sizeof from->bytes), SLICE("live phrase"), out,
			   why);
}

enum rc deposit_live_tag(const struct crypto_keys *keys, struct slice phrase,
			 uint8_t out[DEPOSIT_TAG_BYTES], struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key salt = { 0 };
	CLEANUP(crypto_key_wipe) struct crypto_key stretched = { 0 };
	enum rc rc = derive(&keys->verifier, &salt, why);

	if (rc != RC_OK)
		return rc;
	crypto_pbkdf2(phrase, bytes_of(salt.bytes, sizeof salt.bytes), CRYPTO_PBKDF2_ROUNDS_MIN,
		      &stretched);
	return crypto_hmac(&keys->verifier, bytes_of(stretched.bytes, sizeof stretched.bytes), out,
			   why);
}

enum rc deposit_live_put(struct store_tx *tx, const struct crypto_keys *keys,
			 const uint8_t id[STORE_ID_BYTES], struct slice phrase, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	struct buf value = BUF_INIT(VALUE_MAX);
	const struct slice name = bytes_of(id, STORE_ID_BYTES);
	enum rc rc = derive(&keys->outbox, &key, why);

	(void)buf_add_byte(&value, SEALED);
	if (rc == RC_OK)
		rc = crypto_seal(&key, name, phrase, &value, why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, name, buf_slice(&value), STORE_FOREVER, why);
	buf_free(&value);
	return rc; /* deposit/destroy.h removes it */
}

/* Adds the phrase of a row that is still sealed. RC_INVALID: under other keys, or changed. */
static enum rc unseal(const struct crypto_keys *keys, const struct row *row, struct buf *out,
		      struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	enum rc rc = derive(&keys->outbox, &key, why);

	return rc == RC_OK ? crypto_unseal(&key, bytes_of(row->id, STORE_ID_BYTES), value_of(row),
					   out, why)
			   : rc;
}

struct reading {
	struct buf rows;
	bool sealed_only;
	size_t most;
	bool left;
};

static bool collect(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct reading *reading = arg;
	struct row row = { .len = (uint8_t)value.len };

	(void)until_s;
	if (key.len != STORE_ID_BYTES || value.len == 0 || value.len > VALUE_MAX ||
	    (reading->sealed_only && value.at[0] != SEALED))
		return true;
	if (reading->rows.len / sizeof row == reading->most) {
		reading->left = true;
		return false;
	}
	memcpy(row.id, key.at, key.len);
	memcpy(row.value, value.at, value.len);
	return buf_add(&reading->rows, &row, sizeof row) == RC_OK;
}

static enum rc read_rows(struct store *store, struct reading *reading, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = store_each(tx, bucket, 0, collect, reading, why);
	if (rc == RC_OK && buf_state(&reading->rows) != RC_OK)
		rc = fault(why, buf_state(&reading->rows), "out of memory");
	return rc;
}

static size_t count_of(const struct reading *reading)
{
	return reading->rows.len / sizeof(struct row);
}

static struct row row_at(const struct reading *reading, size_t i)
{
	struct row row;

	memcpy(&row, reading->rows.at + i * sizeof row, sizeof row);
	return row;
}

/* ---- the second form ---- */

/* Unless the deposit has ended meanwhile, and the row with it. */
static enum rc replace(struct store *store, const struct row *row, const uint8_t *tag,
		       struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct buf now = BUF_INIT(VALUE_MAX), value = BUF_INIT(VALUE_MAX);
	const struct slice name = bytes_of(row->id, STORE_ID_BYTES);
	enum rc rc = store_begin(store, &tx, why);

	(void)buf_add_byte(&value, TAG);
	(void)buf_add(&value, tag, DEPOSIT_TAG_BYTES);
	if (rc == RC_OK)
		rc = store_get(tx, bucket, name, 0, &now, why);
	/* Deleted first, so that the log is emptied of the phrase, sealed as it was. */
	if (rc == RC_OK)
		rc = store_delete(tx, bucket, name, why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, name, buf_slice(&value), STORE_FOREVER, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	buf_free(&now);
	buf_free(&value);
	return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc settle_one(struct store *store, const struct crypto_keys *keys,
			  const struct row *row, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf phrase = BUF_SECRET(DEPOSIT_PHRASE_MAX);
	uint8_t tag[DEPOSIT_TAG_BYTES];
	enum rc rc = unseal(keys, row, &phrase, why);

	if (rc == RC_OK)
		rc = deposit_live_tag(keys, buf_slice(&phrase), tag, why);
	return rc == RC_OK ? replace(store, row, tag, why) : rc;
}

enum rc deposit_live_settle(struct store *store, const struct crypto_keys *keys, unsigned max,
			    bool *left, struct fault *why)
{
	struct reading reading = { .rows = BUF_INIT((size_t)max * sizeof(struct row)),
				   .sealed_only = true,
				   .most = max };
	enum rc rc = read_rows(store, &reading, why);

	for (size_t i = 0; rc == RC_OK && i < count_of(&reading); i++) {
		struct row row = row_at(&reading, i);
		rc = settle_one(store, keys, &row, why);
	}
	buf_free(&reading.rows);
	*left = reading.left;
	return rc;
}

/* ---- the look-up ---- */

struct said {
	struct slice phrase;
	uint8_t tag[DEPOSIT_TAG_BYTES];
};

static bool is_said(const struct crypto_keys *keys, const struct row *row, const struct said *said)
{
	if (row->value[0] == TAG)
		return row->len == 1 + DEPOSIT_TAG_BYTES &&
		       crypto_same(row->value + 1, said->tag, DEPOSIT_TAG_BYTES);
	CLEANUP(buf_wipe) struct buf phrase = BUF_SECRET(DEPOSIT_PHRASE_MAX);
	return unseal(keys, row, &phrase, NULL) == RC_OK && phrase.len == said->phrase.len &&
	       crypto_same(phrase.at, said->phrase.at, phrase.len);
}

static enum rc find(const struct crypto_keys *keys, const struct reading *reading,
		    const struct slice *phrases, size_t count, uint8_t *id, struct fault *why)
{
	for (size_t i = 0; i < count; i++) {
		struct said said = { .phrase = phrases[i] };
		enum rc rc = deposit_live_tag(keys, phrases[i], said.tag, why);
		if (rc != RC_OK)
			return rc;
		for (size_t r = 0; r < count_of(reading); r++) {
			struct row row = row_at(reading, r);
			if (!is_said(keys, &row, &said))
				continue;
			memcpy(id, row.id, STORE_ID_BYTES);
			return RC_OK;
		}
	}
	return RC_ABSENT;
}

enum rc deposit_live_find(struct store *store, const struct crypto_keys *keys,
			  const struct slice *phrases, size_t count, uint8_t id[STORE_ID_BYTES],
			  struct fault *why)
{
	struct reading reading = { .rows = BUF_INIT((size_t)ROWS_MAX * sizeof(struct row)),
				   .most = ROWS_MAX };
	enum rc rc = read_rows(store, &reading, why);

	if (rc == RC_OK && reading.left)
		rc = fault(why, RC_LIMIT, "there are too many open deposits");
	if (rc == RC_OK)
		rc = count_of(&reading) ? find(keys, &reading, phrases, count, id, why) : RC_ABSENT;
	buf_free(&reading.rows);
	return rc;
}
