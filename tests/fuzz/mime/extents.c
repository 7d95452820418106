/* Parts lie within the body, one after another or within each other, however it is cut. */
#include "../../support/extents.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice body = { (const char *)data + 1, size - 1 };
	struct mime_extents whole = extents_of(body, size),
			    cut = extents_of(body, 1 + data[0] % 64);

	assert(whole.lost == cut.lost && (whole.lost || whole.count == cut.count));
	for (size_t i = 0; i < whole.count && !whole.lost; i++) {
		const struct mime_extent *a = &whole.at[i], *b = &cut.at[i], *next = a + 1;
		assert(a->begin <= a->end && a->end <= body.len);
		assert(a->begin == b->begin && a->end == b->end && strcmp(a->path, b->path) == 0);
		if (i + 1 < whole.count)
			assert(next->begin >= a->end ||
			       (next->begin <= a->begin && next->end >= a->end));
	}
	arena_free(whole.arena);
	arena_free(cut.arena);
	return 0;
}
