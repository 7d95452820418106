/* base/fault.h: why a step failed, in words an operator can act on. */
#pragma once

#include "base/rc.h"

struct fault {
	char text[240]; /* printable ASCII, NUL-terminated, "" when unset */
};

/* Writes the reason and hands rc back, so a failure is one statement:
 *     return fault(why, RC_INVALID, "mode is \"%.*s\"", SLICE_ARG(value));
 * Bytes that are not printable ASCII become '?', since reasons quote what
 * strangers sent and end in logs and web pages. why may be NULL. */
enum rc fault(struct fault *why, enum rc rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
