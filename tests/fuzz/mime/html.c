/* However a page is cut into chunks, the same text comes out, no longer than it. */
#include "mime/html.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t text_of(struct slice in, size_t step, char *out, size_t room)
{
	struct mime_html h = { 0 };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_html_push(&h, &chunk, out + n, room - n);
	}
	return n + mime_html_end(&h, out + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t room = size + 4 * HTML_ROOM;
	char *whole = malloc(room), *cut = malloc(room);
	size_t n = text_of((struct slice){ (const char *)data, size }, size, whole, room);

	assert(n <= size);
	for (size_t step = 1; step < 8; step++) {
		assert(text_of((struct slice){ (const char *)data, size }, step, cut, room) == n);
		assert(memcmp(whole, cut, n) == 0);
	}
	free(whole);
	free(cut);
	return 0;
}
