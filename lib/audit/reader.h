/* audit/reader.h: the lines of an audit file, one after the other.
 *
 * The file may be larger than memory; it may grow meanwhile.
 *
 * Memory   one line
 * Threads  any */
#pragma once

#include "audit/record.h"

struct audit_line {
	uint64_t number;   /* 1 for the first */
	struct slice text; /* without the line end */
	bool ended;        /* false: the file ends before the line does */
	bool too_long;     /* text is its first AUDIT_LINE_MAX bytes */
};

/* false stops. line lives until it returns. */
typedef bool audit_line_fn(void *arg, const struct audit_line *line);

/* path "-" is standard input.
 *   RC_ABSENT  no such file    RC_INVALID  not ours to read    RC_RETRY  I/O error
 *   RC_NOMEM */
enum rc audit_read(const char *path, audit_line_fn *fn, void *arg, struct fault *why);
