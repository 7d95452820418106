/* mime/reference.h: HTML's character references.
 *
 *     "#52", "#x34", "nbsp", "nbspx"   →   '4', '4', U+00A0, U+00A0 and "x" is left
 *
 * Of the names those that mail uses and those that stand for ASCII, blanks, hyphens and what
 * nobody sees: with them a number can be written otherwise.
 *
 * Standard  HTML Living Standard §13.2.5.72 to §13.2.5.80, §13.5
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

/* name: what follows "&", without the ";" that ended it. True: it begins with a reference to *c,
 * and *rest is what follows that. */
bool mime_reference_read(struct slice name, bool ended, uint32_t *c, struct slice *rest);
