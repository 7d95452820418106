/* base/cleanup.h: handles that close themselves when their scope ends.
 *
 *     CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
 *     CLEANUP(cleanup_free) char *text = strdup(name);
 *
 * A scope that hands its handle on sets it to -1 or NULL first, or uses TAKE(). */
#pragma once

#include <stddef.h>

#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* The pointer, and NULL left in its place: ownership moves to the caller. */
#define TAKE(ptr)                                                                                  \
	__extension__({                                                                            \
		__auto_type taken_ = (ptr);                                                        \
		(ptr) = NULL;                                                                      \
		taken_;                                                                            \
	})

void cleanup_fd(const int *fd);  /* closes *fd unless it is negative */
void cleanup_free(void *ptrptr); /* frees *(void **)ptrptr; NULL is fine */
