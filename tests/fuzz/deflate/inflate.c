/* Nothing is written past the room. */
#include "deflate/inflate.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(1 << 16);

	(void)!inflate_zlib((struct slice){ (const char *)data, size }, &out);
	assert(out.len <= out.max);
	buf_free(&out);
	return 0;
}
