/* Valid text stays valid, folds alike however it is cut, and holds no NUL. */
#include "mime/fold.h"

#include "base/utf8.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t fold(struct slice in, size_t step, char *out, size_t room)
{
	struct mime_fold f = { 0 };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_fold_push(&f, &chunk, out + n, room - n);
	}
	return n + mime_fold_end(&f, out + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	size_t room = 12 * size + 2 * FOLD_ROOM;
	char *whole = malloc(room), *cut = malloc(room);

	if (utf8_is_valid(in)) {
		size_t n = fold(in, size, whole, room);
		assert(utf8_is_valid((struct slice){ whole, n }) && !memchr(whole, 0, n));
		assert(fold(in, 1, cut, room) == n && memcmp(whole, cut, n) == 0);
		assert(fold(in, 7, cut, room) == n && memcmp(whole, cut, n) == 0);
	}
	free(whole);
	free(cut);
	return 0;
}
