#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST = 1024, /* bytes: most arenas hold little */
	CHUNK = 4096,
};

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *chunks;
	size_t max, held;
};

struct arena *arena_new(size_t max_bytes)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a)
		a->max = max_bytes;
	return a;
}

static void drop_chunks(struct chunk *c)
{
	while (c) {
		struct chunk *next = c->next;
		free(c);
		c = next;
	}
}

void arena_reset(struct arena *a)
{
	struct chunk *keep = a->chunks;

	if (!keep)
		return;
	drop_chunks(keep->next);
	keep->next = NULL;
	keep->used = 0;
	a->held = keep->size;
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	drop_chunks(a->chunks);
	free(a);
}

static bool add_chunk(struct arena *a, size_t need)
{
	size_t usual = a->chunks ? CHUNK : FIRST, size = need > usual ? need : usual;

	if (size > a->max - a->held)
		size = need;
	if (size > a->max - a->held)
		return false;

	struct chunk *c = malloc(sizeof *c + size);
	if (!c)
		return false;
	*c = (struct chunk){ .next = a->chunks, .size = size };
	a->chunks = c;
	a->held += size;
	return true;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

	if (need < size)
		return NULL;
	if (!a->chunks || a->chunks->size - a->chunks->used < need)
		if (!add_chunk(a, need))
			return NULL;

	void *at = a->chunks->bytes + a->chunks->used;
	a->chunks->used += need;
	memset(at, 0, size);
	return at;
}

void *arena_array(struct arena *a, size_t size, size_t count)
{
	size_t bytes;

	return __builtin_mul_overflow(size, count, &bytes) ? NULL : arena_alloc(a, bytes);
}

char *arena_text(struct arena *a, struct slice s)
{
	char *text = arena_alloc(a, s.len + 1);

	if (text && s.len)
		memcpy(text, s.at, s.len);
	return text;
}

char *arena_format(struct arena *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);

	char *text = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	return text;
}
