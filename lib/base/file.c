#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum rc from_errno(struct fault *why, const char *verb, const char *path)
{
	enum rc rc = RC_RETRY;

	if (errno == ENOENT || errno == ENOTDIR)
		rc = RC_ABSENT;
	else if (errno == EACCES || errno == EPERM || errno == EISDIR || errno == ENAMETOOLONG)
		rc = RC_INVALID;
	else if (errno == ENOMEM)
		rc = RC_NOMEM;
	return fault(why, rc, "cannot %s %s: %s", verb, path, strerror(errno));
}

static enum rc read_all(int fd, const char *path, struct buf *out, struct fault *why)
{
	enum { STEP = 65536 };

	for (;;) {
		size_t left = out->max - out->len;
		size_t want = left < STEP ? left : STEP;
		char *space, extra;
		enum rc rc = buf_reserve(out, want, &space);
		if (rc != RC_OK)
			return fault(why, rc, "cannot read %s: out of memory", path);
		ssize_t n = read(fd, want ? space : &extra, want ? want : 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return from_errno(why, "read", path);
		if (n == 0)
			return RC_OK;
		if (want == 0)
			return fault(why, RC_LIMIT, "%s is larger than %zu bytes", path, out->max);
		buf_added(out, (size_t)n);
	}
}

enum rc file_read(const char *path, struct buf *out, struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return from_errno(why, "open", path);
	if (fstat(fd, &st) < 0)
		return from_errno(why, "look at", path);
	if (!S_ISREG(st.st_mode))
		return fault(why, RC_INVALID, "%s is not a file", path);
	return read_all(fd, path, out, why);
}

enum rc file_write(int fd, const char *name, struct slice bytes, struct fault *why)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot write %s: %s", name, strerror(errno));
		bytes = (struct slice){ bytes.at + n, bytes.len - (size_t)n };
	}
	return RC_OK;
}

static void folder_of(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		snprintf(out, PATH_MAX, ".");
	else if (slash == path)
		snprintf(out, PATH_MAX, "/");
	else
		snprintf(out, PATH_MAX, "%.*s", (int)(slash - path), path);
}

enum rc file_sync_folder(const char *folder, struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return fault(why, RC_RETRY, "cannot sync %s: %s", folder, strerror(errno));
	return RC_OK;
}

static enum rc write_new(const char *path, struct slice bytes, mode_t mode, struct fault *why)
{
	CLEANUP(cleanup_fd)
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0 || fchmod(fd, mode) < 0)
		return from_errno(why, "create", path);
	enum rc rc = file_write(fd, path, bytes, why);
	if (rc != RC_OK)
		return rc;
	return fsync(fd) < 0 ? from_errno(why, "sync", path) : RC_OK;
}

enum rc file_replace(const char *path, struct slice bytes, mode_t mode, struct fault *why)
{
	char beside[PATH_MAX], folder[PATH_MAX];

	if (snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)gettid()) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", path);
	enum rc rc = write_new(beside, bytes, mode, why);
	if (rc == RC_OK && rename(beside, path) < 0)
		rc = from_errno(why, "rename", path);
	if (rc != RC_OK) {
		unlink(beside);
		return rc == RC_ABSENT ? RC_INVALID : rc;
	}
	folder_of(path, folder);
	return file_sync_folder(folder, why);
}

enum rc file_make_folder(const char *path, mode_t mode, struct fault *why)
{
	char part[PATH_MAX];
	struct stat st;

	if (snprintf(part, sizeof part, "%s", path) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", path);
	for (char *c = part + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return fault(why, RC_INVALID, "cannot make %s: %s", part, strerror(errno));
		*c = '/';
	}
	if (mkdir(part, mode) < 0 && errno != EEXIST)
		return fault(why, RC_INVALID, "cannot make %s: %s", part, strerror(errno));
	if (stat(part, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault(why, RC_INVALID, "%s is not a folder", part);
	return RC_OK;
}
