/* page/language.h: the language that a browser asks for.
 *
 *     Accept-Language: de-CH, de;q=0.9, en;q=0.5
 *
 * Standard  RFC 9110 §12.5.4 (weights), RFC 4647 §3.4 (lookup: de-CH is content with de)
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

enum { PAGE_LANGUAGE_RANGES = 32 }; /* that are looked at; browsers send a handful */

/* Which of the tags ("en", "pt-br": lower case) suits best; 0, the first, when none is asked
 * for or header is no such list. count is at least 1. */
size_t page_language_choose(struct slice header, const char *const *tags, size_t count);
