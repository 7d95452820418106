/* mime/magic.h: what a body's first bytes say of it.
 *
 *     "%PDF-1.7"   →   a document, "pdf"
 *
 * Threads  pure functions */
#pragma once

#include "mime/content.h"

/* What a body's first bytes say, whatever its header says: MIME_DOCUMENT with its
 * name, or MIME_IGNORED for a picture, else MIME_TEXT for nothing known. declared: the header
 * calls it a picture, sound or the like, so that shorter signs of one count. */
enum { MAGIC_HEAD = 512 /* bytes that are looked at: a tar names itself at 257 */ };
enum mime_kind mime_magic_kind(struct slice head, bool declared, const char **format);

/* Whether a text may be the source of a message or of a page, which its reader reads as that. */
bool mime_magic_is_source(struct slice head);

/* Whether these are no text in any charset of one byte or of UTF-8: one byte in ten of what is
 * compressed or encrypted is a control character, and hardly any of a text. A NUL counts as one,
 * so that UTF-16 is binary here. */
bool mime_magic_is_binary(struct slice head);
