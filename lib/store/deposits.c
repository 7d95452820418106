#include "store/db.h"

static enum rc check(struct slice record, struct fault *why)
{
	if (record.len > STORE_RECORD_MAX)
		return fault(why, RC_LIMIT, "deposit record of %zu bytes is too long", record.len);
	return RC_OK;
}

enum rc store_deposit_add(struct store_tx *tx, const struct store_deposit *deposit,
			  struct fault *why)
{
	enum rc rc = check(deposit->record, why);

	if (rc != RC_OK)
		return rc;
	return db_run(tx,
		      db_bind(tx, DB_DEPOSIT_ADD, "kiiiss", deposit->id, (int64_t)deposit->state,
			      deposit->made_s, deposit->until_s, deposit->sender, deposit->record),
		      NULL, why);
}

enum rc store_recipient_add(struct store_tx *tx, const struct store_recipient *recipient,
			    struct fault *why)
{
	enum rc rc = check(recipient->record, why);

	if (rc != RC_OK)
		return rc;
	return db_run(tx,
		      db_bind(tx, DB_RECIPIENT_ADD, "kiiss", recipient->deposit,
			      (int64_t)recipient->number, (int64_t)recipient->state,
			      recipient->address, recipient->record),
		      NULL, why);
}

static enum rc set(struct store_tx *tx, sqlite3_stmt *statement, struct fault *why)
{
	int changed = 0;
	enum rc rc = db_run(tx, statement, &changed, why);

	tx->erased = true;
	if (rc == RC_OK && changed == 0)
		return fault(why, RC_ABSENT, "there is no such deposit");
	return rc;
}

enum rc store_deposit_set(struct store_tx *tx, const struct store_deposit *deposit,
			  struct fault *why)
{
	enum rc rc = check(deposit->record, why);

	if (rc != RC_OK)
		return rc;
	rc = set(tx,
		 db_bind(tx, DB_DEPOSIT_SET, "kiis", deposit->id, (int64_t)deposit->state,
			 deposit->until_s, deposit->record),
		 why);
	if (rc == RC_OK && deposit->state != STORE_DEPOSIT_OPEN)
		rc = db_blob_remove(tx, STORE_BLOBS, deposit->id, NULL, why);
	return rc;
}

enum rc store_recipient_set(struct store_tx *tx, const struct store_recipient *recipient,
			    struct fault *why)
{
	enum rc rc = check(recipient->record, why);

	if (rc != RC_OK)
		return rc;
	return set(tx,
		   db_bind(tx, DB_RECIPIENT_SET, "kiis", recipient->deposit,
			   (int64_t)recipient->number, (int64_t)recipient->state,
			   recipient->record),
		   why);
}

enum rc store_deposit_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			     struct fault *why)
{
	tx->erased = true;
	enum rc rc = db_run(tx, db_bind(tx, DB_DEPOSIT_REMOVE, "k", id), NULL, why);
	return rc == RC_OK ? db_blob_remove(tx, STORE_BLOBS, id, NULL, why) : rc;
}

static bool read_deposit(sqlite3_stmt *statement, struct store_deposit *deposit)
{
	int64_t state = sqlite3_column_int64(statement, 1);

	if (!db_id(statement, 0, deposit->id) || state < STORE_DEPOSIT_OPEN ||
	    state > STORE_DEPOSIT_SENT_ON)
		return false;
	deposit->state = (enum store_deposit_state)state;
	deposit->made_s = sqlite3_column_int64(statement, 2);
	deposit->until_s = sqlite3_column_int64(statement, 3);
	deposit->sender = db_slice(statement, 4);
	deposit->record = db_slice(statement, 5);
	return true;
}

/* *count is how many fn was given. */
static enum rc each(struct store_tx *tx, sqlite3_stmt *statement, store_deposit_fn *fn, void *arg,
		    unsigned *count, struct fault *why)
{
	struct store_deposit deposit;
	enum rc rc;

	while ((rc = db_step(tx, statement, why)) == RC_OK) {
		if (!read_deposit(statement, &deposit)) {
			rc = db_damaged(tx, "deposit", why);
			break;
		}
		++*count;
		if (!fn(arg, &deposit))
			break;
	}
	db_done(statement);
	return rc == RC_ABSENT ? RC_OK : rc;
}

enum rc store_deposit_find(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   store_deposit_fn *fn, void *arg, struct fault *why)
{
	unsigned count = 0;
	enum rc rc = each(tx, db_bind(tx, DB_DEPOSIT_FIND, "k", id), fn, arg, &count, why);

	if (rc == RC_OK && count == 0)
		return fault(why, RC_ABSENT, "there is no such deposit");
	return rc;
}

enum rc store_deposit_each(struct store_tx *tx, store_deposit_fn *fn, void *arg, struct fault *why)
{
	unsigned count = 0;

	return each(tx, db_bind(tx, DB_DEPOSIT_EACH, ""), fn, arg, &count, why);
}

static bool read_recipient(sqlite3_stmt *statement, struct store_recipient *recipient)
{
	int64_t number = sqlite3_column_int64(statement, 1);
	int64_t state = sqlite3_column_int64(statement, 2);

	if (!db_id(statement, 0, recipient->deposit) || number < 0 || number > UINT32_MAX ||
	    state < 0 || state > UINT32_MAX)
		return false;
	recipient->number = (uint32_t)number;
	recipient->state = (uint32_t)state;
	recipient->address = db_slice(statement, 3);
	recipient->record = db_slice(statement, 4);
	return true;
}

enum rc store_recipients(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 store_recipient_fn *fn, void *arg, struct fault *why)
{
	sqlite3_stmt *statement = db_bind(tx, DB_RECIPIENT_EACH, "k", id);
	struct store_recipient recipient;
	enum rc rc;

	while ((rc = db_step(tx, statement, why)) == RC_OK) {
		if (!read_recipient(statement, &recipient)) {
			rc = db_damaged(tx, "recipient", why);
			break;
		}
		if (!fn(arg, &recipient))
			break;
	}
	db_done(statement);
	return rc == RC_ABSENT ? RC_OK : rc;
}
