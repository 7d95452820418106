#include "base/spool.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 8192 /* bytes taken at first, for a short message whole; then twice as many */ };

struct spool_pool {
	pthread_mutex_t lock;
	bool watched; /* spool_pool_rests() has said so */
	size_t count;
	struct rest {
		int fd;
		bool long_since; /* it rested already when the pool was tidied */
	} at[SPOOL_POOL_FILES];
	char folder[];
};

struct spool {
	struct spool_pool *pool; /* NULL: none */
	struct buf head;         /* what is not in the file: all, or nothing once there is a file */
	int fd;                  /* -1: none yet */
	uint64_t size, total_max;
	size_t memory_max;
	enum rc state;
	const char *folder;
	char own_folder[];
};

/* ---- files at rest ---- */

struct spool_pool *spool_pool_new(const char *folder)
{
	size_t len = strlen(folder) + 1;
	struct spool_pool *p = calloc(1, sizeof *p + len);

	if (!p || pthread_mutex_init(&p->lock, NULL) != 0) {
		free(p);
		return NULL;
	}
	memcpy(p->folder, folder, len);
	return p;
}

void spool_pool_free(struct spool_pool *p)
{
	if (!p)
		return;
	while (p->count)
		close(p->at[--p->count].fd);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* The one that rested last: its pages are the likeliest to be in a cache. -1: none. */
static int pool_take(struct spool_pool *p)
{
	pthread_mutex_lock(&p->lock);
	int fd = p->count ? p->at[--p->count].fd : -1;
	pthread_mutex_unlock(&p->lock);
	return fd;
}

static bool pool_keep(struct spool_pool *p, int fd)
{
	pthread_mutex_lock(&p->lock);
	bool room = p->count < SPOOL_POOL_FILES;
	if (room)
		p->at[p->count++] = (struct rest){ .fd = fd };
	pthread_mutex_unlock(&p->lock);
	return room;
}

bool spool_pool_rests(struct spool_pool *p)
{
	pthread_mutex_lock(&p->lock);
	bool fresh = p->count && !p->watched;
	p->watched |= fresh;
	pthread_mutex_unlock(&p->lock);
	return fresh;
}

bool spool_pool_tidy(struct spool_pool *p)
{
	size_t kept = 0;

	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < p->count; i++) {
		if (p->at[i].long_since)
			close(p->at[i].fd);
		else
			p->at[kept++] = (struct rest){ p->at[i].fd, true };
	}
	p->count = kept;
	p->watched = kept > 0;
	pthread_mutex_unlock(&p->lock);
	return kept > 0;
}

/* ---- a spool ---- */

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
	s->folder = memcpy(s->own_folder, folder, len);
	return s;
}

struct spool *spool_new_in(struct spool_pool *p, size_t memory_max, uint64_t total_max)
{
	struct spool *s = spool_new(memory_max, total_max, "");

	if (s) {
		s->pool = p;
		s->folder = p->folder;
	}
	return s;
}

void spool_free(struct spool *s)
{
	if (!s)
		return;
	buf_free(&s->head);
	bool sound = s->state == RC_OK && s->size <= SPOOL_POOL_BYTES;
	if (s->fd >= 0 && !(s->pool && sound && pool_keep(s->pool, s->fd)))
		close(s->fd);
	free(s);
}

static enum rc broken(struct spool *s, enum rc rc, struct fault *why, const char *verb)
{
	s->state = rc;
	return fault(why, rc, "cannot %s a temporary file in %s: %s", verb, s->folder,
		     strerror(errno));
}

static enum rc write_out(struct spool *s, const char *bytes, size_t len, uint64_t at,
			 struct fault *why)
{
	while (len) {
		ssize_t n = pwrite(s->fd, bytes, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(s, RC_RETRY, why, "write");
		bytes += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return RC_OK;
}

static enum rc move_to_file(struct spool *s, struct fault *why)
{
	s->fd = s->pool ? pool_take(s->pool) : -1;
	if (s->fd < 0)
		s->fd = open(s->folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (s->fd < 0)
		return broken(s, RC_RETRY, why, "make");
	enum rc rc = write_out(s, s->head.at, s->head.len, 0, why);
	buf_free(&s->head);
	return rc;
}

static enum rc add_to_head(struct spool *s, const void *bytes, size_t len)
{
	size_t wanted = s->head.len ? 2 * s->head.len : HEAD, most = s->memory_max - s->head.len;
	char *space;

	if (s->head.len + len < s->head.room)
		return buf_add(&s->head, bytes, len);
	wanted = wanted < len ? len : wanted;
	enum rc rc = buf_reserve(&s->head, wanted < most ? wanted : most, &space);
	return rc == RC_OK ? buf_add(&s->head, bytes, len) : rc;
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
		rc = write_out(s, bytes, len, s->size, why);
	else if (rc == RC_OK && (rc = add_to_head(s, bytes, len)) != RC_OK)
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
	if (room > s->size - offset) /* what follows in the file may be another's */
		room = (size_t)(s->size - offset);
	if (s->fd < 0) {
		memcpy(to, s->head.at + offset, room);
		*got = room;
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
