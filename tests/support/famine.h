/* support/famine.h: the n-th allocation finds no memory, and only that one.
 *
 * A program that is linked with --wrap=malloc, --wrap=calloc and --wrap=realloc
 * includes this once; then it counts the calls of our own code, and of no library's.
 *
 *     for (int n = 1; ; n++) {
 *             famine_begin(n);   … the step; check the invariant
 *             if (!famine_end()) break;   it made fewer than n calls
 *     } */
#pragma once

#include <stdbool.h>
#include <stddef.h>

static int famine_left; /* calls until it strikes; 0: it does not */
static bool famine_struck;

static inline void famine_begin(int n)
{
	famine_left = n;
	famine_struck = false;
}

static inline bool famine_end(void)
{
	famine_left = 0;
	return famine_struck;
}

static inline bool famine_strikes(void)
{
	if (famine_left == 0 || --famine_left > 0)
		return false;
	famine_struck = true;
	return true;
}

/* The names are the linker's. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return famine_strikes() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return famine_strikes() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return famine_strikes() ? NULL : __real_realloc(old, size);
}
