#include "crypto/keys.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/random.h"

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

enum { KEY_CHARS = 2 * CRYPTO_KEY_BYTES };

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
	/* As far as the limits of this process go: not swapped, not dumped. */
	(void)mlock(keys, sizeof *keys);
	(void)madvise(keys, sizeof *keys, MADV_DONTDUMP);
	return keys;
}

void crypto_keys_free(struct crypto_keys **keys)
{
	if (!*keys)
		return;
	crypto_wipe(*keys, sizeof **keys);
	munmap(TAKE(*keys), sizeof **keys);
}

/* Whether only its owner can read it, and the owner is who we are (root may look at all). */
static enum rc check_private(int fd, const char *folder, const char *name, bool is_folder,
			     struct fault *why)
{
	const char *slash = *name ? "/" : "";
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault(why, RC_RETRY, "cannot look at %s%s%s: %s", folder, slash, name,
			     strerror(errno));
	if (is_folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode))
		return fault(why, RC_INVALID, "%s%s%s is not a %s", folder, slash, name,
			     is_folder ? "folder" : "file");
	if (st.st_mode & 077)
		return fault(why, RC_INVALID, "%s%s%s is open to others (mode %04o): chmod %s it",
			     folder, slash, name, (unsigned)st.st_mode & 07777,
			     is_folder ? "0700" : "0600");
	if (st.st_uid != geteuid() && geteuid() != 0)
		return fault(why, RC_INVALID, "%s%s%s belongs to user %u, not to %u", folder, slash,
			     name, (unsigned)st.st_uid, (unsigned)geteuid());
	return RC_OK;
}

/* Reads exactly chars characters and a line end. text holds chars + 2. */
static enum rc read_line(int dir, const char *folder, const char *name, size_t chars, char *text,
			 struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "%s/%s is missing", folder, name);
	if (fd < 0)
		return fault(why, RC_INVALID, "cannot open %s/%s: %s", folder, name,
			     strerror(errno));
	enum rc rc = check_private(fd, folder, name, false, why);
	if (rc != RC_OK)
		return rc;
	ssize_t n = read(fd, text, chars + 2);
	if (n < 0)
		return fault(why, RC_RETRY, "cannot read %s/%s: %s", folder, name, strerror(errno));
	if ((size_t)n != chars + 1 || text[chars] != '\n')
		return fault(why, RC_INVALID, "%s/%s is not %zu characters and a line end", folder,
			     name, chars);
	text[chars] = '\0';
	return RC_OK;
}

static enum rc read_key(int dir, const char *folder, const char *name, struct crypto_key *out,
			struct fault *why)
{
	char text[KEY_CHARS + 2];
	enum rc rc = read_line(dir, folder, name, KEY_CHARS, text, why);

	if (rc == RC_OK && !hex_parse((struct slice){ text, KEY_CHARS }, out->bytes, KEY_CHARS / 2))
		rc = fault(why, RC_INVALID, "%s/%s is not %d hexadecimal digits", folder, name,
			   KEY_CHARS);
	crypto_wipe(text, sizeof text);
	return rc;
}

static enum rc read_token(int dir, const char *folder, struct crypto_keys *keys, struct fault *why)
{
	char text[CRYPTO_TOKEN_CHARS + 2];
	enum rc rc = read_line(dir, folder, "route.token", CRYPTO_TOKEN_CHARS, text, why);

	if (rc != RC_OK)
		return rc;
	if (strspn(text, "0123456789abcdef") != CRYPTO_TOKEN_CHARS)
		return fault(why, RC_INVALID, "%s/route.token is not %d hexadecimal digits", folder,
			     CRYPTO_TOKEN_CHARS);
	memcpy(keys->route_token, text, sizeof keys->route_token);
	return RC_OK;
}

/* "epoch-12.key" → 12; 0 for any other name. */
static uint32_t epoch_of(const char *name)
{
	struct slice s = { name, strlen(name) };
	uint64_t number;

	if (!slice_drop_prefix(&s, "epoch-") || s.len < 5 || s.len > 14 ||
	    memcmp(s.at + s.len - 4, ".key", 4) != 0)
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

static enum rc read_epochs(int dir, const char *folder, struct crypto_keys *keys, struct fault *why)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_listing) DIR *listing = copy < 0 ? NULL : fdopendir(copy);

	if (!listing)
		return fault(why, RC_RETRY, "cannot list %s: %s", folder, strerror(errno));
	for (struct dirent *e; (e = readdir(listing));) {
		uint32_t number = epoch_of(e->d_name);
		if (!number)
			continue;
		if (keys->epoch_count == CRYPTO_EPOCHS_MAX)
			return fault(why, RC_LIMIT, "%s has more than %d epoch keys", folder,
				     CRYPTO_EPOCHS_MAX);
		struct crypto_epoch *epoch = &keys->epochs[keys->epoch_count++];
		epoch->number = number;
		enum rc rc = read_key(dir, folder, e->d_name, &epoch->key, why);
		if (rc != RC_OK)
			return rc;
	}
	qsort(keys->epochs, keys->epoch_count, sizeof *keys->epochs, by_number);
	return RC_OK;
}

static enum rc read_keys(int dir, const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = keys_new();

	if (!keys)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = read_epochs(dir, folder, keys, why);
	if (rc == RC_OK && keys->epoch_count == 0)
		return fault(why, RC_ABSENT, "%s has no epoch key", folder);
	for (size_t i = 0; rc == RC_OK && i < FILES; i++)
		rc = read_key(dir, folder, files[i].name,
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

static enum rc open_folder(const char *folder, int *dir, struct fault *why)
{
	*dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "there is no folder %s", folder);
	if (*dir < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", folder, strerror(errno));
	return check_private(*dir, folder, "", true, why);
}

enum rc crypto_keys_open(const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum rc rc = open_folder(folder, &dir, why);

	return rc == RC_OK ? read_keys(dir, folder, out, why) : rc;
}

static enum rc make_file(int dir, const char *folder, const char *name, size_t bytes,
			 struct fault *why)
{
	char path[PATH_MAX], text[KEY_CHARS + 2];
	struct crypto_key key;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", folder);
	enum rc rc = crypto_key_make(&key, why);
	if (rc != RC_OK)
		return rc;
	hex_format(key.bytes, bytes, text);
	text[2 * bytes] = '\n';
	rc = file_replace(path, (struct slice){ text, 2 * bytes + 1 }, 0600, why);
	crypto_key_wipe(&key);
	crypto_wipe(text, sizeof text);
	return rc;
}

enum rc crypto_keys_make(const char *folder, struct crypto_keys **out, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	enum rc rc = file_make_folder(folder, 0700, why);

	if (rc == RC_OK)
		rc = open_folder(folder, &dir, why);
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
		rc = make_file(dir, folder, files[i].name, CRYPTO_KEY_BYTES, why);
	if (rc == RC_OK)
		rc = make_file(dir, folder, "route.token", CRYPTO_TOKEN_CHARS / 2, why);
	if (rc == RC_OK)
		rc = make_file(dir, folder, "epoch-1.key", CRYPTO_KEY_BYTES, why);
	return rc == RC_OK ? read_keys(dir, folder, out, why) : rc;
}

const struct crypto_key *crypto_keys_epoch(const struct crypto_keys *keys, uint32_t number)
{
	for (size_t i = 0; i < keys->epoch_count; i++)
		if (keys->epochs[i].number == number)
			return &keys->epochs[i].key;
	return NULL;
}

const struct crypto_epoch *crypto_keys_current(const struct crypto_keys *keys)
{
	return &keys->epochs[keys->epoch_count - 1];
}
