/* inspect/flaws.h: what a dictionary has for nothing, or for too much, for `postern lint`.
 *
 *     falcon              line 1
 *     Project Falcon      line 2 holds the term of line 1: it tells nothing more
 *     FALCON              line 3 is line 1 again
 *     ok                  two letters: everybody writes that
 *
 * Memory   the dictionary, while it is looked at
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "settings/rules.h"

enum flaws_kind {
	FLAWS_TWICE,  /* the term stands in line `other` already */
	FLAWS_WITHIN, /* whatever holds it holds the term of line `other` */
	FLAWS_SHORT,  /* fewer than FLAWS_LETTERS characters */
};

enum { FLAWS_LETTERS = 3 };

struct flaws_one {
	enum flaws_kind kind;
	unsigned line, other;    /* counted from 1; other: 0 for FLAWS_SHORT */
	struct slice term, held; /* as in the file, folded; held: that of `other` */
};

typedef void flaws_tell(void *of, const struct flaws_one *one);

/* First what stands twice, then the rest in the order of lines. As words_add(). */
enum rc flaws_find(const char *path, const struct rules_place *place, flaws_tell *tell, void *of,
		   struct fault *why);
