#include "base/cleanup.h"
#include "base/hex.h"
#include "store/db.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NAME = 2 * STORE_ID_BYTES + 1,
	NAME_NEW = NAME + 4,    /* with ".new" */
	SWEEP_AGE_S = 24 * 3600 /* far longer than any message takes from blob to row */
};

struct store_blob {
	int folder, fd;
	uint64_t size;
	char name[NAME], name_new[NAME_NEW];
};

static enum rc from_errno(struct fault *why, const char *verb, const char *name)
{
	if (errno == ENOSPC || errno == EDQUOT)
		return fault(why, RC_RETRY, "store is full: cannot %s blob %s", verb, name);
	return fault(why, RC_RETRY, "store failed: cannot %s blob %s: %s", verb, name,
		     strerror(errno));
}

void store_blob_drop(struct store_blob **blobp)
{
	struct store_blob *blob = TAKE(*blobp);

	if (!blob)
		return;
	if (blob->fd >= 0) {
		unlinkat(blob->folder, blob->name_new, 0);
		close(blob->fd);
	}
	free(blob);
}

enum rc store_blob_new(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
		       struct store_blob **out, struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = calloc(1, sizeof *blob);

	if (!blob)
		return fault(why, RC_NOMEM, "out of memory");
	hex_format(id, STORE_ID_BYTES, blob->name);
	snprintf(blob->name_new, sizeof blob->name_new, "%s.new", blob->name);
	blob->folder = store->areas[area];
	blob->fd = openat(blob->folder, blob->name_new,
			  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (blob->fd < 0 && errno == EEXIST)
		return fault(why, RC_INVALID, "blob %s is being written already", blob->name);
	if (blob->fd < 0)
		return from_errno(why, "create", blob->name);
	*out = TAKE(blob);
	return RC_OK;
}

enum rc store_blob_write(struct store_blob *blob, struct slice bytes, struct fault *why)
{
	if (bytes.len > STORE_BLOB_MAX - blob->size)
		return fault(why, RC_LIMIT, "blob is longer than %d bytes", STORE_BLOB_MAX);
	blob->size += bytes.len;
	while (bytes.len) {
		ssize_t n = write(blob->fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return from_errno(why, "write", blob->name);
		bytes = (struct slice){ bytes.at + n, bytes.len - (size_t)n };
	}
	return RC_OK;
}

enum rc store_blob_keep(struct store_blob **blobp, struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = TAKE(*blobp);

	if (fsync(blob->fd) < 0)
		return from_errno(why, "sync", blob->name);
	/* A link, not a rename: what has the name already is never replaced. */
	if (linkat(blob->folder, blob->name_new, blob->folder, blob->name, 0) < 0)
		return errno == EEXIST
			       ? fault(why, RC_INVALID, "blob %s is there already", blob->name)
			       : from_errno(why, "name", blob->name);
	unlinkat(blob->folder, blob->name_new, 0);
	if (fsync(blob->folder) < 0) {
		enum rc rc = from_errno(why, "sync", blob->name);
		unlinkat(blob->folder, blob->name, 0);
		return rc;
	}
	return RC_OK;
}

enum rc store_blob_open(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
			int *fd, struct fault *why)
{
	char name[NAME];
	int opened = openat(store->areas[area], hex_format(id, STORE_ID_BYTES, name),
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (opened < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "there is no blob %s", name);
	if (opened < 0)
		return from_errno(why, "open", name);
	*fd = opened;
	return RC_OK;
}

enum rc store_blob_remove(struct store *store, enum store_area area,
			  const uint8_t id[STORE_ID_BYTES], struct fault *why)
{
	char name[NAME];

	if (unlinkat(store->areas[area], hex_format(id, STORE_ID_BYTES, name), 0) < 0 &&
	    errno != ENOENT)
		return from_errno(why, "remove", name);
	if (fsync(store->areas[area]) < 0)
		return from_errno(why, "remove", name);
	return RC_OK;
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
	struct slice rest = { name, strlen(name) }, hex = { name, NAME - 1 };
	uint8_t id[STORE_ID_BYTES];
	struct stat st;

	*litter = false;
	if (rest.len < hex.len || !hex_parse(hex, id, sizeof id))
		return RC_OK;
	rest = (struct slice){ name + hex.len, rest.len - hex.len };
	if (rest.len && !slice_is(rest, ".new"))
		return RC_OK;
	if (fstatat(tx->store->areas[area], name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_mtime > now_s - SWEEP_AGE_S)
		return RC_OK;
	*litter = rest.len > 0;
	if (*litter)
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
	int copy = openat(tx->store->areas[area], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_listing) DIR *listing = copy < 0 ? NULL : fdopendir(copy);
	bool litter;

	if (!listing)
		return from_errno(why, "list", "folder");
	for (struct dirent *e; (e = readdir(listing));) {
		enum rc rc = is_litter(tx, area, e->d_name, now_s, &litter, why);
		if (rc != RC_OK)
			return rc;
		if (litter && unlinkat(tx->store->areas[area], e->d_name, 0) == 0)
			++*count;
	}
	return RC_OK;
}

enum rc store_blob_sweep(struct store *store, int64_t now_s, unsigned *count, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	unsigned removed = 0;
	enum rc rc = store_begin(store, &tx, why);

	if (rc == RC_OK)
		rc = sweep_area(tx, STORE_BLOBS, now_s, &removed, why);
	if (rc == RC_OK)
		rc = sweep_area(tx, STORE_OUTBOX, now_s, &removed, why);
	if (rc == RC_OK && count)
		*count = removed;
	return rc;
}
