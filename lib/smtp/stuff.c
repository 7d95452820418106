#include "smtp/stuff.h"

static enum rc state_of(const struct buf *out, struct fault *why)
{
	enum rc rc = buf_state(out);

	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for the message");
}

enum rc smtp_stuff_add(struct smtp_stuff *stuff, struct slice piece, struct buf *out,
		       struct fault *why)
{
	size_t from = 0; /* of what is not in out yet */

	for (size_t i = 0; i < piece.len; i++) {
		char c = piece.at[i];

		if (c == '\n' && !stuff->after_cr)
			return fault(why, RC_INVALID, "the message has a bare LF at byte %llu",
				     (unsigned long long)(stuff->taken + i));
		if (c == '.' && !stuff->mid_line) {
			(void)buf_add(out, piece.at + from, i + 1 - from);
			from = i; /* the dot goes out again */
		}
		stuff->mid_line = c != '\n';
		stuff->after_cr = c == '\r';
	}
	if (piece.len > from)
		(void)buf_add(out, piece.at + from, piece.len - from);
	stuff->taken += piece.len;
	return state_of(out, why);
}

enum rc smtp_stuff_end(struct smtp_stuff *stuff, struct buf *out, struct fault *why)
{
	if (stuff->mid_line)
		(void)buf_add_text(out, "\r\n");
	(void)buf_add_text(out, ".\r\n");
	stuff->mid_line = false;
	return state_of(out, why);
}
