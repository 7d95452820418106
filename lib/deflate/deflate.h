/* deflate/deflate.h: short texts made shorter, by words that both ends know.
 *
 *     "the MX records of partner.example are not signed"  →  some 20 bytes
 *
 * Raw deflate with a preset dictionary: what a text shares with the dictionary, or
 * with its own earlier part, costs two or three bytes.
 *
 * Standard  RFC 1951
 * Memory    a coder holds some 60 KB, whatever it codes
 * Threads   one user of a coder at a time */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

struct deflate;

/* dictionary is borrowed and outlives the coder. NULL: out of memory. */
struct deflate *deflate_new(struct slice dictionary);
void deflate_free(struct deflate *d); /* NULL is fine */

/* Adds the coded form of in to out.
 *   RC_LIMIT, RC_NOMEM  from out, which is as it was */
enum rc deflate_pack(struct deflate *d, struct slice in, struct buf *out);

/* Adds what was packed with the same dictionary, never more than out may hold.
 *   RC_INVALID  not a whole packed text
 *   RC_LIMIT    it is longer than out may be      RC_NOMEM
 * out is then as it was. */
enum rc deflate_unpack(struct deflate *d, struct slice in, struct buf *out);
