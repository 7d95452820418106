/* document/filetype.h: whether a file is what its name says.
 *
 *     offer.pdf    %PDF-…        it is
 *     photo.jpg    PK\3\4…       it is not: zip
 *     letter.doc   {\rtf1…       it is: Word writes both
 *     notes.xyz    …             nobody can say
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

enum { FILETYPE_HEAD = 4096 /* bytes that are looked at */ };

/* A word for what the first bytes are: "pdf", "zip", "png", "program", "text"; ""
 * for nothing known. */
const char *filetype_of(struct slice head);

/* Whether a file of this name may be of that type; true where the name or the type
 * says nothing. */
bool filetype_fits(struct slice name, const char *type);
