#include "deposit/phrase.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A normal form is its own normal form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf one = BUF_INIT(DEPOSIT_PHRASE_MAX), two = BUF_INIT(DEPOSIT_PHRASE_MAX);

	if (deposit_phrase_normalise((struct slice){ (const char *)data, size }, &one, NULL) ==
	    RC_OK) {
		assert(deposit_phrase_normalise(buf_slice(&one), &two, NULL) == RC_OK);
		assert(one.len == two.len && memcmp(one.at, two.at, one.len) == 0);
	}
	buf_free(&one);
	buf_free(&two);
	return 0;
}
