#include "deposit/retry.h"

#include "base/cleanup.h"
#include "crypto/random.h"

#include <stdlib.h>
#include <string.h>

static const char bucket[] = "retry";

static int by_address(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t len = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->at, y->at, len);

	return order ? order : (x->len > y->len) - (x->len < y->len);
}

static enum rc hash_piece(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	crypto_hash_add(arg, bytes);
	return RC_OK;
}

static bool has_message_id(struct slice header)
{
	struct slice name, value;

	while (deposit_field_take(&header, &name, &value))
		if (slice_same_nocase(name, SLICE("Message-ID")))
			return true;
	return false;
}

enum rc deposit_retry_key(const struct crypto_key *key, const struct deposit_message *message,
			  struct slice header, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	const size_t count = message->recipient_count;
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;

	if (!has_message_id(header))
		return crypto_random(out, CRYPTO_HASH_BYTES, why);
	CLEANUP(cleanup_free) struct slice *sorted = calloc(count, sizeof *sorted);
	if (!sorted)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = message->recipients[i].address;
	qsort(sorted, count, sizeof *sorted, by_address);

	enum rc rc = crypto_hash_new(key, &h, why);
	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("deposit"));
	crypto_hash_add_field(h, message->sender);
	crypto_hash_add(h, (struct slice){ (const char[]){ (char)count }, 1 });
	for (size_t i = 0; i < count; i++)
		crypto_hash_add_field(h, sorted[i]);
	rc = deposit_source_each(&message->source, hash_piece, h, why);
	return rc == RC_OK ? crypto_hash_end(&h, out, why) : rc;
}

static bool take_row(void *arg, const struct store_deposit *deposit)
{
	struct store_deposit *row = arg;

	row->until_s = deposit->until_s;
	row->state = deposit->state;
	return true;
}

enum rc deposit_retry_find(struct store_tx *tx, const uint8_t key[CRYPTO_HASH_BYTES], int64_t now_s,
			   struct deposit_made *out, struct fault *why)
{
	const struct slice name = { (const char *)key, CRYPTO_HASH_BYTES };
	struct deposit_made made = { .found = true };
	struct store_deposit row = { .until_s = 0 };
	struct buf value = BUF_INIT(STORE_ID_BYTES);
	enum rc rc = store_get(tx, bucket, name, now_s, &value, why);

	if (rc == RC_OK && value.len != STORE_ID_BYTES)
		rc = fault(why, RC_RETRY, "store is damaged: a retry's record");
	if (rc == RC_OK) {
		memcpy(made.id, value.at, STORE_ID_BYTES);
		rc = store_deposit_find(tx, made.id, take_row, &row, why);
	}
	/* A commit that failed can come back from the log after a crash (store/store.h promises
	 * otherwise, as far as the disk lets it), when its blob was removed with it: a row
	 * like that must not pass for the message. */
	if (rc == RC_OK && row.state == STORE_DEPOSIT_OPEN)
		rc = store_blob_find(tx, STORE_BLOBS, made.id, why);
	buf_free(&value);
	made.until_s = row.until_s;
	if (rc == RC_OK)
		*out = made;
	return rc;
}

enum rc deposit_retry_put(struct store_tx *tx, const uint8_t key[CRYPTO_HASH_BYTES],
			  const uint8_t id[STORE_ID_BYTES], int64_t until_s, struct fault *why)
{
	return store_put(tx, bucket, (struct slice){ (const char *)key, CRYPTO_HASH_BYTES },
			 (struct slice){ (const char *)id, STORE_ID_BYTES }, until_s, why);
}
