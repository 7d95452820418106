/* Whatever it is, what the sink is told is as document.h promises; the first byte is its name. */
#include "../../support/documented.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "", "a.xml", "a.html", "a.eml", "a.gz", "a.txt" };

	if (size == 0)
		return 0;
	struct slice in = { (const char *)data + 1, size - 1 };
	struct document_limits limits = DOCUMENTED_LIMITS;
	limits.unpacked = 1 << 20;
	limits.cpu_ms = 2000;
	struct buf out = documented_with(in, names[data[0] % 6], limits);
	buf_free(&out);
	return 0;
}
