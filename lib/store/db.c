#include "store/db.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum {
	APPLICATION = 0x50737431, /* "Pst1": no other program's database */
	VERSION = 1,              /* of the tables below */

};

static const char tables[] =
	"CREATE TABLE record (bucket TEXT NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL,"
	" until INTEGER NOT NULL, PRIMARY KEY (bucket, name)) STRICT;"
	"CREATE INDEX record_until ON record (until) WHERE until > 0;"
	"CREATE TABLE outbox (id BLOB NOT NULL PRIMARY KEY, state INTEGER NOT NULL,"
	" made INTEGER NOT NULL, next INTEGER NOT NULL, tries INTEGER NOT NULL,"
	" record BLOB NOT NULL) STRICT;"
	"CREATE INDEX outbox_next ON outbox (state, next);"
	"CREATE TABLE deposit (id BLOB NOT NULL PRIMARY KEY, state INTEGER NOT NULL,"
	" made INTEGER NOT NULL, until INTEGER NOT NULL, sender BLOB NOT NULL,"
	" record BLOB NOT NULL) STRICT;"
	"CREATE TABLE recipient (deposit BLOB NOT NULL REFERENCES deposit (id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, state INTEGER NOT NULL, address BLOB NOT NULL,"
	" record BLOB NOT NULL, PRIMARY KEY (deposit, number)) STRICT;"
	"PRAGMA application_id = 1349743665;" /* APPLICATION */
	"PRAGMA user_version = 1;"            /* VERSION */
	;

static const char *const texts[DB_STATEMENTS] = {
	[DB_BEGIN] = "BEGIN IMMEDIATE",
	[DB_COMMIT] = "COMMIT",
	[DB_ROLLBACK] = "ROLLBACK",
	[DB_RECORD_PUT] = "INSERT INTO record VALUES (?1, ?2, ?3, ?4) ON CONFLICT (bucket, name)"
			  " DO UPDATE SET value = ?3, until = ?4",
	[DB_RECORD_GET] = "SELECT value FROM record WHERE bucket = ?1 AND name = ?2"
			  " AND (until = 0 OR until > ?3)",
	[DB_RECORD_DELETE] = "DELETE FROM record WHERE bucket = ?1 AND name = ?2",
	[DB_RECORD_DELETE_UNDER] = "DELETE FROM record WHERE bucket = ?1 AND name >= ?2"
				   " AND (name < ?3 OR length(?3) = 0)",
	[DB_RECORD_EACH] = "SELECT name, value, until FROM record WHERE bucket = ?1"
			   " AND (until = 0 OR until > ?2) ORDER BY name",
	[DB_RECORD_PURGE] = "DELETE FROM record WHERE until > 0 AND until <= ?1",
	[DB_OUTBOX_ADD] = "INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[DB_OUTBOX_SET] = "UPDATE outbox SET state = ?2, made = ?3, next = ?4, tries = ?5,"
			  " record = ?6 WHERE id = ?1",
	[DB_OUTBOX_REMOVE] = "DELETE FROM outbox WHERE id = ?1",
	[DB_OUTBOX_DUE] = "SELECT id, state, made, next, tries, record FROM outbox"
			  " WHERE state = 0 AND next <= ?1 ORDER BY next, rowid LIMIT ?2",
	[DB_OUTBOX_EACH] = "SELECT id, state, made, next, tries, record FROM outbox"
			   " ORDER BY made, rowid",
	[DB_OUTBOX_NEXT] = "SELECT next FROM outbox WHERE state = 0 ORDER BY next LIMIT 1",
	[DB_OUTBOX_HAS] = "SELECT 1 FROM outbox WHERE id = ?1",
	[DB_DEPOSIT_ADD] = "INSERT INTO deposit VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[DB_DEPOSIT_SET] = "UPDATE deposit SET state = ?2, until = ?3, record = ?4 WHERE id = ?1",
	[DB_DEPOSIT_REMOVE] = "DELETE FROM deposit WHERE id = ?1",
	[DB_DEPOSIT_FIND] = "SELECT id, state, made, until, sender, record FROM deposit"
			    " WHERE id = ?1",
	[DB_DEPOSIT_EACH] = "SELECT id, state, made, until, sender, record FROM deposit"
			    " ORDER BY made, rowid",
	[DB_DEPOSIT_HAS] = "SELECT 1 FROM deposit WHERE id = ?1 AND state = 0",
	[DB_RECIPIENT_ADD] = "INSERT INTO recipient VALUES (?1, ?2, ?3, ?4, ?5)",
	[DB_RECIPIENT_SET] = "UPDATE recipient SET state = ?3, record = ?4"
			     " WHERE deposit = ?1 AND number = ?2",
	[DB_RECIPIENT_EACH] = "SELECT deposit, number, state, address, record FROM recipient"
			      " WHERE deposit = ?1 ORDER BY number",
};

enum rc db_fault(struct store *store, int result, struct fault *why)
{
	const char *words = store->db ? sqlite3_errmsg(store->db) : "out of memory";
	int kind = result & 0xff, system = 0;

	/* SQLite keeps errno for some failures; a sync's it leaves where it was. */
	if (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN)
		system = sqlite3_system_errno(store->db) ? sqlite3_system_errno(store->db) : errno;

	if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE)
		return RC_OK;
	if (kind == SQLITE_NOMEM)
		return fault(why, RC_NOMEM, "out of memory");
	if (kind == SQLITE_FULL || (kind == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT)))
		return fault(why, RC_RETRY, "store is full: %s", words);
	if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED)
		return fault(why, RC_RETRY, "store is busy: another process holds it");
	if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
		return fault(why, RC_RETRY, "store is damaged: %s", words);
	return fault(why, RC_RETRY, "store failed: %s%s%s", words, system ? ": " : "",
		     system ? strerror(system) : "");
}

