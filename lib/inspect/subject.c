#include "inspect/subject.h"

#include "mime/words.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b)
{
	const struct subject_span *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* The text between two tags. A blank at either side of a tag is enough. */
static void add(struct slice piece, struct buf *rest)
{
	bool apart = rest->len == 0 || slice_blank(rest->at[rest->len - 1]);

	while (apart && piece.len && slice_blank(*piece.at))
		piece = (struct slice){ piece.at + 1, piece.len - 1 };
	(void)!buf_add_slice(rest, piece);
}

enum rc subject_without(struct slice text, struct subject_span *spans, size_t count,
			struct buf *out)
{
	struct buf rest = BUF_INIT(text.len);
	size_t at = 0;

	if (count)
		qsort(spans, count, sizeof *spans, by_start);
	for (size_t i = 0; i < count; i++) {
		size_t to = spans[i].to < text.len ? spans[i].to : text.len;
		if (spans[i].from > at)
			add((struct slice){ text.at + at, spans[i].from - at }, &rest);
		at = to > at ? to : at;
	}
	add((struct slice){ text.at + at, text.len - at }, &rest);

	enum rc rc = buf_state(&rest);
	if (rc == RC_OK)
		rc = mime_words_encode(slice_trim(buf_slice(&rest)), out);
	buf_free(&rest);
	return rc;
}
