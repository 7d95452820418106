/* mime/param.h: the parameters of Content-Type and Content-Disposition.
 *
 *     attachment; filename*0*=utf-8''na%C3%AF; filename*1="ve.pdf"   → naïve.pdf
 *
 * Read as mail readers do: comments are skipped, a missing quote ends with the
 * value, encoded words in a value are decoded though RFC 2047 §5 forbids them.
 *
 * Standard  RFC 2045 §5.1 (form), RFC 2231 §3 (continuations), §4 (charsets)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

enum { PARAM_SECTIONS = 64 /* pieces of one parameter; we have seen 8 */ };

/* Adds the word before the parameters, in lower case: "text/html". Nothing for a
 * value that has none. */
enum rc mime_param_head(struct slice value, struct buf *out);

/* Adds the parameter's value in UTF-8, the extended form before the plain one
 * where both stand (RFC 2231 §4), the first where one is repeated.
 *   RC_ABSENT   there is none, out is as it was
 *   RC_LIMIT    more than PARAM_SECTIONS pieces, or more than out may hold */
enum rc mime_param_find(struct slice value, const char *name, struct buf *out);
