/* document/rtf.h: Rich Text Format.
 *
 *     {\rtf1\ansi{\info{\author A. Person}} caf\'e9 41\b 11\b0  {\*\x beside}\par}
 *         →   text "café 4111 \n", then "beside"; property "author"
 *
 * What a reader does not show (field codes, bookmarks, lists of styles, whatever a
 * destination is called) comes after the text. Pictures are passed over; embedded
 * objects are read as documents. Hidden text is text.
 *
 * Standard  Rich Text Format Specification 1.9.1; [MS-OLEDS] §2.2 (embedded objects)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

enum {
	RTF_DEPTH_MAX = 500,         /* groups in each other; Word stops at some hundreds */
	RTF_ASIDE_MAX = 1024 * 1024, /* bytes of what comes after; more is told as opaque */
	RTF_WORD_MAX = 32,           /* letters of a control word (specification: 32) */
};

void rtf_read(struct reading *r, struct slice bytes);
