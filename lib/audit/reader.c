#include "audit/reader.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 64 * 1024 };

struct reader {
	struct buf pending; /* read, and not yet handed out */
	uint64_t number;
	bool skipping; /* within a line that was too long: up to its end */
};

static enum rc open_file(const char *path, int *fd, struct fault *why)
{
	*fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
				     : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd >= 0)
		return RC_OK;
	return fault(why, errno == ENOENT ? RC_ABSENT : RC_INVALID, "cannot open %s: %s", path,
		     strerror(errno));
}

/* Hands out a line of length len at the front of pending; drops it with what ends it. */
static bool hand_out(struct reader *r, size_t len, bool ended, audit_line_fn *fn, void *arg)
{
	struct audit_line line = {
		.number = ++r->number,
		.text = { r->pending.at, len < AUDIT_LINE_MAX ? len : AUDIT_LINE_MAX },
		.ended = ended,
		.too_long = len >= AUDIT_LINE_MAX,
	};
	bool on = fn(arg, &line);

	buf_drop(&r->pending, len + (ended ? 1 : 0));
	return on;
}

/* Hands out whole lines. False: fn wants no more. */
static bool drain(struct reader *r, audit_line_fn *fn, void *arg)
{
	for (;;) {
		struct slice rest = buf_slice(&r->pending), line;
		bool ended = slice_take_until(&rest, '\n', &line);

		if (r->skipping) {
			buf_drop(&r->pending, ended ? line.len + 1 : r->pending.len);
			r->skipping = !ended;
			if (!ended)
				return true;
			continue;
		}
		if (!ended && r->pending.len < AUDIT_LINE_MAX)
			return true;
		r->skipping = !ended;
		if (!hand_out(r, ended ? line.len : r->pending.len, ended, fn, arg))
			return false;
	}
}

static enum rc read_lines(int fd, struct reader *r, audit_line_fn *fn, void *arg, struct fault *why)
{
	for (;;) {
		char *space;
		if (buf_reserve(&r->pending, STEP, &space) != RC_OK)
			return fault(why, RC_NOMEM, "out of memory");
		ssize_t n = read(fd, space, STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot read: %s", strerror(errno));
		if (n == 0)
			break;
		buf_added(&r->pending, (size_t)n);
		if (!drain(r, fn, arg))
			return RC_OK;
	}
	if (r->pending.len && !r->skipping)
		(void)hand_out(r, r->pending.len, false, fn, arg);
	return RC_OK;
}

enum rc audit_read(const char *path, audit_line_fn *fn, void *arg, struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = -1;
	struct reader reader = { .pending = BUF_INIT(AUDIT_LINE_MAX + 2 * STEP) };

	enum rc rc = open_file(path, &fd, why);
	if (rc == RC_OK)
		rc = read_lines(fd, &reader, fn, arg, why);
	buf_free(&reader.pending);
	return rc;
}
