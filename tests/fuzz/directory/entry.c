#include "directory/entry.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as an entry is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(DIRECTORY_RECORD_MAX);
	struct directory_entry entry = { .changed_s = 0 };
	const struct slice bytes = { (const char *)data, size };

	if (directory_entry_decode(bytes, &entry, NULL) == RC_OK) {
		assert(directory_entry_encode(&entry, &out) == RC_OK);
		assert(out.len == size && memcmp(out.at, data, size) == 0);
	}
	buf_free(&out);
	return 0;
}
