/* document/pdffilter.h: the filters of a PDF stream, undone.
 *
 *     << /Filter [/ASCII85Decode /FlateDecode] >> stream … endstream
 *
 * Standard  ISO 32000-1 §7.4
 * Threads   pure functions */
#pragma once

#include "document/pdfvalue.h"

enum { PDF_FILTERS_MAX = 8 /* in a row; two are usual */ };

/* Adds what the filters of a dictionary leave of the bytes.
 *   RC_ABSENT   it is a picture, or a filter that is not known
 *   RC_INVALID  damaged: what came before is in out      RC_LIMIT, RC_NOMEM  from out */
enum rc pdf_unfilter(struct slice dictionary, struct slice bytes, struct buf *out);
