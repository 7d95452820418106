#include "store/db.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	APPLICATION = 0x50737431, /* "Pst1": no other program's database */
	VERSION = 2,              /* of the tables below; 1 had no blobs */
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
	;

/* Short ones; and what makes version 2 of a store of version 1. */
static const char blobs[] =
	"CREATE TABLE blob (area INTEGER NOT NULL, id BLOB NOT NULL, made INTEGER NOT NULL,"
	" bytes BLOB NOT NULL, PRIMARY KEY (area, id)) STRICT;"
	"PRAGMA user_version = 2;" /* VERSION */
	;

static const char *const texts[DB_STATEMENTS] = {
	[DB_BEGIN] = "BEGIN IMMEDIATE",
	[DB_COMMIT] = "COMMIT",
	[DB_ROLLBACK] = "ROLLBACK",
	[DB_SAVE] = "SAVEPOINT one",
	[DB_RELEASE] = "RELEASE one",
	[DB_UNDO] = "ROLLBACK TO one",
	[DB_READ] = "BEGIN",
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
	[DB_BLOB_ADD] = "INSERT INTO blob VALUES (?1, ?2, ?3, ?4)",
	[DB_BLOB_GET] = "SELECT bytes FROM blob WHERE area = ?1 AND id = ?2",
	[DB_BLOB_REMOVE] = "DELETE FROM blob WHERE area = ?1 AND id = ?2",
	[DB_BLOB_SWEEP] = "DELETE FROM blob WHERE made <= ?1 AND CASE area WHEN 0"
			  " THEN NOT EXISTS (SELECT 1 FROM deposit d WHERE d.id = blob.id"
			  " AND d.state = 0)"
			  " ELSE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = blob.id) END",
};

enum rc db_fault(struct db *db, int result, struct fault *why)
{
	const char *words = db->handle ? sqlite3_errmsg(db->handle) : "out of memory";
	int kind = result & 0xff, system = 0;

	/* SQLite keeps errno for some failures; a sync's it leaves where it was. */
	if (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN)
		system =
			sqlite3_system_errno(db->handle) ? sqlite3_system_errno(db->handle) : errno;

	if (kind == SQLITE_OK || kind == SQLITE_ROW || kind == SQLITE_DONE)
		return RC_OK;
	if (kind == SQLITE_NOMEM)
		return fault(why, RC_NOMEM, "out of memory");
	if (kind == SQLITE_FULL ||
	    (kind == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG)))
		return fault(why, RC_RETRY, "store is full: %s", words);
	if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED)
		return fault(why, RC_RETRY, "store is busy: another process holds it");
	if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB)
		return fault(why, RC_RETRY, "store is damaged: %s", words);
	return fault(why, RC_RETRY, "store failed: %s%s%s", words, system ? ": " : "",
		     system ? strerror(system) : "");
}

/* Another process has the store. Looked at each millisecond: SQLite's own waiting grows to a
 * tenth of a second, and would find it taken each time while a busy process goes on. */
static int on_busy(void *arg, int count)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	struct db *db = arg;

	if (count == 0)
		db->busy_until_ms = clock_mono_ms() + db->busy_ms;
	return clock_mono_ms() < db->busy_until_ms && nanosleep(&nap, NULL) == 0;
}

static int one_number(sqlite3 *handle, const char *sql, int64_t *out)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);

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
static enum rc check_tables(struct db *db, const char *folder, struct fault *why)
{
	int64_t application = 0, version = 0, count = 0;
	int result = sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (result == SQLITE_OK)
		result = one_number(db->handle, "PRAGMA application_id", &application);
	if (result == SQLITE_OK)
		result = one_number(db->handle, "PRAGMA user_version", &version);
	if (result == SQLITE_OK)
		result = one_number(db->handle, "SELECT count(*) FROM sqlite_schema", &count);
	if (result == SQLITE_OK && application == 0 && version == 0 && count == 0) {
		result = sqlite3_exec(db->handle, tables, NULL, NULL, NULL);
		application = APPLICATION;
		version = 1;
	}
	if (result == SQLITE_OK && application == APPLICATION && version == 1) {
		result = sqlite3_exec(db->handle, blobs, NULL, NULL, NULL);
		version = VERSION;
	}
	if (result == SQLITE_OK)
		result = sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
	if (result != SQLITE_OK)
		return db_fault(db, result, why);
	if (application != APPLICATION)
		return fault(why, RC_INVALID, "%s/postern.db is not a store of Postern's", folder);
	if (version != VERSION)
		return fault(why, RC_INVALID,
			     "%s/postern.db has version %lld, this Postern knows %d", folder,
			     (long long)version, VERSION);
	return RC_OK;
}

static int set_up(struct db *db, enum db_use use)
{
	static const char *const pragmas[] = {
		"PRAGMA journal_mode = WAL",   "PRAGMA synchronous = FULL",
		"PRAGMA secure_delete = ON",   "PRAGMA foreign_keys = ON",
		"PRAGMA temp_store = MEMORY",  "PRAGMA trusted_schema = OFF",
		"PRAGMA cell_size_check = ON",
	};
	int result = SQLITE_OK;

	db->busy_ms = DB_BUSY_MS;
	result = sqlite3_busy_handler(db->handle, on_busy, db);
	for (size_t i = 0; result == SQLITE_OK && i < sizeof pragmas / sizeof *pragmas; i++)
		result = sqlite3_exec(db->handle, pragmas[i], NULL, NULL, NULL);
	if (result == SQLITE_OK && use == DB_READ_ONLY)
		result = sqlite3_exec(db->handle, "PRAGMA query_only = ON", NULL, NULL, NULL);
	return result;
}

enum rc db_open(struct db *db, const char *folder, enum db_use use, struct fault *why)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
		    (use == DB_MAKE ? SQLITE_OPEN_CREATE : 0);
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/postern.db", folder) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", folder);
	int result = sqlite3_open_v2(path, &db->handle, flags, NULL);

	if (result == SQLITE_OK)
		result = set_up(db, use);
	if (result != SQLITE_OK)
		return db_fault(db, result, why);

	enum rc rc = use == DB_READ_ONLY ? RC_OK : check_tables(db, folder, why);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; result == SQLITE_OK && i < DB_STATEMENTS; i++)
		result = sqlite3_prepare_v3(db->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
					    &db->statements[i], NULL);
	return db_fault(db, result, why);
}

void db_close(struct db *db)
{
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->handle);
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
	sqlite3_stmt *statement = tx->db->statements[which];
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
	rc = db_fault(tx->db, result, &tx->why);
	if (why)
		*why = tx->why;
	return rc;
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
		*changed = sqlite3_changes(tx->db->handle);
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
