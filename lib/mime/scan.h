/* mime/scan.h: the boundary lines of a multipart, found in a stream.
 *
 *     text of a part\r\n--b\r\n        the line end before "--" is the boundary's
 *
 * Lines end with CRLF, LF or CR alone: readers of all three kinds exist. What is
 * no boundary goes on as long runs of bytes, not line by line.
 *
 * Standard  RFC 2046 §5.1.1
 * Threads   one user at a time */
#pragma once

#include "base/slice.h"

enum {
	SCAN_BOUNDARY_MAX = 256, /* bytes; RFC 2046 allows 70 */
	/* "--", a boundary, "--" and some blanks; what follows on the line is not kept. */
	SCAN_LINE_MAX = SCAN_BOUNDARY_MAX + 32,
};

struct mime_scan {
	/* Offsets into all that was pushed: of the next byte; behind the last boundary line;
	 * and, in line(), of the end of what stands before the line and its line end. */
	uint64_t at, after, before;
	unsigned char mode, end_len;
	char end[2]; /* the line end before the line, not yet handed on */
	uint16_t line_len;
	char line[SCAN_LINE_MAX];
};

/* What the stream is handed to. */
struct mime_scan_to {
	void *of;
	void (*bytes)(void *of, struct slice bytes);
	/* line begins with "--". True: it is a boundary, and neither it nor the line
	 * end before it are bytes of a part. */
	bool (*line)(void *of, struct slice line);
	/* Whether the line end belongs to what stands before it all the same: in a
	 * header, where it may be the one that ends it. */
	bool (*keeps_end)(void *of);
};

void mime_scan_push(struct mime_scan *s, struct slice in, const struct mime_scan_to *to);
void mime_scan_end(struct mime_scan *s, const struct mime_scan_to *to);
