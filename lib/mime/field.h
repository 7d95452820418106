/* mime/field.h: a header section, cut into its fields as it arrives.
 *
 *     Subject: Quarterly\r\n figures\r\n     → "Subject", "Quarterly\r\n figures"
 *
 * A line that is no field ends the header, as for most readers: it and what
 * follows are body. An mbox "From " line in front is skipped.
 *
 * Standard  RFC 5322 §2.2, §2.2.3 (folds); lines end with CRLF or LF
 * Memory    one field at a time, up to the maximum: mime_fields_fini()
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"

struct mime_fields {
	struct buf field; /* the field so far, line ends and all */
	size_t left;      /* bytes that the section may still have */
	bool line_begins, whole, ended, over, first;
	unsigned char empty; /* what the line may still take to be an empty one: 2 CRLF, 1 LF */
	struct slice name, value;
};

void mime_fields_init(struct mime_fields *f, size_t max_bytes);
void mime_fields_fini(struct mime_fields *f);

/* Takes from the front of *in up to the end of one field; true with f->name and
 * f->value set, which live until the next call. False: *in is used up, or the
 * header has ended (f->ended), and *in is body, after mime_fields_rest().
 * f->over becomes true when the section is longer than max_bytes: what is beyond
 * is skipped up to the header's end. */
bool mime_fields_take(struct mime_fields *f, struct slice *in);

/* No more bytes come: the last field, if there is one. */
bool mime_fields_end(struct mime_fields *f);

/* Once ended: bytes taken that turned out to be body. */
struct slice mime_fields_rest(const struct mime_fields *f);
