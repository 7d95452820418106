/* inspect/subject.h: a Subject without the tags by which its sender asked for
 * protection.
 *
 *     "[secure] =?utf-8?Q?caf=C3=A9?="   →   "=?utf-8?B?Y2Fmw6k=?="
 *
 * Threads  pure functions */
#pragma once

#include "base/buf.h"

struct subject_span {
	size_t from, to;
};

/* Takes the spans, in any order and maybe overlapping, out of the decoded text,
 * folds the blanks that they leave together, and adds the rest to out as a raw
 * header value (mime/words.h). May reorder spans. */
enum rc subject_without(struct slice text, struct subject_span *spans, size_t count,
			struct buf *out);
