/* inspect/mask.h: evidence that shows where to look and not what is there.
 *
 *     4111 1111 1111 1111   →   4111 11** **** 1111
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

enum {
	MASK_MAX = 48,           /* characters of evidence, more are left out */
	MASK_ROOM = MASK_MAX + 1 /* bytes, the NUL counted */
};

/* Writes text to out, NUL-terminated, all but its first and last few letters and
 * digits as "*". Where first and last would leave less than a third of them hidden,
 * a quarter is shown at each end. Blanks and ASCII signs stay; other characters
 * count as letters. Returns out. */
const char *mask_text(struct slice text, size_t first, size_t last, char *out);
