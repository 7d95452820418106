/* mime/extents.h: where the parts of a message stand, as a list.
 *
 *     struct mime_extents parts = { .arena = arena };
 *     decoder = mime_decoder_new(limits, &mime_extents_handler, &parts);
 *     …    header and body as in mime/decoder.h, to its end
 *     if (parts.lost) …
 *
 *     path ""    multipart/mixed        0..431    parts.at[3]
 *     path "1"   text/plain             7..90     parts.at[0]
 *     path "2"   application/pdf       97..422    parts.at[2], and so on
 *
 * In the order in which they end: a multipart after what is in it. What lies outside of
 * every part (boundary lines, a nested preamble) belongs to the multipart alone.
 *
 * Memory   paths and types are in the arena
 * Threads  one user at a time */
#pragma once

#include "base/arena.h"
#include "mime/decoder.h"

struct mime_extents {
	struct arena *arena;
	size_t count, room;
	struct mime_extent *at;
	bool lost; /* the arena was full: the list is not whole */
};

extern const struct mime_handler mime_extents_handler; /* of a struct mime_extents */

/* The part of that path; where there is none, what it stands in: for "2.1.3" perhaps "2",
 * for "2/preamble" "2", and at last the message's own multipart. NULL: not even that. */
const struct mime_extent *mime_extents_find(const struct mime_extents *parts, const char *path);
