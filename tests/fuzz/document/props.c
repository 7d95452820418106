/* Whatever it is, what the sink is told is as document.h promises. */
#include "document/props.h"

#include "../../support/documented.h"

static void read_it(struct reading *r, struct slice s)
{
	props_read(r, s, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = documented_by(read_it, (struct slice){ (const char *)data, size });

	buf_free(&out);
	return 0;
}
