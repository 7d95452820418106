#include "crypto/keys.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypto/keyfile.h"
#include "crypto/sign.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct key_file {
	const char *name;
	size_t at;
} files[] = {
	{ "site.key", offsetof(struct crypto_keys, site) },
	{ "verifier.key", offsetof(struct crypto_keys, verifier) },
	{ "outbox.key", offsetof(struct crypto_keys, outbox) },
	{ "retry.key", offsetof(struct crypto_keys, retry) },
	{ "header.key", offsetof(struct crypto_keys, header) },
};
enum { FILES = sizeof files / sizeof *files };

static struct crypto_keys *keys_new(void)
{
	struct crypto_keys *keys = mmap(NULL, sizeof *keys, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (keys == MAP_FAILED)
		return NULL;
	keys->dir = -1;
	pthread_mutex_init(&keys->lock, NULL);
	/* As far as the limits of this process go: not swapped, not dumped. */
	(void)mlock(keys, sizeof *keys);
	(void)madvise(keys, sizeof *keys, MADV_DONTDUMP);
	return keys;
}

void crypto_keys_free(struct crypto_keys **keys)
{
	if (!*keys)
		return;
	cleanup_fd(&(*keys)->dir);
	free((*keys)->folder);
	pthread_mutex_destroy(&(*keys)->lock);
	crypto_wipe(*keys, sizeof **keys);
	munmap(TAKE(*keys), sizeof **keys);
}

static enum rc read_token(int dir, const char *folder, struct crypto_keys *keys, struct fault *why)
{
	char text[CRYPTO_TOKEN_CHARS + 2];
	enum rc rc = keyfile_line(dir, folder, "route.token", CRYPTO_TOKEN_CHARS, text, why);

	if (rc != RC_OK)
		return rc;
	if (strspn(text, "0123456789abcdef") != CRYPTO_TOKEN_CHARS)
		return fault(why, RC_INVALID, "%s/route.token is not %d hexadecimal digits", folder,
			     CRYPTO_TOKEN_CHARS);
	memcpy(keys->route_token, text, sizeof keys->route_token);
	return RC_OK;
}

/* "epoch-12.key" → 12; 0 for any other name. */
static uint32_t number_of(const char *name, const char *prefix, const char *ending)
{
	struct slice s = slice_of(name);
	uint64_t number;

	if (!slice_drop_prefix(&s, prefix) || s.len < 5 || s.len > 14 ||
	    memcmp(s.at + s.len - 4, ending, 4) != 0)
		return 0;
	s.len -= 4;
	if (!slice_to_u64(s, &number) || number > UINT32_MAX || s.at[0] == '0')
		return 0;
	return (uint32_t)number;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct crypto_epoch *)a)->number;
	uint32_t y = ((const struct crypto_epoch *)b)->number;

	return (x > y) - (x < y);
}

static void close_listing(DIR **listing)
{
	if (*listing)
		closedir(*listing);
}

static enum rc read_epoch(int dir, const char *folder, const char *name, uint32_t number,
			  struct crypto_keys *keys, struct fault *why)
{
	struct crypto_epoch *epoch = &keys->epochs[keys->epoch_count];

	if (keys->epoch_count == CRYPTO_EPOCHS_MAX)
		return fault(why, RC_LIMIT, "%s has more than %d epoch keys", folder,
			     CRYPTO_EPOCHS_MAX);
	epoch->number = number;
	enum rc rc = keyfile_read(dir, folder, name, &epoch->key, why);
	keys->epoch_count += rc == RC_OK;
	return rc == RC_ABSENT ? RC_OK : rc; /* destroyed just now, by another process */
}

static enum rc read_old_site(int dir, const char *folder, const char *name,
			     struct crypto_keys *keys, struct fault *why)
{
	struct crypto_key pub;

	if (keys->old_site_count == CRYPTO_OLD_SITES_MAX)
		return fault(why, RC_LIMIT, "%s has more than %d old site keys", folder,
			     CRYPTO_OLD_SITES_MAX);
	enum rc rc = keyfile_read(dir, folder, name, &pub, why);
	if (rc == RC_OK)
		memcpy(keys->old_sites[keys->old_site_count++], pub.bytes, sizeof pub.bytes);
	return rc;
}

