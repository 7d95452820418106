#include "inspect/shelf.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char magic[8] = { 'P', 'O', 'S', 'T', 'E', 'R', 'N', '1' };

enum {
	HEAD = sizeof magic + 2 * CRYPTO_HASH_BYTES,
	NAME = 2 * CRYPTO_HASH_BYTES, /* hexadecimal digits */
};

static bool is_ours(const struct stat *st)
{
	return (st->st_uid == geteuid() || st->st_uid == 0) &&
	       (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* *fd: the folder's. */
static enum rc open_folder(const char *folder, int *fd, struct fault *why)
{
	CLEANUP(cleanup_fd)
	int dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "there is no %s", folder);
	if (dir < 0 || fstat(dir, &st) < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", folder, strerror(errno));
	if (!is_ours(&st))
		return fault(why, RC_INVALID,
			     "%s belongs to another, or others may write to it: nothing compiled "
			     "is taken from there",
			     folder);
	*fd = dir;
	dir = -1;
	return RC_OK;
}

/* ---- reading ---- */

static enum rc read_file(int fd, size_t size, struct buf *out, struct fault *why)
{
	char *space;
	size_t got = 0;

	if (buf_reserve(out, size, &space) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	while (got < size) {
		ssize_t n = read(fd, space + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault(why, RC_RETRY, "cannot read it: %s",
				     n ? strerror(errno) : "it became shorter");
		got += (size_t)n;
	}
	buf_added(out, size);
	return RC_OK;
}

/* RC_ABSENT: it is damaged. */
static enum rc check(struct slice file, const uint8_t key[CRYPTO_HASH_BYTES], struct fault *why)
{
	uint8_t digest[CRYPTO_HASH_BYTES];
	const char *at = file.at;

	if (file.len < HEAD || memcmp(at, magic, sizeof magic) != 0 ||
	    memcmp(at + sizeof magic, key, CRYPTO_HASH_BYTES) != 0)
		return fault(why, RC_ABSENT, "it is no file of ours");
	enum rc rc = crypto_sha256((struct slice){ at + HEAD, file.len - HEAD }, digest, why);
	if (rc == RC_OK &&
	    memcmp(at + sizeof magic + CRYPTO_HASH_BYTES, digest, sizeof digest) != 0)
		return fault(why, RC_ABSENT, "it is damaged");
	return rc;
}

static enum rc read_checked(int dir, const char *name, const uint8_t key[CRYPTO_HASH_BYTES],
			    struct buf *out, struct fault *why)
{
	CLEANUP(cleanup_fd)
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	CLEANUP(buf_free) struct buf file = BUF_INIT(SHELF_BYTES + HEAD + 1);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "it was never compiled");
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault(why, RC_INVALID, "cannot open it: %s", strerror(errno));
	if (!S_ISREG(st.st_mode) || !is_ours(&st) || st.st_nlink != 1)
		return fault(why, RC_INVALID, "somebody else could have written it");
	enum rc rc = st.st_size > SHELF_BYTES + HEAD
			     ? fault(why, RC_ABSENT, "it is too large to be one")
			     : read_file(fd, (size_t)st.st_size, &file, why);
	if (rc == RC_OK)
		rc = check(buf_slice(&file), key, why);
	if (rc == RC_ABSENT)
		(void)!unlinkat(dir, name, 0);
	if (rc != RC_OK)
		return rc;
	(void)!futimens(fd, NULL); /* used now; else it only goes earlier */
	rc = buf_add(out, file.at + HEAD, file.len - HEAD);
	return rc == RC_OK ? rc : fault(why, RC_NOMEM, "out of memory");
}

enum rc shelf_read(const char *folder, const uint8_t key[CRYPTO_HASH_BYTES], struct buf *out,
		   struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	char name[NAME + 1];
	enum rc rc = open_folder(folder, &dir, why);

	hex_format(key, CRYPTO_HASH_BYTES, name);
	return rc == RC_OK ? read_checked(dir, name, key, out, why) : rc;
}

/* ---- writing ---- */

struct entry {
	char name[NAME_MAX + 1];
	struct timespec used;
};

static int by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? 1 : -1;
	return (x->tv_nsec < y->tv_nsec) - (x->tv_nsec > y->tv_nsec);
}

static size_t list(DIR *d, struct entry **out)
{
	struct entry *entries = NULL;
	const struct dirent *seen;
	size_t count = 0, room = 0;

	while (count < SHELF_NAMES && (seen = readdir(d))) {
		struct stat st;
		if (fstatat(dirfd(d), seen->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    S_ISDIR(st.st_mode))
			continue;
		if (count == room) {
			room = room ? 2 * room : 16;
			struct entry *grown = realloc(entries, room * sizeof *grown);
			if (!grown)
				break;
			entries = grown;
		}
		entries[count].used = st.st_mtim;
		snprintf(entries[count++].name, sizeof entries->name, "%s", seen->d_name);
	}
	*out = entries;
	return count;
}

/* What cannot be taken away stays: it costs room, and no more. */
static void prune(const char *folder, unsigned most)
{
	struct entry *entries;
	DIR *d = opendir(folder);

	if (!d)
		return;
	size_t count = list(d, &entries);
	if (count > most) {
		qsort(entries, count, sizeof *entries, by_use);
		for (size_t i = most; i < count; i++)
			(void)!unlinkat(dirfd(d), entries[i].name, 0);
	}
	free(entries);
	closedir(d);
}

enum rc shelf_write(const char *folder, const uint8_t key[CRYPTO_HASH_BYTES], struct slice bytes,
		    unsigned most, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(buf_free) struct buf file = BUF_INIT(SHELF_BYTES + HEAD + 1);
	uint8_t digest[CRYPTO_HASH_BYTES];
	char name[NAME + 1], path[PATH_MAX];
	enum rc rc = file_make_folder(folder, 0700, why);

	if (rc == RC_OK)
		rc = open_folder(folder, &dir, why);
	if (rc == RC_OK)
		rc = crypto_sha256(bytes, digest, why);
	if (rc != RC_OK)
		return rc;
	hex_format(key, CRYPTO_HASH_BYTES, name);
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return fault(why, RC_INVALID, "path is too long: %.80s", folder);
	(void)!buf_add(&file, magic, sizeof magic);
	(void)!buf_add(&file, key, CRYPTO_HASH_BYTES);
	(void)!buf_add(&file, digest, sizeof digest);
	rc = buf_add_slice(&file, bytes);
	if (rc != RC_OK)
		return fault(why, rc, "%zu bytes are too many to be kept", bytes.len);
	rc = file_replace(path, buf_slice(&file), 0600, why);
	if (rc == RC_OK)
		prune(folder, most);
	return rc;
}
