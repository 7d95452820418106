/* Whatever the bytes, what is taken lies inside them and the rest gets shorter. */
#include "base/netstring.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size }, body;

	for (;;) {
		size_t before = in.len;
		if (netstring_take(&in, 1000, &body) != RC_OK)
			return 0;
		if (in.len >= before || body.len > 1000 || body.at < (const char *)data ||
		    body.at + body.len + 1 != in.at)
			abort();
	}
}
