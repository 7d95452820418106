/* mime/words.h: header text as people meant it.
 *
 *     =?utf-8?Q?4111?= =?utf-8?B?IDExMTE=?= offer   → "4111 1111 offer"
 *
 * Folds are undone. Words that stand beside each other are joined, and those of
 * one charset are joined as bytes first: senders split characters across them.
 * Encoded words are read wherever they stand, inside quotes and beside letters
 * too, as mail readers do. A word that is broken stays as it stands.
 *
 * Standard  RFC 2047 §2 (form), §6.2 (joining), RFC 2231 §5 (language suffix)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

/* Adds value's text in UTF-8 to out: RC_OK, or RC_LIMIT and RC_NOMEM as out says.
 * *unknown (may be NULL) becomes true when a word's charset is not known; its
 * bytes come out as UTF-8, or Latin-1 where they are none. */
enum rc mime_words_decode(struct slice value, struct buf *out, bool *unknown);

/* Adds UTF-8 text to out as a header value: as it is where it is printable ASCII
 * without what would read as an encoded word, else in encoded words; with "\n "
 * before 76 columns where it can be broken. */
enum rc mime_words_encode(struct slice text, struct buf *out);
