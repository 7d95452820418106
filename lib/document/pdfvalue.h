/* document/pdfvalue.h: the values that a PDF file and its content streams are made of.
 *
 *     << /Type /Font /Widths [500 250] /Title (Offer \(new\)) /Parent 3 0 R >>
 *
 * A dictionary or array is known by the bytes between its brackets; what is in it is
 * taken from there when it is asked for, so that nothing is kept.
 *
 * Standard  ISO 32000-1 §7.2 (lexical), §7.3 (objects)
 * Memory    values borrow from the bytes they were taken from
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

enum { PDF_NEST_MAX = 64 /* arrays and dictionaries in each other; real ones have ten */ };

enum pdf_kind {
	PDF_NOTHING, /* the end, or a closing bracket */
	PDF_NUMBER,
	PDF_NAME,   /* raw: without the slash, as written */
	PDF_STRING, /* raw: between the parentheses */
	PDF_HEX,    /* raw: between the angle brackets */
	PDF_ARRAY,
	PDF_DICTIONARY,
	PDF_REFERENCE, /* number: of the object */
	PDF_WORD,      /* an operator, true, false, null */
};

struct pdf_value {
	enum pdf_kind kind;
	struct slice raw;
	double number;
};

/* Takes one value off the front of *in; PDF_NOTHING leaves it. "3 0 R" is one value. */
struct pdf_value pdf_take(struct slice *in);

/* The same, with "3 0 R" three: in content streams there are no references. */
struct pdf_value pdf_take_plain(struct slice *in);

/* The value of a key; PDF_NOTHING where there is none. */
struct pdf_value pdf_find(struct slice dictionary, const char *key);

bool pdf_is_name(struct pdf_value v, const char *name); /* #41 is A */

/* Adds a string's bytes, escapes undone; a name's likewise. */
void pdf_add_bytes(struct pdf_value v, struct buf *out);

/* Adds a text string as UTF-8: UTF-16 or UTF-8 with a mark, else PDFDocEncoding. */
void pdf_add_text(struct pdf_value v, struct buf *out);

/* Whole numbers within range, 0 for what is none. */
uint32_t pdf_number(struct pdf_value v);

bool pdf_is_blank(char c);
struct slice pdf_skip_blank(struct slice s); /* and comments */
