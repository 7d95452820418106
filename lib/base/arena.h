/* base/arena.h: memory that is given back all at once.
 *
 * What belongs to one message lives in its session's arena and goes at end of
 * message or at abort; callbacks free nothing.
 *
 * Memory   a chunk list with a maximum given at birth
 * Threads  one user at a time */
#pragma once

#include "base/slice.h"

struct arena;

struct arena *arena_new(size_t max_bytes); /* NULL: out of memory */
void arena_reset(struct arena *a);         /* everything handed out is gone */
void arena_free(struct arena *a);          /* NULL is fine */

/* All of them: NULL when the maximum is met or memory is out. Zeroed, aligned
 * for any type. */
void *arena_alloc(struct arena *a, size_t size);
char *arena_text(struct arena *a, struct slice s); /* NUL-terminated copy */
char *arena_format(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
void *arena_array(struct arena *a, size_t size, size_t count); /* checks the product */
