/* Whatever it is, what the sink is told is as document.h promises; the first byte says whether
 * it is one compressed file. */
#include "document/archive.h"

#include "../../support/documented.h"

static bool compressed;

static void read_it(struct reading *r, struct slice bytes)
{
	if (compressed)
		archive_compressed_read(r, bytes, SLICE("a.b"), "gzip");
	else
		archive_document_read(r, bytes, "zip");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data + 1, size - 1 };

	compressed = size && data[0] % 2;
	if (size == 0)
		return 0;
	struct buf out = documented_by(read_it, in);
	buf_free(&out);
	return 0;
}
