#include "audit/tail.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW = 2 * AUDIT_LINE_MAX };

/* Adds length bytes from offset to out. */
static enum rc read_at(int fd, uint64_t offset, uint64_t length, struct buf *out, struct fault *why)
{
	char *space;

	if (buf_reserve(out, length, &space) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	for (uint64_t got = 0; got < length;) {
		ssize_t n = pread(fd, space + got, length - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault(why, RC_RETRY, "cannot read: %s",
				     n < 0 ? strerror(errno) : "the file shrinks");
		got += (uint64_t)n;
	}
	buf_added(out, length);
	return RC_OK;
}

/* The start of the line that ends at end (its line end not counted). */
static size_t line_start(struct slice bytes, size_t end)
{
	const char *before = end ? memrchr(bytes.at, '\n', end) : NULL;

	return before ? (size_t)(before - bytes.at) + 1 : 0;
}

/* Walks backwards over whole lines to one that is a record. bytes are the file's last,
 * from offset on. */
static enum rc find_in(struct slice bytes, uint64_t offset, struct audit_tail *out,
		       struct fault *why)
{
	size_t lines = 0, stop = bytes.len;

	for (;;) {
		const char *end = stop ? memrchr(bytes.at, '\n', stop) : NULL;
		if (!end)
			break;
		size_t at = (size_t)(end - bytes.at), start = line_start(bytes, at);
		struct slice line = { bytes.at + start, at - start };
		struct audit_link link;
		lines++;
		enum rc rc = audit_link_read(line, &link, NULL);
		if (rc == RC_OK) {
			out->any = true;
			out->seq = link.seq;
			out->end = offset + at + 1;
			return audit_line_hash(line, out->hash, why);
		}
		if (rc != RC_INVALID)
			return fault(why, rc, "out of memory");
		stop = start ? start : 0;
	}
	if (lines || offset)
		return fault(why, RC_INVALID, "its end holds no audit record");
	return RC_OK; /* nothing but one torn line: there never was a whole one */
}

enum rc audit_tail_find(int fd, struct audit_tail *out, struct fault *why)
{
	struct audit_tail tail = { 0 };
	struct buf bytes = BUF_INIT(WINDOW);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fault(why, RC_RETRY, "cannot look at it: %s", strerror(errno));
	uint64_t size = (uint64_t)st.st_size, length = size < WINDOW ? size : WINDOW;
	enum rc rc = read_at(fd, size - length, length, &bytes, why);
	if (rc == RC_OK)
		rc = find_in(buf_slice(&bytes), size - length, &tail, why);
	buf_free(&bytes);
	if (rc != RC_OK)
		return rc;
	tail.torn = size - tail.end;
	*out = tail;
	return RC_OK;
}

enum rc audit_tail_cut(int fd, const struct audit_tail *tail, const char *aside, struct fault *why)
{
	struct buf bytes = BUF_INIT(WINDOW);

	if (tail->torn == 0)
		return RC_OK;
	enum rc rc = read_at(fd, tail->end, tail->torn, &bytes, why);
	if (rc == RC_OK)
		rc = file_replace(aside, buf_slice(&bytes), 0640, why);
	buf_free(&bytes);
	if (rc != RC_OK)
		return rc == RC_NOMEM ? rc : RC_RETRY;
	if (ftruncate(fd, (off_t)tail->end) < 0 || fsync(fd) < 0)
		return fault(why, RC_RETRY, "cannot cut off a torn line: %s", strerror(errno));
	return RC_OK;
}

/* Whether name is base.X or base-X, as rotation makes them, and none of our own. */
static bool is_rotated(const char *name, const char *base)
{
	size_t len = strlen(base);

	if (strncmp(name, base, len) != 0 || (name[len] != '.' && name[len] != '-'))
		return false;
	return strcmp(name + len, ".lock") != 0 && strncmp(name + len, ".torn-", 6) != 0;
}

static void look_at(int folder, const char *name, struct audit_tail *best)
{
	CLEANUP(cleanup_fd)
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct audit_tail tail;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (audit_tail_find(fd, &tail, NULL) == RC_OK && tail.any && tail.seq > best->seq)
		*best = tail;
}

enum rc audit_tail_find_rotated(const char *path, struct audit_tail *out, struct fault *why)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	struct audit_tail best = { 0 };

	CLEANUP(cleanup_free)
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	if (!folder)
		return fault(why, RC_NOMEM, "out of memory");
	DIR *dir = opendir(folder);
	for (struct dirent *e; dir && (e = readdir(dir));)
		if (is_rotated(e->d_name, base))
			look_at(dirfd(dir), e->d_name, &best);
	if (dir)
		closedir(dir);
	*out = best;
	return RC_OK;
}