/* The files that have a number in their names. */
static enum rc read_numbered(int dir, const char *folder, struct crypto_keys *keys,
			     struct fault *why)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_listing) DIR *listing = copy < 0 ? NULL : fdopendir(copy);
	enum rc rc = RC_OK;
	uint32_t number;

	if (!listing)
		return fault(why, RC_RETRY, "cannot list %s: %s", folder, strerror(errno));
	for (struct dirent *e; rc == RC_OK && (e = readdir(listing));) {
		if ((number = number_of(e->d_name, "epoch-", ".key")))
			rc = read_epoch(dir, folder, e->d_name, number, keys, why);
		else if (number_of(e->d_name, "site-", ".pub"))
			rc = read_old_site(dir, folder, e->d_name, keys, why);
	}
	qsort(keys->epochs, keys->epoch_count, sizeof *keys->epochs, by_number);
	return rc;
}

enum { SETTLED_S = 2 }; /* a file system's clock is no coarser */

/* Keeps the folder at hand for crypto_keys_refresh(), with its time, unless it has changed
 * so lately that a change to come could bear the same. */
static enum rc remember(int dir, const char *folder, struct crypto_keys *keys, struct fault *why)
{
	struct timespec now;
	struct stat st;

	keys->dir = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (keys->dir < 0 || fstat(keys->dir, &st) < 0)
		return fault(why, RC_RETRY, "cannot look at %s: %s", folder, strerror(errno));
	clock_gettime(CLOCK_REALTIME, &now);
	if (st.st_mtim.tv_sec + SETTLED_S < now.tv_sec)
		keys->seen = st.st_mtim;
	keys->folder = strdup(folder);
	return keys->folder ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

static enum rc read_keys(int dir, const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = keys_new();

	if (!keys)
		return fault(why, RC_NOMEM, "out of memory");
	/* First, so that what changes while the files are read is seen the next time. */
	enum rc rc = remember(dir, folder, keys, why);
	if (rc == RC_OK)
		rc = read_numbered(dir, folder, keys, why);
	if (rc == RC_OK && keys->epoch_count == 0)
		return fault(why, RC_ABSENT, "%s has no epoch key", folder);
	for (size_t i = 0; rc == RC_OK && i < FILES; i++)
		rc = keyfile_read(dir, folder, files[i].name,
				  (struct crypto_key *)((char *)keys + files[i].at), why);
	if (rc == RC_OK)
		rc = read_token(dir, folder, keys, why);
	if (rc == RC_ABSENT)
		return fault(why, RC_INVALID,
			     "%s has an epoch key but lacks another file (site.key, verifier.key, "
			     "outbox.key, retry.key, header.key, route.token): put it back",
			     folder);
	if (rc == RC_OK)
		*out = TAKE(keys);
	return rc;
}

enum rc crypto_keys_open(const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum rc rc = keyfile_folder(folder, &dir, why);

	return rc == RC_OK ? read_keys(dir, folder, out, why) : rc;
}

enum rc crypto_keys_make(const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum rc rc = file_make_folder(folder, 0700, why);

	if (rc == RC_OK)
		rc = keyfile_folder(folder, &dir, why);
	if (rc != RC_OK)
		return rc;
	/* Two programs that start at once must not make two sets. */
	if (flock(dir, LOCK_EX) < 0)
		return fault(why, RC_RETRY, "cannot lock %s: %s", folder, strerror(errno));
	rc = read_keys(dir, folder, out, NULL);
	if (rc == RC_OK)
		return RC_OK;
	if (rc != RC_ABSENT)
		return read_keys(dir, folder, out, why);

	rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < FILES; i++)
		rc = keyfile_make(dir, folder, files[i].name, CRYPTO_KEY_BYTES, why);
	if (rc == RC_OK)
		rc = keyfile_make(dir, folder, "route.token", CRYPTO_TOKEN_CHARS / 2, why);
	if (rc == RC_OK)
		rc = keyfile_make(dir, folder, "epoch-1.key", CRYPTO_KEY_BYTES, why);
	return rc == RC_OK ? read_keys(dir, folder, out, why) : rc;
}

