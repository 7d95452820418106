/* Whatever it is, what the sink is told is as document.h promises. */
#include "document/sheet.h"

#include "../../support/documented.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = documented_by(sheet_read, (struct slice){ (const char *)data, size });

	buf_free(&out);
	return 0;
}
