/* A reference is seventeen bytes at most: no input grows more than that. */
#include "document/lzfu.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(1 << 20);

	(void)!lzfu_unpack((struct slice){ (const char *)data, size }, &out);
	assert(out.len <= 17 * size);
	buf_free(&out);
	return 0;
}
