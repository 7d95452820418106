/* store/db.h: the embedded backend: SQLite connections, their statements, and what
 * their failures mean. For this folder only.
 *
 * Write-ahead log with synchronous=FULL: a commit has been fsynced when it returns.
 * secure_delete overwrites what is deleted; the log, which still has it, is emptied
 * after each commit that deleted or replaced what was sealed (store_tx.erased).
 *
 * One connection writes, each transaction in a savepoint of its group's (store/group.h).
 * Another only reads: it sees what is durable, and waits for no writer.
 *
 * Threads  a connection is one thread's for the length of a transaction */
#pragma once

#include "store/folder.h"
#include "store/group.h"
#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

enum {
	DB_BUSY_MS = 5000, /* how long another process may hold the store */
	/* How long a reader may keep the log from being emptied; it is tried again with the
	 * next transaction that deletes. */
	DB_EMPTY_MS = 50,
};

enum db_statement {
	DB_BEGIN,
	DB_COMMIT,
	DB_ROLLBACK,
	DB_SAVE, /* the begin, commit and rollback of one in a group */
	DB_RELEASE,
	DB_UNDO,
	DB_READ, /* the begin of one that only reads */
	DB_RECORD_PUT,
	DB_RECORD_GET,
	DB_RECORD_DELETE,
	DB_RECORD_DELETE_UNDER,
	DB_RECORD_EACH,
	DB_RECORD_PURGE,
	DB_OUTBOX_ADD,
	DB_OUTBOX_SET,
	DB_OUTBOX_REMOVE,
	DB_OUTBOX_DUE,
	DB_OUTBOX_EACH,
	DB_OUTBOX_NEXT,
	DB_OUTBOX_HAS,
	DB_DEPOSIT_ADD,
	DB_DEPOSIT_SET,
	DB_DEPOSIT_REMOVE,
	DB_DEPOSIT_FIND,
	DB_DEPOSIT_EACH,
	DB_DEPOSIT_HAS,
	DB_RECIPIENT_ADD,
	DB_RECIPIENT_SET,
	DB_RECIPIENT_EACH,
	DB_BLOB_ADD,
	DB_BLOB_GET,
	DB_BLOB_REMOVE,
	DB_BLOB_SWEEP,
	DB_STATEMENTS,
};

struct db {
	sqlite3 *handle;
	sqlite3_stmt *statements[DB_STATEMENTS];
	int64_t busy_ms, busy_until_ms; /* how long others are waited for; since when */
};

struct store_tx {
	struct store *store;
	struct db *db;
	bool failed; /* SQLite may have rolled back by itself: nothing more goes in */
	bool erased;
	struct fault why; /* the first failure */
};

struct store {
	struct group_line line;  /* for the writer */
	struct store_tx writing; /* the one whose turn it is */
	pthread_mutex_t reading_lock;
	struct store_tx reading;
	struct db writer, reader;
	struct folder areas[2]; /* by enum store_area */
	char folder[];
};

enum db_use { DB_MAKE, DB_WRITE, DB_READ_ONLY };

/* Opens folder/postern.db, makes or checks its tables, prepares every statement. DB_MAKE:
 * it may be created. */
enum rc db_open(struct db *db, const char *folder, enum db_use use, struct fault *why);
void db_close(struct db *db);

/* What SQLite's result means: RC_OK, or as in store.h. */
enum rc db_fault(struct db *db, int result, struct fault *why);

/* Whether the transaction still stands. */
enum rc db_check(struct store_tx *tx, struct fault *why);

/* The statement with its parameters ?1, ?2, … set by format, one letter each:
 *   i  int64_t    s  struct slice    t  const char *    k  STORE_ID_BYTES bytes
 * Slices must live until db_done(). */
sqlite3_stmt *db_bind(struct store_tx *tx, enum db_statement which, const char *format, ...);

/* One step. RC_OK: there is a row. RC_ABSENT: there is none, or none left. RC_INVALID:
 * a key is taken. Other failures fail the transaction. */
enum rc db_step(struct store_tx *tx, sqlite3_stmt *statement, struct fault *why);
void db_done(sqlite3_stmt *statement); /* after the last step, always */

/* db_bind's statement run to its end; the rows it touched are counted in *changed, which
 * may be NULL. */
enum rc db_run(struct store_tx *tx, sqlite3_stmt *statement, int *changed, struct fault *why);

struct slice db_slice(sqlite3_stmt *statement, int column); /* until the next step */
/* False: not an id; the row is damaged. */
bool db_id(sqlite3_stmt *statement, int column, uint8_t out[STORE_ID_BYTES]);
enum rc db_damaged(struct store_tx *tx, const char *table, struct fault *why);

/* Removes the short blob, if there is one; *count (may be NULL) is how many there were. */
enum rc db_blob_remove(struct store_tx *tx, enum store_area area, const uint8_t id[STORE_ID_BYTES],
		       int *count, struct fault *why);
