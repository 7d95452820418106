/* What is read from a store, written again, reads the same. The sum is put right
 * first, so that what lies behind it is reached. */
#include "sts/stored.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	struct buf record = BUF_INIT(3 * STS_STORED_MAX), again = BUF_INIT(3 * STS_STORED_MAX);
	struct sts_stored first, second;

	(void)sts_stored_parse(bytes, &first, NULL);
	if (sts_stored_seal(bytes, &record) == RC_OK &&
	    sts_stored_parse(buf_slice(&record), &first, NULL) == RC_OK) {
		if (sts_stored_format(&first, &again) != RC_OK ||
		    sts_stored_parse(buf_slice(&again), &second, NULL) != RC_OK ||
		    strcmp(first.domain, second.domain) != 0 ||
		    first.policy.mx_count != second.policy.mx_count)
			abort();
	}
	buf_free(&record);
	buf_free(&again);
	return 0;
}
