/* dns/ring.h: lists whose links lie in their elements, each a ring through its head.
 *
 * A link that is in no list is a ring of itself, so that removing it twice is as
 * good as once. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ring {
	struct ring *next, *prev;
};

/* The struct type in which *ptr is the member. */
#define RING_HOLDER(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void ring_init(struct ring *r)
{
	r->next = r->prev = r;
}

static inline bool ring_is_empty(const struct ring *r)
{
	return r->next == r;
}

static inline void ring_remove(struct ring *r)
{
	r->prev->next = r->next;
	r->next->prev = r->prev;
	ring_init(r);
}

/* At the end of head's list, out of the one where it was. */
static inline void ring_append(struct ring *head, struct ring *r)
{
	ring_remove(r);
	r->prev = head->prev;
	r->next = head;
	head->prev->next = r;
	head->prev = r;
}
