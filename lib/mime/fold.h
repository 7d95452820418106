/* mime/fold.h: text as the matcher compares it.
 *
 *     ４111 U+200B 1111 U+2011 ①   →   41111111-1
 *
 * Zero-width and direction marks and NULs go; digits of every script become
 * ASCII ones, dashes "-", blanks " "; the rest takes its NFKC form. ASCII passes at
 * the speed of a copy.
 *
 * Input and output are valid UTF-8. However the input is cut, the same comes out.
 *
 * Standard  Unicode UAX #15 (NFKC), DerivedNumericType=Decimal
 * Threads   one user of a state at a time */
#pragma once

#include "base/slice.h"

enum {
	FOLD_RUN = 64,    /* bytes of a run outside ASCII that are normalised together */
	FOLD_ROOM = 2048, /* bytes: the least room a push needs; NFKC grows up to elevenfold */
};

struct mime_fold {
	unsigned char len;
	char held[FOLD_RUN]; /* the run so far, with the letter before it */
};

size_t mime_fold_push(struct mime_fold *f, struct slice *in, char *out, size_t room);
size_t mime_fold_end(struct mime_fold *f, char *out); /* FOLD_ROOM bytes suffice */
