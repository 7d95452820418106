/* What is read from a store, written again, reads the same. */
#include "sts/stored.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(2 * STS_STORED_MAX);
	struct sts_stored stored, again;

	if (sts_stored_parse((struct slice){ (const char *)data, size }, &stored, NULL) != RC_OK)
		return 0;
	if (sts_stored_format(&stored, &out) != RC_OK ||
	    sts_stored_parse(buf_slice(&out), &again, NULL) != RC_OK ||
	    strcmp(stored.domain, again.domain) != 0 || stored.expires_s != again.expires_s ||
	    stored.policy.mx_count != again.policy.mx_count)
		abort();
	buf_free(&out);
	return 0;
}
