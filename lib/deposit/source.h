/* deposit/source.h: a message to be sealed, wherever it lies: header, empty line and
 * body as they were received, CRLF at the line ends.
 *
 * It is read more than once and in order, never held whole.
 *
 * Threads  one user at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "base/spool.h"

/* Up to room bytes from offset; *got is 0 only at the end: as spool_read(). */
typedef enum rc deposit_read_fn(const void *arg, uint64_t offset, void *to, size_t room,
				size_t *got, struct fault *why);

struct deposit_source {
	deposit_read_fn *read;
	const void *arg;
	uint64_t size; /* bytes in all */
};

struct deposit_source deposit_source_bytes(const struct slice *bytes); /* *bytes must live on */
struct deposit_source deposit_source_spool(const struct spool *spool);

/* Gives the whole of it to fn, in pieces.
 *   RC_RETRY  it ended before its size, or went on beyond it; or from read or fn */
typedef enum rc deposit_piece_fn(void *arg, struct slice bytes, struct fault *why);
enum rc deposit_source_each(const struct deposit_source *source, deposit_piece_fn *fn, void *arg,
			    struct fault *why);

enum { DEPOSIT_HEADER_MAX = 1 << 20 }; /* bytes looked at for header fields */

/* Adds the header, up to its empty line or the end, to out; of a longer one as much as
 * out may hold, which is whole lines or not. */
enum rc deposit_source_header(const struct deposit_source *source, struct buf *out,
			      struct fault *why);

/* The next field of a header: its name, and its value with folds but without the last
 * line end. False at the end. Lines that are no field are passed over. */
bool deposit_field_take(struct slice *header, struct slice *name, struct slice *value);
