/* base/spool.h: bytes kept while a message arrives: in memory first, then in a
 * temporary file that has no name and goes with its last descriptor.
 *
 * Memory   the spool owns its bytes; readers borrow the spool
 * Threads  one writer or many readers at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct spool;

/* memory_max bytes are held in memory, total_max in all; folder is where the
 * temporary file is made. NULL: out of memory. */
struct spool *spool_new(size_t memory_max, uint64_t total_max, const char *folder);
void spool_free(struct spool *s); /* NULL is fine */

/* RC_LIMIT: more than total_max. RC_RETRY: the file cannot be made or is full.
 * After a failure the spool is broken: every further call fails the same way. */
enum rc spool_add(struct spool *s, const void *bytes, size_t len, struct fault *why);

uint64_t spool_size(const struct spool *s);

/* Up to room bytes from offset; *got is 0 only at the end. */
enum rc spool_read(const struct spool *s, uint64_t offset, void *to, size_t room, size_t *got,
		   struct fault *why);
