#include "store/db.h"

static enum rc check(const struct store_outbox_row *row, struct fault *why)
{
	if (row->record.len > STORE_RECORD_MAX)
		return fault(why, RC_LIMIT, "outbox record of %zu bytes is too long",
			     row->record.len);
	return RC_OK;
}

static sqlite3_stmt *bind(struct store_tx *tx, enum db_statement which,
			  const struct store_outbox_row *row)
{
	return db_bind(tx, which, "kiiiis", row->id, (int64_t)row->state, row->made_s, row->next_s,
		       (int64_t)row->tries, row->record);
}

enum rc store_outbox_add(struct store_tx *tx, const struct store_outbox_row *row, struct fault *why)
{
	enum rc rc = check(row, why);

	return rc == RC_OK ? db_run(tx, bind(tx, DB_OUTBOX_ADD, row), NULL, why) : rc;
}

enum rc store_outbox_set(struct store_tx *tx, const struct store_outbox_row *row, struct fault *why)
{
	int changed = 0;
	enum rc rc = check(row, why);

	tx->erased = true;
	if (rc == RC_OK)
		rc = db_run(tx, bind(tx, DB_OUTBOX_SET, row), &changed, why);
	if (rc == RC_OK && changed == 0)
		return fault(why, RC_ABSENT, "the outbox has no such row");
	return rc;
}

enum rc store_outbox_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			    struct fault *why)
{
	tx->erased = true;
	enum rc rc = db_run(tx, db_bind(tx, DB_OUTBOX_REMOVE, "k", id), NULL, why);
	return rc == RC_OK ? db_blob_remove(tx, STORE_OUTBOX, id, NULL, why) : rc;
}

static bool read_row(sqlite3_stmt *statement, struct store_outbox_row *row)
{
	int64_t state = sqlite3_column_int64(statement, 1);
	int64_t tries = sqlite3_column_int64(statement, 4);

	if (!db_id(statement, 0, row->id) || state < STORE_OUTBOX_WAITING ||
	    state > STORE_OUTBOX_STUCK || tries < 0 || tries > UINT32_MAX)
		return false;
	row->state = (enum store_outbox_state)state;
	row->made_s = sqlite3_column_int64(statement, 2);
	row->next_s = sqlite3_column_int64(statement, 3);
	row->tries = (uint32_t)tries;
	row->record = db_slice(statement, 5);
	return true;
}

static enum rc each(struct store_tx *tx, sqlite3_stmt *statement, store_outbox_fn *fn, void *arg,
		    struct fault *why)
{
	struct store_outbox_row row;
	enum rc rc;

	while ((rc = db_step(tx, statement, why)) == RC_OK) {
		if (!read_row(statement, &row)) {
			rc = db_damaged(tx, "outbox", why);
			break;
		}
		if (!fn(arg, &row))
			break;
	}
	db_done(statement);
	return rc == RC_ABSENT ? RC_OK : rc;
}

enum rc store_outbox_due(struct store_tx *tx, int64_t now_s, unsigned max, store_outbox_fn *fn,
			 void *arg, struct fault *why)
{
	return each(tx, db_bind(tx, DB_OUTBOX_DUE, "ii", now_s, (int64_t)max), fn, arg, why);
}

enum rc store_outbox_each(struct store_tx *tx, store_outbox_fn *fn, void *arg, struct fault *why)
{
	return each(tx, db_bind(tx, DB_OUTBOX_EACH, ""), fn, arg, why);
}

enum rc store_outbox_next(struct store_tx *tx, int64_t *next_s, struct fault *why)
{
	sqlite3_stmt *statement = db_bind(tx, DB_OUTBOX_NEXT, "");
	enum rc rc = db_step(tx, statement, why);

	if (rc == RC_OK)
		*next_s = sqlite3_column_int64(statement, 0);
	db_done(statement);
	return rc == RC_ABSENT ? fault(why, RC_ABSENT, "nothing waits in the outbox") : rc;
}
