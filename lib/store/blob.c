#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "store/db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAME = 2 * STORE_ID_BYTES + 1,
	SWEEP_AGE_S = 24 * 3600, /* far longer than any message takes from blob to row */
	/* The disk begins to write so much while more comes, so that the sync at the end of a
	 * long blob has little left to wait for. */
	WRITE_BEHIND = 4 << 20,
};

struct store_blob {
	struct store *store;
	enum store_area area;
	uint8_t id[STORE_ID_BYTES];
	char name[NAME];
	struct buf bytes;     /* while it is short */
	int fd;               /* -1: while it is short */
	uint64_t size, begun; /* bytes; of these, given to the disk */
};

static enum rc from_errno(struct fault *why, const char *verb, const char *name)
{
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return fault(why, RC_RETRY, "store is full: cannot %s blob %s", verb, name);
	return fault(why, RC_RETRY, "store failed: cannot %s blob %s: %s", verb, name,
		     strerror(errno));
}

static int folder_of(const struct store *store, enum store_area area)
{
	return store->areas[area].fd;
}

void store_blob_release(struct store_blob **blobp)
{
	struct store_blob *blob = TAKE(*blobp);

	if (!blob)
		return;
	cleanup_fd(&blob->fd);
	buf_free(&blob->bytes);
	free(blob);
}

void store_blob_drop(struct store_blob **blobp)
{
	if (*blobp && (*blobp)->fd >= 0)
		unlinkat(folder_of((*blobp)->store, (*blobp)->area), (*blobp)->name, 0);
	store_blob_release(blobp);
}

enum rc store_blob_new(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
		       struct store_blob **out, struct fault *why)
{
	struct store_blob *blob = calloc(1, sizeof *blob);

	if (!blob)
		return fault(why, RC_NOMEM, "out of memory");
	blob->store = store;
	blob->area = area;
	memcpy(blob->id, id, sizeof blob->id);
	hex_format(id, STORE_ID_BYTES, blob->name);
	blob->bytes = BUF_INIT(STORE_SHORT_MAX);
	blob->fd = -1;
	*out = blob;
	return RC_OK;
}

static enum rc write_all(struct store_blob *blob, struct slice bytes, struct fault *why)
{
	while (bytes.len) {
		ssize_t n = write(blob->fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return from_errno(why, "write", blob->name);
		bytes = (struct slice){ bytes.at + n, bytes.len - (size_t)n };
	}
	if (blob->size - blob->begun < WRITE_BEHIND)
		return RC_OK;
	/* Only a hint: the sync tells whether it went well. */
	(void)!sync_file_range(blob->fd, (off_t)blob->begun, (off_t)(blob->size - blob->begun),
			       SYNC_FILE_RANGE_WRITE);
	blob->begun = blob->size;
	return RC_OK;
}

/* It grows long: a file, under its own name from the start. Nobody looks for it before a
 * row names it, and what a crash leaves is swept up. */
static enum rc make_file(struct store_blob *blob, struct fault *why)
{
	blob->fd = openat(folder_of(blob->store, blob->area), blob->name,
			  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (blob->fd < 0 && errno == EEXIST)
		return fault(why, RC_INVALID, "blob %s is there already", blob->name);
	if (blob->fd < 0)
		return from_errno(why, "create", blob->name);
	enum rc rc = write_all(blob, buf_slice(&blob->bytes), why);
	buf_free(&blob->bytes);
	return rc;
}

enum rc store_blob_write(struct store_blob *blob, struct slice bytes, struct fault *why)
{
	enum rc rc = RC_OK;

