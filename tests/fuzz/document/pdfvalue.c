/* Taking values always comes to an end, and each lies within the bytes. */
#include "document/pdfvalue.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size }, all = in;
	struct buf out = BUF_INIT(1 << 20);

	while (in.len) {
		struct slice before = in;
		struct pdf_value v = pdf_take(&in);
		if (v.kind == PDF_NOTHING)
			break;
		assert(in.len < before.len);
		assert(v.raw.len == 0 ||
		       (v.raw.at >= all.at && v.raw.at + v.raw.len <= all.at + all.len));
		pdf_add_text(v, &out);
		buf_clear(&out);
	}
	(void)pdf_find(all, "Type");
	buf_free(&out);
	return 0;
}
