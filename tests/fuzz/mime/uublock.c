/* However a text is cut, the same of it lies in blocks, and all of it is taken. */
#include "mime/uublock.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t sum(struct slice in, size_t step)
{
	struct mime_uublock u = { 0 };
	uint64_t total = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len }, piece;
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			if (mime_uublock_take(&u, &chunk, &piece) != UUBLOCK_NONE)
				for (size_t i = 0; i < piece.len; i++)
					total = total * 31 + (unsigned char)piece.at[i];
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };

	assert(sum(in, size + 1) == sum(in, 1) && sum(in, 7) == sum(in, 1));
	return 0;
}
