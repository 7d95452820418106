/* mail/base64.h: bytes as lines of a mail.
 *
 *     JVBERi0xLjcKJeLjz9MK…      76 characters and CRLF
 *
 * Standard  RFC 2045 §6.8
 * Memory    a struct buf grows
 * Threads   pure functions; one user at a time per struct */
#pragma once

#include "base/buf.h"

enum { MAIL_BASE64_LINE = 57 }; /* bytes that make a line of 76 characters */

/* Writes the digits alone, (len + 2) / 3 * 4 of them, without a line end; how many. For encoded
 * words (RFC 2047 §4.1) too. */
size_t mail_base64_digits(const uint8_t *bytes, size_t len, char *out);

struct mail_base64 { /* zero to begin with */
	uint8_t kept[MAIL_BASE64_LINE];
	size_t kept_len;
};

/* Adds the lines that are whole. RC_LIMIT and RC_NOMEM from the buffer. */
enum rc mail_base64_add(struct mail_base64 *b, struct slice bytes, struct buf *out);
/* The last line, with its CRLF; nothing when there were no bytes. */
enum rc mail_base64_end(struct mail_base64 *b, struct buf *out);
