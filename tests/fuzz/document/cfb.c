/* No stream is longer than the file, whatever its chain says. */
#include "document/cfb.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct cfb c;

	if (cfb_init(&c, in) != RC_OK)
		return 0;
	for (size_t i = 0; i < c.count && i < 64; i++) {
		struct buf out = BUF_INIT(1 << 20);
		(void)!cfb_read(&c, &c.entries[i], &out);
		assert(out.len <= size + 4096);
		buf_free(&out);
	}
	cfb_fini(&c);
	return 0;
}
