/* base/netstring.h: length-prefixed strings, as socketmap speaks them.
 *
 *     17:strict mx.example,
 *
 * Standard  socketmap_table(5) of Postfix; D. J. Bernstein, "Netstrings", 1997
 * Memory    what is taken borrows from the input
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

enum { NETSTRING_DIGITS_MAX = 9 }; /* of the length: 1 GB, far above every bound given */

/* Takes the netstring at the front of *in and moves *in behind it.
 *   RC_ABSENT   whole so far, but more bytes must come
 *   RC_INVALID  not a netstring: leading zero, no digit, no colon, no comma
 *   RC_LIMIT    announces more than max bytes
 * On failure both are untouched. */
enum rc netstring_take(struct slice *in, size_t max, struct slice *body);

/* Adds body as a netstring; as buf_add(). */
enum rc netstring_add(struct buf *out, struct slice body);
