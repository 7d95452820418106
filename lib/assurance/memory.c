#include "assurance/memory.h"

#include "loop/loop.h"
#include "sts/shelf.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_MS = 30000 };

struct assurance_memory {
	struct loop *loop;
	struct store *store;
	struct loop_timer *retry;
	assurance_memory_failed *failed;
	void *arg;
	struct sts_shelf_change *fresh, **last_fresh; /* not yet handed to a write */

	struct sts_shelf_change *writing; /* the helper thread's while busy */
	enum rc rc;
	struct fault why;
	pthread_mutex_t lock;
	pthread_cond_t rested;
	bool busy; /* under lock: a helper thread is to write, or writes */
};

static void changes_free(struct sts_shelf_change *changes)
{
	for (struct sts_shelf_change *next; changes; changes = next) {
		next = changes->next;
		buf_free(&changes->record);
		free(changes);
	}
}

static void set_busy(struct assurance_memory *memory, bool busy)
{
	pthread_mutex_lock(&memory->lock);
	memory->busy = busy;
	pthread_cond_signal(&memory->rested);
	pthread_mutex_unlock(&memory->lock);
}

static void write_changes(void *arg) /* on a helper thread */
{
	struct assurance_memory *memory = arg;

	memory->rc = sts_shelf_write(memory->store, memory->writing, &memory->why);
	set_busy(memory, false);
}

static void begin(void *arg);

static void on_written(void *arg)
{
	struct assurance_memory *memory = arg;

	if (memory->rc == RC_OK) {
		changes_free(memory->writing);
		memory->writing = NULL;
		begin(memory);
		return;
	}
	if (memory->failed)
		memory->failed(memory->arg, memory->why.text);
	loop_timer_set(memory->retry, RETRY_MS);
}

/* Takes what is fresh behind what a failed write has left. */
static void gather_changes(struct assurance_memory *memory)
{
	struct sts_shelf_change **end = &memory->writing;

	while (*end)
		end = &(*end)->next;
	*end = memory->fresh;
	memory->fresh = NULL;
	memory->last_fresh = &memory->fresh;
}

static void begin(void *arg)
{
	struct assurance_memory *memory = arg;

	gather_changes(memory);
	if (!memory->writing)
		return;
	set_busy(memory, true);
	if (loop_work(memory->loop, write_changes, on_written, memory) != RC_OK) {
		set_busy(memory, false);
		loop_timer_set(memory->retry, RETRY_MS);
	}
}

struct assurance_memory *assurance_memory_new(struct loop *loop, struct store *store,
					      assurance_memory_failed *failed, void *arg)
{
	struct assurance_memory *memory = calloc(1, sizeof *memory);

	if (!memory)
		return NULL;
	memory->loop = loop;
	memory->store = store;
	memory->failed = failed;
	memory->arg = arg;
	memory->last_fresh = &memory->fresh;
	memory->retry = loop_timer_new(loop, begin, memory);
	if (!memory->retry) {
		free(memory);
		return NULL;
	}
	pthread_mutex_init(&memory->lock, NULL);
	pthread_cond_init(&memory->rested, NULL);
	return memory;
}

static void add(struct assurance_memory *memory, const char *domain, bool removed,
		struct slice record, int64_t until_s)
{
	struct sts_shelf_change *change = calloc(1, sizeof *change);
	bool idle = !memory->writing;

	if (!change || strlen(domain) >= sizeof change->domain) {
		free(change);
		return;
	}
	memcpy(change->domain, domain, strlen(domain) + 1);
	change->removed = removed;
	change->until_s = until_s;
	change->record = BUF_INIT(STS_STORED_MAX);
	if (buf_add_slice(&change->record, record) != RC_OK) {
		changes_free(change);
		return;
	}
	*memory->last_fresh = change;
	memory->last_fresh = &change->next;
	if (idle)
		begin(memory);
}

static void save(void *arg, const char *domain, struct slice record, int64_t until_s)
{
	add(arg, domain, false, record, until_s);
}

static void forget(void *arg, const char *domain)
{
	add(arg, domain, true, (struct slice){ 0 }, 0);
}

struct sts_cache_store assurance_memory_hooks(struct assurance_memory *memory)
{
	return (struct sts_cache_store){ .arg = memory, .save = save, .remove = forget };
}

enum rc assurance_memory_close(struct assurance_memory *memory, struct fault *why)
{
	enum rc rc = RC_OK;

	if (!memory)
		return RC_OK;
	pthread_mutex_lock(&memory->lock);
	while (memory->busy)
		pthread_cond_wait(&memory->rested, &memory->lock);
	pthread_mutex_unlock(&memory->lock);

	gather_changes(memory);
	if (memory->writing) /* again, if the loop stopped before it heard of the last */
		rc = sts_shelf_write(memory->store, memory->writing, why);
	changes_free(memory->writing);
	loop_timer_free(memory->retry);
	pthread_cond_destroy(&memory->rested);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
	return rc;
}
