/* mime/uublock.h: where a text holds a uuencoded file.
 *
 *     see below                  outside
 *     begin 644 cards.csv        inside
 *     -8V%R9"PT,3$Q,3$Q,3$*      inside
 *     `                          inside
 *     end                        inside
 *     regards                    outside
 *
 * Only found here, and not decoded. However the text is cut, the same blocks are
 * found.
 *
 * Standard  POSIX.1-2017 uuencode (and its base64 form)
 * Threads   one user of a state at a time */
#pragma once

#include "base/slice.h"

enum { UUBLOCK_LINE = 200 /* bytes of a "begin" line: a file name fits, more is none */ };

struct mime_uublock {
	bool inside, skip; /* skip: the rest of the line says nothing */
	unsigned char len;
	char line[UUBLOCK_LINE];
};

enum mime_uublock_seen {
	UUBLOCK_NONE,   /* what was taken is outside a block */
	UUBLOCK_BEGIN,  /* *piece is a block's first line, borrowed from *u */
	UUBLOCK_INSIDE, /* *piece belongs to a block, borrowed from the text */
	UUBLOCK_END,    /* … and is the last of it */
};

/* Takes the front of *in, which is not empty. */
enum mime_uublock_seen mime_uublock_take(struct mime_uublock *u, struct slice *in,
					 struct slice *piece);