enum rc crypto_keys_upgrade(const struct crypto_keys *keys, bool make, struct crypto_key *out,
			    struct fault *why)
{
	static const char name[] = "upgrade.key";
	enum rc rc = RC_OK;

	if (!keys->folder)
		return fault(why, RC_ABSENT, "there is no folder of keys");
	if (make)
		rc = keyfile_make(keys->dir, keys->folder, name, CRYPTO_KEY_BYTES, why);
	return rc == RC_OK ? keyfile_read(keys->dir, keys->folder, name, out, why) : rc;
}

/* ---- what changes under a running process ---- */

/* The lock is the only thing that readers of shared keys change. */
static void lock(const struct crypto_keys *keys)
{
	pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)&keys->lock);
}

static void unlock(const struct crypto_keys *keys)
{
	pthread_mutex_unlock((pthread_mutex_t *)(uintptr_t)&keys->lock);
}

bool crypto_keys_epoch(const struct crypto_keys *keys, uint32_t number, struct crypto_key *out)
{
	bool found = false;

	lock(keys);
	for (size_t i = 0; i < keys->epoch_count && !found; i++) {
		found = keys->epochs[i].number == number;
		if (found)
			*out = keys->epochs[i].key;
	}
	unlock(keys);
	return found;
}

void crypto_keys_current(const struct crypto_keys *keys, struct crypto_epoch *out)
{
	lock(keys);
	*out = keys->epochs[keys->epoch_count - 1];
	unlock(keys);
}

size_t crypto_keys_numbers(const struct crypto_keys *keys, uint32_t out[CRYPTO_EPOCHS_MAX])
{
	lock(keys);
	size_t count = keys->epoch_count;
	for (size_t i = 0; i < count; i++)
		out[i] = keys->epochs[i].number;
	unlock(keys);
	return count;
}

void crypto_keys_site(const struct crypto_keys *keys, struct crypto_key *out)
{
	lock(keys);
	*out = keys->site;
	unlock(keys);
}

bool crypto_keys_knows_site(const struct crypto_keys *keys, const uint8_t pub[CRYPTO_KEY_BYTES])
{
	uint8_t current[CRYPTO_PUBLIC_BYTES];
	struct crypto_key site;
	bool known = false;

	crypto_keys_site(keys, &site);
	if (crypto_sign_public(&site, current, NULL) == RC_OK)
		known = memcmp(current, pub, sizeof current) == 0;
	crypto_key_wipe(&site);
	lock(keys);
	for (size_t i = 0; i < keys->old_site_count && !known; i++)
		known = memcmp(keys->old_sites[i], pub, sizeof keys->old_sites[i]) == 0;
	unlock(keys);
	return known;
}

/* What was destroyed is overwritten here too. */
static void take_over(struct crypto_keys *keys, const struct crypto_keys *fresh)
{
	lock(keys);
	keys->site = fresh->site;
	keys->old_site_count = fresh->old_site_count;
	memcpy(keys->old_sites, fresh->old_sites, sizeof keys->old_sites);
	keys->epoch_count = fresh->epoch_count;
	memcpy(keys->epochs, fresh->epochs, sizeof keys->epochs);
	keys->seen = fresh->seen;
	unlock(keys);
}

static bool has_changed(const struct crypto_keys *keys)
{
	struct stat st;

	if (fstat(keys->dir, &st) < 0)
		return true;
	lock(keys);
	bool same =
		st.st_mtim.tv_sec == keys->seen.tv_sec && st.st_mtim.tv_nsec == keys->seen.tv_nsec;
	unlock(keys);
	return !same;
}

enum rc crypto_keys_refresh(struct crypto_keys *keys, struct fault *why)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *fresh = NULL;

	if (!keys->folder || !has_changed(keys))
		return RC_OK;
	enum rc rc = read_keys(keys->dir, keys->folder, &fresh, why);
	if (rc == RC_OK)
		take_over(keys, fresh);
	/* The set was whole when it was opened. */
	return rc == RC_ABSENT ? RC_INVALID : rc;
}
