/* document/word.h: the text of a Word 97 to 2003 document.
 *
 * It lies in pieces, in 8 or 16 bits a character, which the table stream lists in
 * order; text that an edit has left behind is not in the list, and is read as any
 * stream's is.
 *
 * Standard  [MS-DOC] §2.4.1 (retrieving text), §2.5 (FIB), §2.9.38 (Clx), §2.8.35 (PlcPcd)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

/* Which table stream there is to give: 0 or 1. */
unsigned word_table(struct slice document);

/* False: it is encrypted, or not one of these; told as opaque where it is encrypted. */
bool word_read(struct reading *r, struct slice document, struct slice table);
