/* smtp/stuff.h: a message on its way into DATA, piece by piece.
 *
 *     .hidden CRLF            →  ..hidden CRLF
 *     last line               →  last line CRLF . CRLF
 *
 * Pieces may break anywhere. CRLF is the only line end; a CR alone passes, an LF
 * alone is refused, since what one server takes for a byte in a line is the end
 * of the message to another (SMTP smuggling).
 *
 * Standard  RFC 5321 §4.5.2 (transparency), §2.3.8 and §4.1.1.4 (line ends)
 * Memory    nothing is allocated but in the caller's buffer
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

struct smtp_stuff {    /* all 0 to begin with */
	bool mid_line; /* the last byte was not the LF of a CRLF */
	bool after_cr;
	uint64_t taken; /* bytes, for the words of a refusal */
};

/* Adds piece to out, its lines' leading dots doubled.
 *   RC_INVALID  a bare LF; what stands in out must not be followed by a final dot
 *   RC_LIMIT, RC_NOMEM  of out, which needs room for twice the piece */
enum rc smtp_stuff_add(struct smtp_stuff *stuff, struct slice piece, struct buf *out,
		       struct fault *why);

/* Adds the end: CRLF if the last line lacks it, and the final dot. A CR as the
 * last byte of all gets a CRLF behind it, not an LF. */
enum rc smtp_stuff_end(struct smtp_stuff *stuff, struct buf *out, struct fault *why);
