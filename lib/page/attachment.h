/* page/attachment.h: the file within a part, from the part's bytes.
 *
 *     Content-Type: application/pdf\r\n
 *     Content-Transfer-Encoding: base64\r\n
 *     \r\n
 *     JVBERi0x…                                  →  %PDF-1…
 *
 * Its bytes come out as they were attached: a transfer encoding is undone, nothing else.
 *
 * Standard  RFC 2045 §6
 * Memory    the part's header, and a few KiB
 * Threads   one user at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct page_attachment;

/* Takes what comes out; a failure of its own is handed back. */
typedef enum rc page_emit_fn(void *arg, struct slice bytes, struct fault *why);

enum rc page_attachment_new(page_emit_fn *emit, void *arg, struct page_attachment **out,
			    struct fault *why);                 /* RC_NOMEM */
void page_attachment_free(struct page_attachment **attachment); /* for CLEANUP() */
/* The part's bytes, header first; what emit returned when it failed. */
enum rc page_attachment_add(struct page_attachment *attachment, struct slice part,
			    struct fault *why);
enum rc page_attachment_end(struct page_attachment *attachment, struct fault *why);
