/* However a text is cut into chunks, the same lines come out, no longer than it. */
#include "mime/softline.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_of(struct slice in, enum softline_kind kind, size_t step, char *out)
{
	struct mime_softline s = { .kind = kind };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_softline_push(&s, &chunk, out + n, SOFTLINE_ROOM);
	}
	return n + mime_softline_end(&s, out + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	char *whole = malloc(size + 2 * SOFTLINE_ROOM), *cut = malloc(size + 2 * SOFTLINE_ROOM);

	for (enum softline_kind kind = SOFTLINE_FLOWED; kind <= SOFTLINE_FOLDED; kind++) {
		size_t n = lines_of(in, kind, size, whole);
		assert(n <= size);
		for (size_t step = 1; step < 5; step++)
			assert(lines_of(in, kind, step, cut) == n && !memcmp(whole, cut, n));
	}
	free(whole);
	free(cut);
	return 0;
}
