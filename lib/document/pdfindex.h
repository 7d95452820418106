/* document/pdfindex.h: the objects of a PDF file, found by looking for them.
 *
 *     12 0 obj << /Length 44 >> stream … endstream endobj
 *
 * Those in object streams are unpacked and listed behind the others. Where a number
 * comes twice the later one is what a reference means.
 *
 * Memory   a list, and what was unpacked: pdf_index_fini()
 * Threads  one user at a time */
#pragma once

#include "document/pdf.h"
#include "document/pdfvalue.h"

struct pdf_object {
	uint32_t number;
	struct slice body; /* from behind "obj" to the next object or the end */
};

struct pdf_index {
	struct reading *r;
	struct slice bytes;
	struct pdf_object *objects;
	uint32_t *order; /* by number: indexes of objects */
	size_t count, room;
	struct buf *bundles; /* unpacked object streams */
	size_t bundle_count;
	bool encrypted, over;
};

/* RC_NOMEM: told already. */
enum rc pdf_index_init(struct pdf_index *x, struct reading *r, struct slice bytes);
void pdf_index_fini(struct pdf_index *x);

/* What a value is when it is no reference; up to some of those in a row. */
struct pdf_value pdf_resolve(const struct pdf_index *x, struct pdf_value v);
struct pdf_value pdf_find_resolved(const struct pdf_index *x, struct slice dictionary,
				   const char *key);

/* The object that a reference means; NULL for none. */
const struct pdf_object *pdf_object_of(const struct pdf_index *x, struct pdf_value reference);

/* The dictionary of an object, and its stream's bytes as they stand in the file; false
 * where it has none. */
bool pdf_stream_of(const struct pdf_index *x, const struct pdf_object *o, struct slice *dictionary,
		   struct slice *stream);

/* A stream unpacked; buf_free() it. RC_ABSENT: a picture. Others: what there is of it. */
enum rc pdf_unpack(const struct pdf_index *x, const struct pdf_object *o, struct buf *out);
