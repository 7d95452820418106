/* What was taken can be sent, and is taken alike; the first byte is the direction. */
#include "reader/wire.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data + 1, size - 1 };
	struct buf out = BUF_INIT(WIRE_FRAME_MAX);
	struct wire_frame f, again;

	while (size && wire_take(&in, data[0] % 2, &f) == RC_OK) {
		assert(wire_add(&out, &f) == RC_OK);
		struct slice back = buf_slice(&out);
		assert(wire_take(&back, data[0] % 2, &again) == RC_OK && back.len == 0);
		assert(again.kind == f.kind && again.number == f.number &&
		       again.path.len == f.path.len && again.body.len == f.body.len);
		buf_clear(&out);
	}
	buf_free(&out);
	return 0;
}
