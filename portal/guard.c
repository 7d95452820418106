#include "guard.h"

#include "base/clock.h"
#include "base/table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct guard_entry {
	struct guard_entry *next, **from;
	int fd;
	int64_t since_ms;
	uint64_t bytes; /* moved since */
	bool moving;    /* a body or an answer, else a header is awaited */
};

struct guard {
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t ending;
	pthread_t thread;
	bool ends;
	struct guard_entry *first;
	struct table *counts; /* of struct count, by name */
};

struct count {
	unsigned n;
};

static bool is_too_slow(const struct guard_entry *entry, int64_t now_ms)
{
	int64_t taken = now_ms - entry->since_ms;

	if (!entry->moving)
		return taken > GUARD_HEADER_MS;
	return taken > GUARD_GRACE_MS + (int64_t)(entry->bytes / GUARD_RATE);
}

/* The server sees its end and cleans up; what the kernel still holds for it goes too. */
static void cut_off(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	(void)shutdown(fd, SHUT_RDWR);
}

static void *look(void *arg)
{
	struct guard *guard = arg;

	pthread_mutex_lock(&guard->lock);
	while (!guard->ends) {
		struct timespec at;

		clock_gettime(CLOCK_MONOTONIC, &at);
		at.tv_sec += 1;
		pthread_cond_timedwait(&guard->ending, &guard->lock, &at);
		for (struct guard_entry *e = guard->first; e; e = e->next)
			if (is_too_slow(e, clock_mono_ms()))
				cut_off(e->fd);
	}
	pthread_mutex_unlock(&guard->lock);
	return NULL;
}

struct guard *guard_new(void)
{
	struct guard *guard = calloc(1, sizeof *guard);
	pthread_condattr_t clock;

	if (!guard)
		return NULL;
	pthread_mutex_init(&guard->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&guard->ending, &clock);
	pthread_condattr_destroy(&clock);
	guard->counts = table_new();
	if (!guard->counts || pthread_create(&guard->thread, NULL, look, guard) != 0) {
		table_free(guard->counts);
		free(guard);
		return NULL;
	}
	return guard;
}

void guard_free(struct guard *guard)
{
	struct slice name;
	void *count;
	size_t at = 0;

	pthread_mutex_lock(&guard->lock);
	guard->ends = true;
	pthread_cond_signal(&guard->ending);
	pthread_mutex_unlock(&guard->lock);
	pthread_join(guard->thread, NULL);
	while (table_next(guard->counts, &at, &name, &count))
		free(count);
	table_free(guard->counts);
	pthread_cond_destroy(&guard->ending);
	pthread_mutex_destroy(&guard->lock);
	free(guard);
}

static bool count_one(struct table *counts, struct slice name)
{
	struct count *count = table_find(counts, name);

	if (!count) {
		count = calloc(1, sizeof *count);
		if (!count)
			return false;
		if (!table_set(counts, name, count, NULL)) {
			free(count);
			return false;
		}
	}
	if (count->n == GUARD_CLIENT_MAX)
		return false;
	count->n++;
	return true;
}

bool guard_count(struct guard *guard, const char *name)
{
	pthread_mutex_lock(&guard->lock);
	bool counted = count_one(guard->counts, slice_of(name));
	pthread_mutex_unlock(&guard->lock);
	return counted;
}

void guard_uncount(struct guard *guard, const char *name)
{
	pthread_mutex_lock(&guard->lock);
	struct count *count = table_find(guard->counts, slice_of(name));
	if (count && --count->n == 0)
		free(table_remove(guard->counts, slice_of(name)));
	pthread_mutex_unlock(&guard->lock);
}

struct guard_entry *guard_enter(struct guard *guard, int fd)
{
	struct guard_entry *entry = calloc(1, sizeof *entry);

	if (!entry)
		return NULL;
	entry->fd = fd;
	entry->since_ms = clock_mono_ms();
	pthread_mutex_lock(&guard->lock);
	entry->next = guard->first;
	entry->from = &guard->first;
	if (guard->first)
		guard->first->from = &entry->next;
	guard->first = entry;
	pthread_mutex_unlock(&guard->lock);
	return entry;
}

void guard_leave(struct guard *guard, struct guard_entry *entry)
{
	if (!entry)
		return;
	pthread_mutex_lock(&guard->lock);
	*entry->from = entry->next;
	if (entry->next)
		entry->next->from = entry->from;
	pthread_mutex_unlock(&guard->lock);
	free(entry);
}

static void begin(struct guard *guard, struct guard_entry *entry, bool moving)
{
	if (!entry)
		return;
	pthread_mutex_lock(&guard->lock);
	entry->moving = moving;
	entry->since_ms = clock_mono_ms();
	entry->bytes = 0;
	pthread_mutex_unlock(&guard->lock);
}

void guard_waits(struct guard *guard, struct guard_entry *entry)
{
	begin(guard, entry, false);
}

void guard_moves(struct guard *guard, struct guard_entry *entry)
{
	begin(guard, entry, true);
}

void guard_moved(struct guard *guard, struct guard_entry *entry, size_t bytes)
{
	if (!entry)
		return;
	pthread_mutex_lock(&guard->lock);
	entry->bytes += bytes;
	pthread_mutex_unlock(&guard->lock);
}
