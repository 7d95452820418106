#include "deposit/facts.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as facts is written as the same bytes, and fits its buffer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(DEPOSIT_FACTS_BYTES);
	struct deposit_facts facts;

	if (deposit_facts_decode((struct slice){ (const char *)data, size }, &facts, NULL) ==
	    RC_OK) {
		assert(deposit_facts_encode(&facts, &out) == RC_OK);
		assert(out.len == size && memcmp(out.at, data, size) == 0);
	}
	buf_free(&out);
	return 0;
}
