/* document/pdf.h: PDF files.
 *
 *     offer.pdf     text "page-1"            what its content streams show
 *                   text "object-12"         a form, a note's appearance, a script
 *                   text "strings"           annotations, form fields, bookmarks
 *                   property ""  Title = …   the Info dictionary, XMP
 *                   text "object-7"          an embedded file, a document of its own
 *
 * All objects are read as they stand in the file, whether the cross-reference table
 * knows them or not: what an edit has replaced, or a layer hides, leaves with the file
 * all the same. That, and what a library that shows pages would bring with it onto a
 * mail server, is why it is read here. Encrypted files, and fonts whose codes mean
 * nothing, are told as opaque.
 *
 * Standard  ISO 32000-1 §7.3.8 (streams), §7.5.7 (object streams), §7.6 (encryption),
 *           §7.7.3 (pages), §7.11.4 (embedded files), §14.3 (metadata)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

enum {
	PDF_OBJECTS_MAX = 1000000, /* Word writes some hundreds a page */
	PDF_FONTS_MAX = 256,       /* read at once; half a megabyte each at most */
	PDF_TREE_MAX = 32,         /* from a page up to what it inherits */
	PDF_BUNDLES_MAX = 4096,    /* object streams */
};

void pdf_read(struct reading *r, struct slice bytes);
