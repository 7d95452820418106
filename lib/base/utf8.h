/* base/utf8.h: whether bytes are UTF-8, and what they spell.
 *
 * Standard  RFC 3629: no surrogates, no over-long forms, nothing past U+10FFFF
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

enum { UTF8_BAD = 0xfffd }; /* U+FFFD, what stands for bytes that are no character */

/* Takes one character off the front of *s, which is not empty. Where the bytes
 * are no character, drops the longest run that could have begun one, at least
 * one byte (the practice of Unicode §3.9), sets *code to UTF8_BAD, and is false. */
bool utf8_take(struct slice *s, uint32_t *code);

bool utf8_is_valid(struct slice s);
