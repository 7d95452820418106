/* base/splice.h: a text put together from pieces of a spooled one and words of our own,
 * without copying it.
 *
 *     0..97 of the spool | "sealed, see below" | 422..431 of the spool | 300 times CRLF
 *
 * Memory   pieces in an arena; what they name is borrowed
 * Threads  one maker; then any number of readers */
#pragma once

#include "base/arena.h"
#include "base/spool.h"

struct splice_piece {
	const struct spool *spool; /* NULL: text, over and over */
	uint64_t from;             /* in the spool */
	struct slice text;
	uint64_t at, len; /* bytes, in the whole */
};

struct splice {
	struct arena *arena;
	size_t count, room;
	struct splice_piece *pieces;
	uint64_t size;
	bool lost; /* memory was out: it is not whole, and cannot be read */
};

/* Each adds at the end; nothing for len 0. The words of text are borrowed. */
void splice_add_text(struct splice *s, struct slice text);
void splice_add_spool(struct splice *s, const struct spool *spool, uint64_t from, uint64_t len);
void splice_add_repeated(struct splice *s, struct slice text, uint64_t len); /* the last cut */

/* Up to room bytes from offset; *got is 0 only at the end.
 *   RC_NOMEM  it is not whole     RC_RETRY  as spool_read(), or the spool is too short */
enum rc splice_read(const struct splice *s, uint64_t offset, void *to, size_t room, size_t *got,
		    struct fault *why);
