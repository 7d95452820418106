/* mime/utf8.h: one character of UTF-8 at a time, and fast runs of ASCII.
 *
 *     C3 A9 → U+00E9      C3 → cut short      FF → no UTF-8
 *
 * Unlike base/utf8.h it tells a character that a chunk has cut from one that is
 * wrong, and it writes.
 *
 * Standard  RFC 3629 §4: no overlong forms, no surrogates, nothing over U+10FFFF
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

enum { UTF8_MAX = 4 /* bytes of a character */ };

/* The length of the character at the front of s, and the character in *c:
 *    1..4  it is whole      0  s.at[0] begins no character
 *     -1   s ends inside it, and what is there is right (*c is not set) */
int mime_utf8_take(struct slice s, uint32_t *c);

/* Writes c, a scalar value, to out (UTF8_MAX bytes); its length. */
size_t mime_utf8_put(uint32_t c, char *out);

/* How many bytes at the front of s are ASCII and not NUL. */
size_t mime_ascii_run(struct slice s);
