#include "crypto/renew.h"

#include "base/cleanup.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/sign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME = 32 };

/* A descriptor of its own, so that closing it lets the lock go. */
static enum rc lock_folder(struct crypto_keys *keys, int *dir, struct fault *why)
{
	if (!keys->folder)
		return fault(why, RC_INVALID, "these keys have no folder");
	*dir = openat(keys->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0 || flock(*dir, LOCK_EX) < 0)
		return fault(why, RC_RETRY, "cannot lock %s: %s", keys->folder, strerror(errno));
	return crypto_keys_refresh(keys, why);
}

enum rc crypto_epoch_make(struct crypto_keys *keys, uint32_t number, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	uint32_t numbers[CRYPTO_EPOCHS_MAX];
	char name[NAME];
	enum rc rc = lock_folder(keys, &dir, why);

	if (rc != RC_OK)
		return rc;
	size_t count = crypto_keys_numbers(keys, numbers);
	if (count == CRYPTO_EPOCHS_MAX)
		return fault(why, RC_LIMIT, "%s has %zu epoch keys, and none can be destroyed",
			     keys->folder, count);
	if (number <= numbers[count - 1])
		return fault(why, RC_INVALID, "epoch %u is no later than epoch %u",
			     (unsigned)number, (unsigned)numbers[count - 1]);
	snprintf(name, sizeof name, "epoch-%u.key", (unsigned)number);
	rc = keyfile_make(dir, keys->folder, name, CRYPTO_KEY_BYTES, why);
	return rc == RC_OK ? crypto_keys_refresh(keys, why) : rc;
}

enum rc crypto_epoch_destroy(struct crypto_keys *keys, uint32_t number, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	uint32_t numbers[CRYPTO_EPOCHS_MAX];
	char name[NAME];
	enum rc rc = lock_folder(keys, &dir, why);

	if (rc != RC_OK)
		return rc;
	size_t count = crypto_keys_numbers(keys, numbers);
	if (number >= numbers[count - 1])
		return fault(why, RC_INVALID, "epoch %u is the current one", (unsigned)number);
	snprintf(name, sizeof name, "epoch-%u.key", (unsigned)number);
	rc = keyfile_destroy(dir, keys->folder, name, why);
	return rc == RC_OK ? crypto_keys_refresh(keys, why) : rc;
}

/* The first number that no old site key has. */
static enum rc free_name(int dir, const char *folder, char name[NAME], struct fault *why)
{
	struct stat st;

	for (unsigned i = 1; i <= CRYPTO_OLD_SITES_MAX; i++) {
		snprintf(name, NAME, "site-%u.pub", i);
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
			return RC_OK;
	}
	return fault(why, RC_LIMIT, "%s has %d old site keys", folder, CRYPTO_OLD_SITES_MAX);
}

enum rc crypto_site_renew(struct crypto_keys *keys, struct fault *why)
{
	CLEANUP(cleanup_fd) int dir = -1;
	CLEANUP(crypto_key_wipe) struct crypto_key site;
	uint8_t pub[CRYPTO_PUBLIC_BYTES];
	char name[NAME];
	enum rc rc = lock_folder(keys, &dir, why);

	crypto_keys_site(keys, &site);
	if (rc == RC_OK)
		rc = crypto_sign_public(&site, pub, why);
	if (rc == RC_OK)
		rc = free_name(dir, keys->folder, name, why);
	/* The old public half first: a crash in between leaves it twice, and nothing lost. */
	if (rc == RC_OK)
		rc = keyfile_write(keys->folder, name, pub, sizeof pub, why);
	if (rc == RC_OK)
		rc = crypto_key_make(&site, why);
	if (rc == RC_OK)
		rc = keyfile_write(keys->folder, "site.key", site.bytes, sizeof site.bytes, why);
	return rc == RC_OK ? crypto_keys_refresh(keys, why) : rc;
}
