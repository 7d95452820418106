#include "store/db.h"

#include <string.h>

enum rc store_put(struct store_tx *tx, const char *bucket, struct slice key, struct slice value,
		  int64_t until_s, struct fault *why)
{
	if (key.len > STORE_KEY_MAX || value.len > STORE_RECORD_MAX)
		return fault(why, RC_LIMIT, "record of %zu and %zu bytes is too long for the store",
			     key.len, value.len);
	return db_run(tx, db_bind(tx, DB_RECORD_PUT, "tssi", bucket, key, value, until_s), NULL,
		      why);
}

enum rc store_get(struct store_tx *tx, const char *bucket, struct slice key, int64_t now_s,
		  struct buf *out, struct fault *why)
{
	sqlite3_stmt *statement = db_bind(tx, DB_RECORD_GET, "tsi", bucket, key, now_s);
	enum rc rc = db_step(tx, statement, why);

	if (rc == RC_OK) {
		rc = buf_add_slice(out, db_slice(statement, 0));
		if (rc != RC_OK)
			rc = fault(why, rc, "record is longer than %zu bytes", out->max);
	}
	db_done(statement);
	return rc;
}

enum rc store_delete(struct store_tx *tx, const char *bucket, struct slice key, struct fault *why)
{
	tx->erased = true;
	return db_run(tx, db_bind(tx, DB_RECORD_DELETE, "ts", bucket, key), NULL, why);
}

/* The first key after all that begin with prefix; empty when none can come after. */
static struct slice after(struct slice prefix, char out[STORE_KEY_MAX])
{
	size_t len = prefix.len;

	memcpy(out, prefix.at, len);
	while (len && (unsigned char)out[len - 1] == 0xff)
		len--;
	if (len)
		out[len - 1] = (char)((unsigned char)out[len - 1] + 1);
	return (struct slice){ out, len };
}

enum rc store_delete_under(struct store_tx *tx, const char *bucket, struct slice prefix,
			   struct fault *why)
{
	char end[STORE_KEY_MAX];

	if (prefix.len == 0 || prefix.len > STORE_KEY_MAX)
		return fault(why, RC_LIMIT, "no key begins with %zu bytes", prefix.len);
	tx->erased = true;
	return db_run(
		tx, db_bind(tx, DB_RECORD_DELETE_UNDER, "tss", bucket, prefix, after(prefix, end)),
		NULL, why);
}

enum rc store_each(struct store_tx *tx, const char *bucket, int64_t now_s, store_record_fn *fn,
		   void *arg, struct fault *why)
{
	sqlite3_stmt *statement = db_bind(tx, DB_RECORD_EACH, "ti", bucket, now_s);
	enum rc rc;

	while ((rc = db_step(tx, statement, why)) == RC_OK)
		if (!fn(arg, db_slice(statement, 0), db_slice(statement, 1),
			sqlite3_column_int64(statement, 2)))
			break;
	db_done(statement);
	return rc == RC_ABSENT ? RC_OK : rc;
}

enum rc store_purge(struct store_tx *tx, int64_t now_s, struct fault *why)
{
	tx->erased = true;
	return db_run(tx, db_bind(tx, DB_RECORD_PURGE, "i", now_s), NULL, why);
}
