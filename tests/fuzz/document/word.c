/* The bytes are document and table at once. */
#include "document/word.h"

#include "../../support/documented.h"

static void read_it(struct reading *r, struct slice s)
{
	(void)!word_read(r, s, s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = documented_by(read_it, (struct slice){ (const char *)data, size });

	buf_free(&out);
	return 0;
}