	if (bytes.len > STORE_BLOB_MAX - blob->size)
		return fault(why, RC_LIMIT, "blob is longer than %d bytes", STORE_BLOB_MAX);
	blob->size += bytes.len;
	if (blob->fd < 0 && blob->size <= STORE_SHORT_MAX)
		return buf_add_slice(&blob->bytes, bytes) == RC_OK
			       ? RC_OK
			       : fault(why, RC_NOMEM, "out of memory");
	if (blob->fd < 0)
		rc = make_file(blob, why);
	return rc == RC_OK ? write_all(blob, bytes, why) : rc;
}

enum rc store_blob_finish(struct store_blob *blob, struct fault *why)
{
	if (blob->fd < 0)
		return RC_OK;
	if (fsync(blob->fd) < 0)
		return from_errno(why, "sync", blob->name);
	errno = folder_sync(&blob->store->areas[blob->area]);
	return errno ? from_errno(why, "sync", blob->name) : RC_OK;
}

enum rc store_blob_add(struct store_tx *tx, struct store_blob *blob, struct fault *why)
{
	if (blob->fd >= 0)
		return RC_OK; /* it lies there */
	enum rc rc = db_run(tx,
			    db_bind(tx, DB_BLOB_ADD, "ikis", (int64_t)blob->area, blob->id,
				    clock_wall_s(), buf_slice(&blob->bytes)),
			    NULL, why);
	return rc == RC_INVALID ? fault(why, rc, "blob %s is there already", blob->name) : rc;
}

enum rc store_blob_keep(struct store_blob **blobp, struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = TAKE(*blobp);
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_blob_finish(blob, why);

	if (rc == RC_OK && blob->fd < 0) {
		rc = store_begin(blob->store, &tx, why);
		if (rc == RC_OK)
			rc = store_blob_add(tx, blob, why);
		if (rc == RC_OK)
			rc = store_commit(&tx, why);
	}
	if (rc == RC_OK)
		store_blob_release(&blob);
	return rc;
}

/* A short one as a file in memory, which nobody can change. */
static enum rc open_short(struct slice bytes, int *out, struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = memfd_create("blob", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return fault(why, RC_RETRY, "store failed: no file in memory: %s", strerror(errno));
	for (size_t at = 0; at < bytes.len;) {
		ssize_t n = pwrite(fd, bytes.at + at, bytes.len - at, (off_t)at);
		if (n < 0)
			return fault(why, RC_RETRY, "store failed: no file in memory: %s",
				     strerror(errno));
		at += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return fault(why, RC_RETRY, "store failed: no file in memory: %s", strerror(errno));
	*out = fd;
	fd = -1;
	return RC_OK;
}

static enum rc find_short(struct store_tx *tx, enum store_area area,
			  const uint8_t id[STORE_ID_BYTES], int *fd, struct fault *why)
{
	sqlite3_stmt *statement = db_bind(tx, DB_BLOB_GET, "ik", (int64_t)area, id);
	enum rc rc = db_step(tx, statement, why);

	if (rc == RC_OK && fd)
		rc = open_short(db_slice(statement, 0), fd, why);
	db_done(statement);
	return rc;
}

enum rc store_blob_find(struct store_tx *tx, enum store_area area, const uint8_t id[STORE_ID_BYTES],
			struct fault *why)
{
	char name[NAME];

	hex_format(id, STORE_ID_BYTES, name);
	if (faccessat(folder_of(tx->store, area), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	if (errno != ENOENT)
		return from_errno(why, "find", name);
	enum rc rc = find_short(tx, area, id, NULL, why);
	return rc == RC_ABSENT ? fault(why, rc, "there is no blob %s", name) : rc;
}

enum rc store_blob_open(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
			int *fd, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	char name[NAME];
	int opened = openat(folder_of(store, area), hex_format(id, STORE_ID_BYTES, name),
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (opened < 0 && errno != ENOENT)
		return from_errno(why, "open", name);
	if (opened >= 0) {
		*fd = opened;
		return RC_OK;
	}
	enum rc rc = store_begin_reading(store, &tx, why);
	if (rc == RC_OK)
		rc = find_short(tx, area, id, fd, why);
	return rc == RC_ABSENT ? fault(why, rc, "there is no blob %s", name) : rc;
}

enum rc db_blob_remove(struct store_tx *tx, enum store_area area, const uint8_t id[STORE_ID_BYTES],
		       int *count, struct fault *why)
{
	tx->erased = true;
	return db_run(tx, db_bind(tx, DB_BLOB_REMOVE, "ik", (int64_t)area, id), count, why);
}

/* A transaction only where there is something to remove. */
static enum rc remove_short(struct store *store, enum store_area area,
			    const uint8_t id[STORE_ID_BYTES], struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = find_short(tx, area, id, NULL, why);
	store_abandon(&tx);
	if (rc != RC_OK)
		return rc == RC_ABSENT ? RC_OK : rc;
	rc = store_begin(store, &tx, why);
	if (rc == RC_OK)
		rc = db_blob_remove(tx, area, id, NULL, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

enum rc store_blob_remove(struct store *store, enum store_area area,
			  const uint8_t id[STORE_ID_BYTES], struct fault *why)
{
	char name[NAME];
	int gone = unlinkat(folder_of(store, area), hex_format(id, STORE_ID_BYTES, name), 0);

	if (gone < 0 && errno != ENOENT)
		return from_errno(why, "remove", name);
	if (gone < 0)
		return remove_short(store, area, id, why);
	errno = folder_sync(&store->areas[area]);
	return errno ? from_errno(why, "remove", name) : RC_OK;
}

static void close_listing(DIR **listing)
{
	if (*listing)
		closedir(*listing);
}

/* Whether the file of that name may go: ours by its name, old, and named by no row. */
static enum rc is_litter(struct store_tx *tx, enum store_area area, const char *name, int64_t now_s,
			 bool *litter, struct fault *why)
{
	uint8_t id[STORE_ID_BYTES];
	struct stat st;

	*litter = false;
	if (!hex_parse((struct slice){ name, strlen(name) }, id, sizeof id) ||
	    fstatat(folder_of(tx->store, area), name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_mtime > now_s - SWEEP_AGE_S)
		return RC_OK;

	enum db_statement has = area == STORE_BLOBS ? DB_DEPOSIT_HAS : DB_OUTBOX_HAS;
	sqlite3_stmt *statement = db_bind(tx, has, "k", id);
	enum rc rc = db_step(tx, statement, why);
	db_done(statement);
	*litter = rc == RC_ABSENT;
	return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc sweep_area(struct store_tx *tx, enum store_area area, int64_t now_s, unsigned *count,
			  struct fault *why)
{
	int copy = openat(folder_of(tx->store, area), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_listing) DIR *listing = copy < 0 ? NULL : fdopendir(copy);
	bool litter;

	if (!listing)
		return from_errno(why, "list", "folder");
	for (struct dirent *e; (e = readdir(listing));) {
		enum rc rc = is_litter(tx, area, e->d_name, now_s, &litter, why);
		if (rc != RC_OK)
			return rc;
		if (litter && unlinkat(folder_of(tx->store, area), e->d_name, 0) == 0)
			++*count;
	}
	return RC_OK;
}

static enum rc sweep_short(struct store *store, int64_t now_s, unsigned *count, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	int removed = 0;
	enum rc rc = store_begin(store, &tx, why);

	if (rc == RC_OK)
		rc = db_run(tx, db_bind(tx, DB_BLOB_SWEEP, "i", now_s - SWEEP_AGE_S), &removed,
			    why);
	if (rc != RC_OK)
		return rc;
	tx->erased = removed > 0;
	*count += (unsigned)removed;
	return store_commit(&tx, why);
}

static enum rc sweep_files(struct store *store, int64_t now_s, unsigned *count, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = sweep_area(tx, STORE_BLOBS, now_s, count, why);
	return rc == RC_OK ? sweep_area(tx, STORE_OUTBOX, now_s, count, why) : rc;
}

enum rc store_blob_sweep(struct store *store, int64_t now_s, unsigned *count, struct fault *why)
{
	unsigned removed = 0;
	enum rc rc = sweep_files(store, now_s, &removed, why);

	if (rc == RC_OK)
		rc = sweep_short(store, now_s, &removed, why);
	if (rc == RC_OK && count)
		*count = removed;
	return rc;
}
