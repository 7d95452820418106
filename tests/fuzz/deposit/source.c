#include "deposit/source.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fields lie within the header, in order, and their names are printable. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	struct deposit_source source = deposit_source_bytes(&bytes);
	struct buf header = BUF_INIT(10000);
	struct slice rest, name, value;

	assert(deposit_source_header(&source, &header, NULL) == RC_OK);
	assert(header.len <= size && (!header.len || memcmp(header.at, data, header.len) == 0));
	rest = buf_slice(&header);
	for (const char *last = header.at; deposit_field_take(&rest, &name, &value);) {
		assert(name.len && name.at >= last && value.at == name.at + name.len + 1);
		assert(value.at + value.len <= header.at + header.len);
		last = value.at + value.len;
	}
	buf_free(&header);
	return 0;
}
