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

/* Temporary files for many spools in turn. To write over a file costs a third of making one,
 * filling and dropping it: the file system finds no new room and gives none back. Of what
 * another spool wrote nothing can be read. Any thread. */
struct spool_pool;

enum {
	SPOOL_POOL_FILES = 8,         /* kept at rest */
	SPOOL_POOL_BYTES = 128 << 20, /* of each: a longer one is not kept, and to drop it
				       * takes a file system its time */
};

struct spool_pool *spool_pool_new(const char *folder); /* NULL: out of memory */
void spool_pool_free(struct spool_pool *p);            /* NULL is fine; no spool uses it any more */

/* The pool outlives the spool. NULL: out of memory. */
struct spool *spool_new_in(struct spool_pool *p, size_t memory_max, uint64_t total_max);

/* True once when a file has come to rest: spool_pool_tidy() is then called after a while, and
 * again as long as it returns true. It closes the files that rested all that while, so that
 * none outlives its message for long. */
bool spool_pool_rests(struct spool_pool *p);
bool spool_pool_tidy(struct spool_pool *p);

/* RC_LIMIT: more than total_max. RC_RETRY: the file cannot be made or is full.
 * After a failure the spool is broken: every further call fails the same way. */
enum rc spool_add(struct spool *s, const void *bytes, size_t len, struct fault *why);

uint64_t spool_size(const struct spool *s);

/* Up to room bytes from offset; *got is 0 only at the end. */
enum rc spool_read(const struct spool *s, uint64_t offset, void *to, size_t room, size_t *got,
		   struct fault *why);
