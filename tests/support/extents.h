/* support/extents.h: the parts of a body in multipart/mixed, boundary "b". */
#pragma once

#include "mime/extents.h"

#include <assert.h>
#include <string.h>

/* In chunks of step bytes. arena_free() its arena. */
static inline struct mime_extents extents_of(struct slice body, size_t step)
{
	const struct mime_limits limits = { 8, 32, 4096, 1 << 20 };
	struct mime_extents parts = { .arena = arena_new(1 << 24) };
	struct mime_decoder *d = mime_decoder_new(limits, &mime_extents_handler, &parts);

	assert(d && parts.arena);
	mime_decoder_header(d, SLICE("Content-Type"), SLICE("multipart/mixed; boundary=b"));
	mime_decoder_headers_end(d);
	while (body.len) {
		size_t n = step < body.len ? step : body.len;
		mime_decoder_body(d, (struct slice){ body.at, n });
		body = (struct slice){ body.at + n, body.len - n };
	}
	mime_decoder_end(d);
	mime_decoder_free(d);
	return parts;
}
