/* Whatever it is, what the sink is told is as document.h promises. */
#include "document/pdf.h"

#include "../../support/documented.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = documented_by(pdf_read, (struct slice){ (const char *)data, size });

	buf_free(&out);
	return 0;
}
