#include "store/group.h"

#include <assert.h>
#include <stdlib.h>

struct group_waiter {
	struct group_waiter *next;
	bool called;
	pthread_cond_t call;
};

void group_line_init(struct group_line *line)
{
	*line = (struct group_line){ .taken = false };
	line->last = &line->first;
	pthread_mutex_init(&line->lock, NULL);
}

void group_line_fini(struct group_line *line)
{
	assert(!line->taken && !line->first && !line->open);
	pthread_mutex_destroy(&line->lock);
}

void group_enter(struct group_line *line)
{
	struct group_waiter self = { .call = PTHREAD_COND_INITIALIZER };

	pthread_mutex_lock(&line->lock);
	if (line->taken) {
		*line->last = &self;
		line->last = &self.next;
		while (!self.called) /* the turn is ours by then, and still taken */
			pthread_cond_wait(&self.call, &line->lock);
	}
	line->taken = true;
	pthread_mutex_unlock(&line->lock);
	pthread_cond_destroy(&self.call);
}

/* Under the lock. */
static void call_next(struct group_line *line)
{
	struct group_waiter *next = line->first;

	line->taken = next != NULL;
	if (!next)
		return;
	line->first = next->next;
	if (!line->first)
		line->last = &line->first;
	next->called = true;
	pthread_cond_signal(&next->call);
}

enum rc group_open(struct group_line *line, struct fault *why)
{
	struct group *group = calloc(1, sizeof *group);

	if (!group)
		return fault(why, RC_NOMEM, "out of memory");
	pthread_cond_init(&group->changed, NULL);
	group->users = 1; /* the line */
	line->open = group;
	return RC_OK;
}

/* Under the lock. */
static void let_go(struct group *group)
{
	if (--group->users)
		return;
	pthread_cond_destroy(&group->changed);
	free(group);
}

bool group_pass(struct group_line *line, enum group_part part, enum rc *rc, struct fault *why)
{
	struct group *group = line->open;

	pthread_mutex_lock(&line->lock);
	group->ready += part != GROUP_NOTHING;
	group->erased |= part == GROUP_ERASES;
	group->begun++;
	bool pass = line->first && group->begun < GROUP_MAX && !group->settled;
	bool wait = part != GROUP_NOTHING || group->ready; /* for what it has read, too */
	*rc = RC_OK;
	if (pass && !wait)
		call_next(line);
	if (pass && wait) {
		group->users++;
		call_next(line);
		while (part == GROUP_ERASES ? !group->over : !group->settled)
			pthread_cond_wait(&group->changed, &line->lock);
		*rc = group->rc;
		if (group->rc != RC_OK && why)
			*why = group->why;
		let_go(group);
	}
	pthread_mutex_unlock(&line->lock);
	return pass;
}

void group_settle(struct group_line *line, enum rc rc, const struct fault *why)
{
	struct group *group = line->open;

	pthread_mutex_lock(&line->lock);
	if (!group->settled) {
		group->settled = true;
		group->rc = rc;
		group->why = rc == RC_OK ? (struct fault){ "" } : *why;
		pthread_cond_broadcast(&group->changed);
	}
	pthread_mutex_unlock(&line->lock);
}

void group_end(struct group_line *line)
{
	pthread_mutex_lock(&line->lock);
	struct group *group = line->open;
	line->open = NULL;
	if (group) {
		group->over = true;
		pthread_cond_broadcast(&group->changed);
		let_go(group);
	}
	call_next(line);
	pthread_mutex_unlock(&line->lock);
}
