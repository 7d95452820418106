/* The first byte is the filter; nothing is written past the room. */
#include "document/pdffilter.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const filters[] = {
		"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 3>>",
		"/Filter/ASCII85Decode",
		"/Filter/LZWDecode",
		"/Filter/RunLengthDecode",
		"/Filter[/AHx/LZW/RL]",
	};
	struct buf out = BUF_INIT(1 << 16);

	if (size == 0)
		return 0;
	(void)!pdf_unfilter(slice_of(filters[data[0] % 5]),
			    (struct slice){ (const char *)data + 1, size - 1 }, &out);
	assert(out.len <= out.max);
	buf_free(&out);
	return 0;
}
