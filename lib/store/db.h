/* store/db.h: the embedded backend: one SQLite connection, its statements, and what
 * its failures mean. For this folder only.
 *
 * Write-ahead log with synchronous=FULL: a commit has been fsynced when it returns.
 * secure_delete overwrites what is deleted; the log, which still has it, is emptied
 * after each commit that deleted or replaced what was sealed (store_tx.erased).
 *
 * Threads  one connection and one lock, held for the length of a transaction */
#pragma once

#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

enum { DB_BUSY_MS = 5000 }; /* how long another process may hold the store */

enum db_statement {
	DB_BEGIN,
	DB_COMMIT,
	DB_ROLLBACK,
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
	DB_STATEMENTS,
};

struct store_tx {
	struct store *store;
	bool failed; /* SQLite may have rolled back by itself: nothing more goes in */
	bool erased;
};

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[DB_STATEMENTS];
	pthread_mutex_t lock;
	struct store_tx tx; /* the one that holds the lock */
	int areas[2];       /* folders, by enum store_area */
	char folder[];
};

/* Opens path, makes or checks its tables, prepares every statement. make: whether it
 * may be created. */
enum rc db_open(struct store *store, const char *path, bool make, struct fault *why);
void db_close(struct store *store);

/* What SQLite's result means: RC_OK, or as in store.h. */
enum rc db_fault(struct store *store, int result, struct fault *why);

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
