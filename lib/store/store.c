#include "store/store.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const areas[] = { [STORE_BLOBS] = "blobs", [STORE_OUTBOX] = "outbox" };

static enum rc open_area(struct store *store, enum store_area area, bool make, struct fault *why)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s", store->folder, areas[area]) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", store->folder);
	enum rc rc = make ? file_make_folder(path, 0700, why) : RC_OK;
	if (rc != RC_OK)
		return rc;
	store->areas[area].fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->areas[area].fd < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", path, strerror(errno));
	return RC_OK;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(&store->reader);
	db_close(&store->writer);
	folder_fini(&store->areas[STORE_BLOBS]);
	folder_fini(&store->areas[STORE_OUTBOX]);
	group_line_fini(&store->line);
	pthread_mutex_destroy(&store->reading_lock);
	free(store);
}

/* Root that looks in before the daemon's first start must not leave files that the
 * daemon cannot write: they belong to whom the folder does. */
static enum rc hand_over(struct store *store, struct fault *why)
{
	static const char *const names[] = { "postern.db", "postern.db-wal", "postern.db-shm",
					     "blobs", "outbox" };
	CLEANUP(cleanup_fd) int dir = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat owner, st;

	if (dir < 0 || fstat(dir, &owner) < 0)
		return fault(why, RC_RETRY, "cannot look at %s: %s", store->folder,
			     strerror(errno));
	if (geteuid() != 0 || owner.st_uid == 0)
		return RC_OK;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (fstatat(dir, names[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_uid != 0)
			continue;
		if (fchownat(dir, names[i], owner.st_uid, owner.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
			return fault(why, RC_RETRY, "cannot hand %s/%s to the folder's owner: %s",
				     store->folder, names[i], strerror(errno));
	}
	return RC_OK;
}

static enum rc open_files(struct store *store, bool make, struct fault *why)
{
	char path[PATH_MAX];
	struct stat st;
	enum rc rc = make ? file_make_folder(store->folder, 0700, why) : RC_OK;

	if (rc == RC_OK && snprintf(path, sizeof path, "%s/postern.db", store->folder) >= PATH_MAX)
		rc = fault(why, RC_INVALID, "path is too long: %.80s", store->folder);
	if (rc == RC_OK && !make && stat(path, &st) < 0)
		rc = fault(why, errno == ENOENT ? RC_ABSENT : RC_INVALID, "cannot open %s: %s",
			   path, strerror(errno));
	if (rc == RC_OK)
		rc = open_area(store, STORE_BLOBS, make, why);
	if (rc == RC_OK)
		rc = open_area(store, STORE_OUTBOX, make, why);
	if (rc == RC_OK)
		rc = db_open(&store->writer, store->folder, make ? DB_MAKE : DB_WRITE, why);
	if (rc == RC_OK)
		rc = db_open(&store->reader, store->folder, DB_READ_ONLY, why);
	if (rc == RC_OK && make)
		rc = hand_over(store, why);
	/* The names of what was just made. */
	if (rc == RC_OK && make)
		rc = file_sync_folder(store->folder, why);
	return rc;
}

static enum rc open_store(const char *folder, bool make, struct store **out, struct fault *why)
{
	size_t len = strlen(folder) + 1;
	struct store *store = calloc(1, sizeof *store + len);

	if (!store)
		return fault(why, RC_NOMEM, "out of memory");
	memcpy(store->folder, folder, len);
	folder_init(&store->areas[STORE_BLOBS]);
	folder_init(&store->areas[STORE_OUTBOX]);
	group_line_init(&store->line);
	pthread_mutex_init(&store->reading_lock, NULL);

	/* SQLite makes its files 0644: nobody else's anyway, by the folder's mode, but a
	 * folder that was there before may be open. */
	mode_t mask = umask(077);
	enum rc rc = open_files(store, make, why);
	umask(mask);
	if (rc != RC_OK)
		store_close(store);
	else
		*out = store;
	return rc;
}

enum rc store_open(const char *folder, struct store **out, struct fault *why)
{
	return open_store(folder, true, out, why);
}

enum rc store_open_existing(const char *folder, struct store **out, struct fault *why)
{
	return open_store(folder, false, out, why);
}

static enum rc give_reason(struct fault *why, enum rc rc, const struct fault *cause)
{
	if (why)
		*why = *cause;
	return rc;
}

static enum rc run(struct store_tx *tx, enum db_statement which, struct fault *why)
{
	return db_run(tx, tx->db->statements[which], NULL, why);
}

/* The log still has what the transactions deleted or replaced. Whoever reads just now keeps
 * it there until the next time. */
static void empty_log(struct db *db)
{
	db->busy_ms = DB_EMPTY_MS;
	(void)sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	db->busy_ms = DB_BUSY_MS;
}

static void roll_back(struct db *db)
{
	struct store_tx last = { .db = db };

	if (sqlite3_get_autocommit(db->handle))
		return; /* SQLite has done so itself */
	/* Should this fail, then every later BEGIN does. */
	enum rc rc = run(&last, DB_ROLLBACK, NULL);
	(void)rc;
}

/* Commits the group for all that are ready in it. */
static void finish(struct store *store, struct group *group)
{
	struct store_tx all = { .store = store, .db = &store->writer };
	struct fault why = { "" };
	enum rc rc = RC_OK;

	if (group->settled) /* the database has given up on it */
		rc = group->rc;
	else if (group->ready)
		rc = run(&all, DB_COMMIT, &why);
	/* When only the sync failed, the whole group stands in the log, and whoever opens
	 * the store after a crash would take it for granted: so it is cut off. */
	if (rc != RC_OK || !group->ready)
		roll_back(&store->writer);
	if (rc != RC_OK)
		empty_log(&store->writer);
	group_settle(&store->line, rc, &why);
	if (rc == RC_OK && group->erased)
		empty_log(&store->writer);
}

/* Ends the transaction whose turn it is; part is how it takes part in the group. */
static enum rc end_turn(struct store *store, enum group_part part, struct fault *why)
{
	struct group *group = store->line.open;
	enum rc rc;

	if (group_pass(&store->line, part, &rc, why))
		return rc;
	finish(store, group);
	rc = group->rc;
	if (rc != RC_OK && why)
		*why = group->why;
	group_end(&store->line);
	return rc;
}

/* Takes the transaction out of its group, where the others stay. When the database has
 * rolled all of it back, they have failed with it. */
static void undo(struct store_tx *tx)
{
	struct store_tx again = { .store = tx->store, .db = tx->db };
	struct fault cause = tx->why;

	if (sqlite3_get_autocommit(tx->db->handle) || run(&again, DB_UNDO, &cause) != RC_OK ||
	    run(&again, DB_RELEASE, &cause) != RC_OK)
		group_settle(&tx->store->line, RC_RETRY, &cause);
}

enum rc store_begin(struct store *store, struct store_tx **out, struct fault *why)
{
	struct store_tx *tx = &store->writing;
	struct fault cause;
	enum rc rc = RC_OK;

	group_enter(&store->line);
	*tx = (struct store_tx){ .store = store, .db = &store->writer };
	if (!store->line.open) {
		rc = run(tx, DB_BEGIN, &cause);
		if (rc == RC_OK && (rc = group_open(&store->line, &cause)) != RC_OK)
			roll_back(tx->db);
	}
	if (rc != RC_OK) {
		group_end(&store->line);
		return give_reason(why, rc, &cause);
	}
	rc = run(tx, DB_SAVE, &cause);
	if (rc == RC_OK) {
		*out = tx;
		return RC_OK;
	}
	if (sqlite3_get_autocommit(tx->db->handle))
		group_settle(&store->line, RC_RETRY, &cause);
	(void)!end_turn(store, GROUP_NOTHING, NULL);
	return give_reason(why, rc, &cause);
}

enum rc store_begin_reading(struct store *store, struct store_tx **out, struct fault *why)
{
	pthread_mutex_lock(&store->reading_lock);
	store->reading = (struct store_tx){ .store = store, .db = &store->reader };
	enum rc rc = run(&store->reading, DB_READ, why);
	if (rc != RC_OK)
		pthread_mutex_unlock(&store->reading_lock);
	else
		*out = &store->reading;
	return rc;
}

static void end_reading(struct store *store)
{
	roll_back(&store->reader);
	pthread_mutex_unlock(&store->reading_lock);
}

enum rc store_commit(struct store_tx **txp, struct fault *why)
{
	struct store_tx *tx = TAKE(*txp);
	struct store *store = tx->store;
	struct fault cause;
	enum rc rc = db_check(tx, &cause);

	if (tx == &store->reading) {
		end_reading(store);
		return rc == RC_OK ? rc : give_reason(why, rc, &cause);
	}
	if (rc == RC_OK)
		rc = run(tx, DB_RELEASE, &cause);
	if (rc == RC_OK)
		return end_turn(store, tx->erased ? GROUP_ERASES : GROUP_JOINS, why);
	undo(tx);
	(void)!end_turn(store, GROUP_NOTHING, NULL);
	return give_reason(why, rc, &cause);
}

void store_abandon(struct store_tx **txp)
{
	struct store_tx *tx = TAKE(*txp);

	if (!tx)
		return;
	if (tx == &tx->store->reading) {
		end_reading(tx->store);
		return;
	}
	undo(tx);
	(void)!end_turn(tx->store, GROUP_NOTHING, NULL);
}
