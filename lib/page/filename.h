/* page/filename.h: the name under which a browser saves what it downloads.
 *
 *     ../../etc/passwd           →  passwd
 *     Content-Disposition: attachment; filename="Angebot _.pdf";
 *             filename*=UTF-8''Angebot%20%E2%82%AC.pdf
 *
 * The name comes from inside a message, so from a stranger. It is only ever told to the
 * browser; no file here is named after it.
 *
 * Standard  RFC 6266 §4, Appendix D; RFC 8187 §3.2
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

enum { PAGE_FILENAME_MAX = 150 }; /* bytes; file systems allow 255, and endings are added */

/* A character that turns text around, ends a line or cannot be seen: in one line from a stranger
 * it can only mislead. */
bool page_filename_is_mark(uint32_t code);

/* Adds name without folders, controls, direction marks, characters that a file system gives a
 * meaning to, and dots at either end; fallback when nothing is left. At most
 * PAGE_FILENAME_MAX bytes, cut between characters with its ending kept. */
enum rc page_filename_clean(struct slice name, const char *fallback, struct buf *out);

/* Adds the value of Content-Disposition for a name that was cleaned. */
enum rc page_filename_disposition(struct slice clean, struct buf *out);
