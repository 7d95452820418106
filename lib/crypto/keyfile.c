#include "crypto/keyfile.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/random.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
enum rc keyfile_line(int dir, const char *folder, const char *name, size_t chars, char *text,
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

enum rc keyfile_read(int dir, const char *folder, const char *name, struct crypto_key *out,
		     struct fault *why)
{
	char text[KEYFILE_CHARS + 2];
	enum rc rc = keyfile_line(dir, folder, name, KEYFILE_CHARS, text, why);

	if (rc == RC_OK &&
	    !hex_parse((struct slice){ text, KEYFILE_CHARS }, out->bytes, KEYFILE_CHARS / 2))
		rc = fault(why, RC_INVALID, "%s/%s is not %d hexadecimal digits", folder, name,
			   KEYFILE_CHARS);
	crypto_wipe(text, sizeof text);
	return rc;
}

enum rc keyfile_folder(const char *folder, int *dir, struct fault *why)
{
	*dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0 && errno == ENOENT)
		return fault(why, RC_ABSENT, "there is no folder %s", folder);
	if (*dir < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", folder, strerror(errno));
	return check_private(*dir, folder, "", true, why);
}

enum rc keyfile_write(const char *folder, const char *name, const uint8_t *bytes, size_t len,
		      struct fault *why)
{
	char path[PATH_MAX], text[KEYFILE_CHARS + 2];

	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", folder);
	hex_format(bytes, len, text);
	text[2 * len] = '\n';
	enum rc rc = file_replace(path, (struct slice){ text, 2 * len + 1 }, 0600, why);
	crypto_wipe(text, sizeof text);
	return rc;
}

enum rc keyfile_make(int dir, const char *folder, const char *name, size_t bytes, struct fault *why)
{
	struct crypto_key key;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return RC_OK;
	enum rc rc = crypto_key_make(&key, why);
	if (rc == RC_OK)
		rc = keyfile_write(folder, name, key.bytes, bytes, why);
	crypto_key_wipe(&key);
	return rc;
}

static enum rc overwrite(int fd)
{
	static const char zeros[KEYFILE_CHARS + 1];

	return pwrite(fd, zeros, sizeof zeros, 0) == (ssize_t)sizeof zeros && fsync(fd) == 0
		       ? RC_OK
		       : RC_RETRY;
}

enum rc keyfile_destroy(int dir, const char *folder, const char *name, struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return RC_OK;
	if (fd < 0 || overwrite(fd) != RC_OK || unlinkat(dir, name, 0) < 0 || fsync(dir) < 0)
		return fault(why, RC_RETRY, "cannot destroy %s/%s: %s", folder, name,
			     strerror(errno));
	return RC_OK;
}
