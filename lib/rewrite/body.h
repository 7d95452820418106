/* rewrite/body.h: the body of a rewritten message: what is left of it, byte for byte, the text
 * in place of what was taken out, and the blank lines of rewrite/pad.h.
 *
 * Where the whole body was taken out, the new one is a multipart/mixed of one part, so that
 * there is a place for blank lines that no reader shows.
 *
 * Memory   a splice over the spool, in its arena
 * Threads  pure functions, but for the spool */
#pragma once

#include "rewrite/cut.h"
#include "rewrite/pad.h"

struct rewrite_old { /* the message as it came; borrowed */
	const struct spool *raw;
	uint64_t body_at;
	struct rewrite_room room;
	const char *tag; /* of the boundary: "postern-" and it */
};

/* text: fields, empty line and body of a part, without the last line end; borrowed. Adds to *out,
 * whose arena is set. RC_NOMEM. */
enum rc rewrite_body(const struct rewrite_old *old, const struct rewrite_cuts *cuts,
		     const char *text, struct splice *out, struct fault *why);

/* " multipart/mixed; boundary=\"postern-TAG\"": of a new whole body. NULL: no memory. */
const char *rewrite_body_type(const char *tag, struct arena *arena);
