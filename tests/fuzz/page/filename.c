#include "page/filename.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A name never leaves its folder, and never the header field that it stands in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf name = BUF_INIT(1000), field = BUF_INIT(4000);

	assert(page_filename_clean((struct slice){ (const char *)data, size }, "file", &name) ==
	       RC_OK);
	assert(name.len && name.len <= PAGE_FILENAME_MAX && name.at[0] != '.');
	assert(!memchr(name.at, '/', name.len) && !memchr(name.at, '\\', name.len));
	assert(page_filename_disposition(buf_slice(&name), &field) == RC_OK);
	for (size_t i = 0; i < field.len; i++)
		assert(field.at[i] >= 0x20 && field.at[i] < 0x7f);
	buf_free(&name);
	buf_free(&field);
	return 0;
}
