#include "base/spool.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spool {
	struct buf head; /* what is not in the file: all, or nothing once there is a file */
	int fd;          /* -1: none yet */
	uint64_t size, total_max;
	size_t memory_max;
	enum rc state;
	char folder[];
};

struct spool *spool_new(size_t memory_max, uint64_t total_max, const char *folder)
{
	size_t len = strlen(folder) + 1;
	struct spool *s = malloc(sizeof *s + len);

	if (!s)
		return NULL;
	*s = (struct spool){ .head = BUF_INIT(memory_max),
			     .fd = -1,
			     .total_max = total_max,
			     .memory_max = memory_max };
	memcpy(s->folder, folder, len);
	return s;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	buf_free(&s->head);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static enum rc broken(struct spool *s, enum rc rc, struct fault *why, const char *verb)
{
	s->state = rc;
	return fault(why, rc, "cannot %s a temporary file in %s: %s", verb, s->folder,
		     strerror(errno));
}

static enum rc write_out(struct spool *s, const char *bytes, size_t len, struct fault *why)
{
	while (len) {
		ssize_t n = write(s->fd, bytes, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(s, RC_RETRY, why, "write");
		bytes += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

static enum rc move_to_file(struct spool *s, struct fault *why)
{
	s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (s->fd < 0)
		return broken(s, RC_RETRY, why, "make");
	enum rc rc = write_out(s, s->head.at, s->head.len, why);
	buf_free(&s->head);
	return rc;
}

enum rc spool_add(struct spool *s, const void *bytes, size_t len, struct fault *why)
{
	if (s->state != RC_OK)
		return fault(why, s->state, "the message could not be kept");
	if (len > s->total_max - s->size) {
		s->state = RC_LIMIT;
		return fault(why, RC_LIMIT, "the message is larger than %llu bytes",
			     (unsigned long long)s->total_max);
	}
	enum rc rc = RC_OK;
	if (s->fd < 0 && len > s->memory_max - s->head.len)
		rc = move_to_file(s, why);
	if (rc == RC_OK && s->fd >= 0)
		rc = write_out(s, bytes, len, why);
	else if (rc == RC_OK && (rc = buf_add(&s->head, bytes, len)) != RC_OK)
		s->state = fault(why, rc, "out of memory");
	if (rc == RC_OK)
		s->size += len;
	return rc;
}

uint64_t spool_size(const struct spool *s)
{
	return s->size;
}

enum rc spool_read(const struct spool *s, uint64_t offset, void *to, size_t room, size_t *got,
		   struct fault *why)
{
	if (s->state != RC_OK)
		return fault(why, s->state, "the message could not be kept");
	if (offset >= s->size || room == 0) {
		*got = 0;
		return RC_OK;
	}
	if (s->fd < 0) {
		size_t left = s->head.len - (size_t)offset;
		*got = left < room ? left : room;
		memcpy(to, s->head.at + offset, *got);
		return RC_OK;
	}
	ssize_t n;
	do
		n = pread(s->fd, to, room, (off_t)offset);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return fault(why, RC_RETRY, "cannot read a temporary file in %s: %s", s->folder,
			     n < 0 ? strerror(errno) : "it is shorter than it was");
	*got = (size_t)n;
	return RC_OK;
}
