/* reader/pool.h: documents are read by processes that can do nothing else.
 *
 *     struct reader_heard heard = { … };
 *     reader_pool_read(pool, &job, &heard, of, &spent);
 *
 * A few processes serve all messages, one document at a time each, and start when
 * they are first needed. One that crashes, takes too long or says what it must
 * not is killed, another takes its place, and the document counts as unread: what
 * it told before has been handed on all the same.
 *
 * Memory   each process has its own, within its bound; here 64 KiB during a job
 * Threads  any; each call serves its caller's thread, which it blocks */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "base/spool.h"
#include "reader/wire.h"

struct reader_pool;

struct reader_config {
	const char *program;   /* NULL: reader_program_find() */
	unsigned processes;    /* at most */
	uint64_t memory_bytes; /* of each */
};

struct reader_file {
	struct slice name;
	uint64_t bytes;
	const char *type;
	struct slice hash;
};

/* What a document holds, as it is read. path: inside the document, "" for itself,
 * printable, without the digits that names seldom have. All may be called with
 * strangers' words; texts are valid UTF-8. */
struct reader_heard {
	void (*begin)(void *of, const char *path);
	void (*text)(void *of, struct slice utf8); /* between begin and end */
	void (*end)(void *of);
	/* file: type as in document/filetype.h; hash: SHA-256 in hex, or empty */
	void (*file)(void *of, const char *path, const struct reader_file *file);
	void (*property)(void *of, const char *path, struct slice name, struct slice value);
	void (*label)(void *of, const char *path, struct slice value);
	/* why: a bound's name as in wire_limits, "inspect-ms", "encrypted", a format,
	 * "memory", "reader-crash", "reader-garbage", "reader-forbidden",
	 * "reader-start". */
	void (*opaque)(void *of, const char *path, const char *why);
};

struct reader_job {
	const struct spool *bytes;
	struct slice name; /* of its file; may help to tell what it is */
	struct wire_limits limits;
	unsigned wall_ms; /* [inspect-ms], waiting for a free process counted in */
};

struct reader_spent {
	unsigned wall_ms, cpu_ms;
};

/* NULL: out of memory. */
struct reader_pool *reader_pool_new(const struct reader_config *config);
void reader_pool_free(struct reader_pool *p); /* no call may be under way; NULL is fine */

/* Starts a process, where none is: whether it can be done, before mail comes. As
 * reader_program_start(). */
enum rc reader_pool_try(struct reader_pool *p, struct fault *why);

void reader_pool_read(struct reader_pool *p, const struct reader_job *job,
		      const struct reader_heard *heard, void *of, struct reader_spent *spent);
