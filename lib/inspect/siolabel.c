#include "inspect/siolabel.h"

#include "mime/param.h"

#include <string.h>

enum { CHARSET_GROWTH = 4 /* UTF-8 for one byte of another charset, at most */ };

/* A field of parameters alone, where mime/param.h expects a word ahead of them. */
static enum rc find_marking(struct slice value, struct buf *marking)
{
	struct buf field = BUF_INIT(value.len + 1);
	enum rc rc = buf_add_byte(&field, ';');

	if (rc == RC_OK)
		rc = buf_add_slice(&field, value);
	if (rc == RC_OK)
		rc = mime_param_find(buf_slice(&field), "marking", marking);
	buf_free(&field);
	return rc;
}

size_t siolabel_take(struct slice name, struct slice value, struct detector_hit *hits)
{
	struct buf marking = BUF_INIT(CHARSET_GROWTH * value.len + 1);

	if (!slice_same_nocase(name, SLICE("SIO-Label")))
		return 0;
	hits[0] = (struct detector_hit){ .len = value.len };
	if (find_marking(value, &marking) == RC_OK) {
		struct slice text = slice_trim(buf_slice(&marking));
		if (text.len && text.len <= DETECTOR_VALUE_MAX) {
			memcpy(hits[0].value, text.at, text.len);
			hits[0].value_len = text.len;
		}
	}
	buf_free(&marking);
	return 1;
}
