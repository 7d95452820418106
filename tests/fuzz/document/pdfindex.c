/* Every object that is listed can be looked at. */
#include "document/pdfindex.h"

#include "../../support/documented.h"

static void read_it(struct reading *r, struct slice s)
{
	struct pdf_index x;
	struct buf out;

	if (pdf_index_init(&x, r, s) != RC_OK)
		return;
	for (size_t i = 0; i < x.count; i++)
		if (pdf_unpack(&x, &x.objects[i], &out) != RC_ABSENT)
			buf_free(&out);
	pdf_index_fini(&x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = documented_by(read_it, (struct slice){ (const char *)data, size });

	buf_free(&out);
	return 0;
}
