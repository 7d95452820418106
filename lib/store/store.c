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
	store->areas[area] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->areas[area] < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", path, strerror(errno));
	return RC_OK;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	db_close(store);
	cleanup_fd(&store->areas[STORE_BLOBS]);
	cleanup_fd(&store->areas[STORE_OUTBOX]);
	pthread_mutex_destroy(&store->lock);
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
		rc = db_open(store, path, make, why);
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
	store->areas[STORE_BLOBS] = store->areas[STORE_OUTBOX] = -1;
	pthread_mutex_init(&store->lock, NULL);

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

enum rc store_begin(struct store *store, struct store_tx **out, struct fault *why)
{
	pthread_mutex_lock(&store->lock);
	store->tx = (struct store_tx){ .store = store };
	enum rc rc = db_run(&store->tx, store->statements[DB_BEGIN], NULL, why);
	if (rc != RC_OK)
		pthread_mutex_unlock(&store->lock);
	else
		*out = &store->tx;
	return rc;
}

/* The log still has what the transaction deleted or replaced; another process that
 * reads just now keeps it there until the next time. */
static void empty_log(struct store *store)
{
	sqlite3_busy_timeout(store->db, 0);
	(void)sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(store->db, DB_BUSY_MS);
}

static void roll_back(struct store *store)
{
	struct store_tx last = { .store = store };

	if (sqlite3_get_autocommit(store->db))
		return; /* SQLite has done so itself */
	/* Should this fail, then every later BEGIN does. */
	enum rc rc = db_run(&last, store->statements[DB_ROLLBACK], NULL, NULL);
	(void)rc;
}

enum rc store_commit(struct store_tx **txp, struct fault *why)
{
	struct store_tx *tx = TAKE(*txp);
	struct store *store = tx->store;
	enum rc rc = db_run(tx, store->statements[DB_COMMIT], NULL, why);

	/* When only the sync failed, the whole transaction stands in the log, and whoever
	 * opens the store after a crash would take it for granted: so it is cut off. */
	if (rc != RC_OK)
		roll_back(store);
	if (rc != RC_OK || tx->erased)
		empty_log(store);
	pthread_mutex_unlock(&store->lock);
	return rc;
}

void store_abandon(struct store_tx **txp)
{
	struct store_tx *tx = TAKE(*txp);

	if (!tx)
		return;
	roll_back(tx->store);
	pthread_mutex_unlock(&tx->store->lock);
}
