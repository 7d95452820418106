/* However a message is cut into chunks, the same comes out of it. */
#include "../../support/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct slice in = { (const char *)data + 1, size - 1 };
	struct buf whole = decoded_message(in, size, DECODED_LIMITS);
	struct buf cut = decoded_message(in, 1 + data[0] % 64, DECODED_LIMITS);

	assert(whole.len == cut.len && (whole.len == 0 || memcmp(whole.at, cut.at, cut.len) == 0));
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}
