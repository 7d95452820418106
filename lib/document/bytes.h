/* document/bytes.h: numbers and stretches of bytes that a stranger has measured.
 *
 * Whatever lies beyond the end is zero, or empty: a format's reader need not ask at
 * each step, and never reads past it.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

/* Little-endian, at a place that may be beyond the end. */
uint32_t bytes_u16(struct slice s, uint64_t at);
uint32_t bytes_u32(struct slice s, uint64_t at);

/* At most len bytes from there. */
struct slice bytes_part(struct slice s, uint64_t at, uint64_t len);
struct slice bytes_after(struct slice s, uint64_t at);

/* Up to a NUL, which is dropped from the front of *s with them. */
struct slice bytes_take_text(struct slice *s);
