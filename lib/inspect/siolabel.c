#include "inspect/siolabel.h"

#include "mime/param.h"

#include <string.h>

enum { CHARSET_GROWTH = 4 /* UTF-8 for one byte of another charset, at most */ };

enum rc siolabel_find(struct slice value, const char *name, struct buf *out)
{
	struct buf field = BUF_INIT(value.len + 1);
	enum rc rc = buf_add_byte(&field, ';'); /* mime/param.h expects a word ahead */

	if (rc == RC_OK)
		rc = buf_add_slice(&field, value);
	if (rc == RC_OK)
		rc = mime_param_find(buf_slice(&field), name, out);
	buf_free(&field);
	return rc;
}

size_t siolabel_take(struct slice name, struct slice value, struct detector_hit *hits)
{
	struct buf marking = BUF_INIT(CHARSET_GROWTH * value.len + 1);

	if (!slice_same_nocase(name, SLICE("SIO-Label")))
		return 0;
	hits[0] = (struct detector_hit){ .len = value.len };
	if (siolabel_find(value, "marking", &marking) == RC_OK) {
		struct slice text = slice_trim(buf_slice(&marking));
		if (text.len && text.len <= DETECTOR_VALUE_MAX) {
			memcpy(hits[0].value, text.at, text.len);
			hits[0].value_len = text.len;
		}
	}
	buf_free(&marking);
	return 1;
}