static int one_number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		*out = sqlite3_column_int64(statement, 0);
		result = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return result;
}

/* Makes the tables in an empty database; two processes may try at once. */
static enum rc check_tables(struct store *store, struct fault *why)
{
	int64_t application = 0, version = 0, count = 0;
	int result = sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (result == SQLITE_OK)
		result = one_number(store->db, "PRAGMA application_id", &application);
	if (result == SQLITE_OK)
		result = one_number(store->db, "PRAGMA user_version", &version);
	if (result == SQLITE_OK)
		result = one_number(store->db, "SELECT count(*) FROM sqlite_schema", &count);
	if (result == SQLITE_OK && application == 0 && version == 0 && count == 0) {
		result = sqlite3_exec(store->db, tables, NULL, NULL, NULL);
		application = APPLICATION;
		version = VERSION;
	}
	if (result == SQLITE_OK)
		result = sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	if (result != SQLITE_OK)
		return db_fault(store, result, why);
	if (application != APPLICATION)
		return fault(why, RC_INVALID, "%s/postern.db is not a store of Postern's",
			     store->folder);
	if (version != VERSION)
		return fault(why, RC_INVALID,
			     "%s/postern.db has version %lld, this Postern knows %d", store->folder,
			     (long long)version, VERSION);
	return RC_OK;
}

enum rc db_open(struct store *store, const char *path, bool make, struct fault *why)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL",   "PRAGMA synchronous = FULL",
		"PRAGMA secure_delete = ON",   "PRAGMA foreign_keys = ON",
		"PRAGMA temp_store = MEMORY",  "PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
	};
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
		    (make ? SQLITE_OPEN_CREATE : 0);
	int result = sqlite3_open_v2(path, &store->db, flags, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_busy_timeout(store->db, DB_BUSY_MS);
	for (size_t i = 0; result == SQLITE_OK && i < sizeof pragmas / sizeof *pragmas; i++)
		result = sqlite3_exec(store->db, pragmas[i], NULL, NULL, NULL);
	if (result != SQLITE_OK)
		return db_fault(store, result, why);

	enum rc rc = check_tables(store, why);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; result == SQLITE_OK && i < DB_STATEMENTS; i++)
		result = sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
					    &store->statements[i], NULL);
	return db_fault(store, result, why);
}

void db_close(struct store *store)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
}

enum rc db_check(struct store_tx *tx, struct fault *why)
{
	return tx->failed ? fault(why, RC_RETRY, "store failed: earlier in this transaction")
			  : RC_OK;
}

static int bind_slice(sqlite3_stmt *statement, int at, struct slice s)
{
	return s.len ? sqlite3_bind_blob64(statement, at, s.at, s.len, SQLITE_STATIC)
		     : sqlite3_bind_zeroblob(statement, at, 0);
}

sqlite3_stmt *db_bind(struct store_tx *tx, enum db_statement which, const char *format, ...)
{
	sqlite3_stmt *statement = tx->store->statements[which];
	int result = SQLITE_OK;
	va_list args;

	va_start(args, format);
	for (int at = 1; *format && result == SQLITE_OK; format++, at++) {
		if (*format == 'i')
			result = sqlite3_bind_int64(statement, at, va_arg(args, int64_t));
		else if (*format == 's')
			result = bind_slice(statement, at, va_arg(args, struct slice));
		else if (*format == 't')
			result = sqlite3_bind_text(statement, at, va_arg(args, const char *), -1,
						   SQLITE_STATIC);
		else
			result = sqlite3_bind_blob(statement, at, va_arg(args, const uint8_t *),
						   STORE_ID_BYTES, SQLITE_STATIC);
	}
	va_end(args);
	/* Only memory can be short here; the step, which comes next, must then not run. */
	tx->failed |= result != SQLITE_OK;
	return statement;
}

enum rc db_step(struct store_tx *tx, sqlite3_stmt *statement, struct fault *why)
{
	enum rc rc = db_check(tx, why);

	if (rc != RC_OK)
		return rc;
	errno = 0;
	int result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		return RC_OK;
	if (result == SQLITE_DONE)
		return RC_ABSENT;
	if ((result & 0xff) == SQLITE_CONSTRAINT)
		return fault(why, RC_INVALID, "store has that key already, or lacks what it names");
	tx->failed = true;
	return db_fault(tx->store, result, why);
}

void db_done(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

enum rc db_run(struct store_tx *tx, sqlite3_stmt *statement, int *changed, struct fault *why)
{
	enum rc rc;

	while ((rc = db_step(tx, statement, why)) == RC_OK)
		;
	if (rc == RC_ABSENT && changed)
		*changed = sqlite3_changes(tx->store->db);
	db_done(statement);
	return rc == RC_ABSENT ? RC_OK : rc;
}

struct slice db_slice(sqlite3_stmt *statement, int column)
{
	const char *at = sqlite3_column_blob(statement, column);

	return (struct slice){ at, at ? (size_t)sqlite3_column_bytes(statement, column) : 0 };
}

bool db_id(sqlite3_stmt *statement, int column, uint8_t out[STORE_ID_BYTES])
{
	struct slice id = db_slice(statement, column);

	if (id.len != STORE_ID_BYTES)
		return false;
	memcpy(out, id.at, STORE_ID_BYTES);
	return true;
}

enum rc db_damaged(struct store_tx *tx, const char *table, struct fault *why)
{
	tx->failed = true;
	return fault(why, RC_RETRY, "store is damaged: a row of %s cannot be read", table);
}
