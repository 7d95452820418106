/* Whatever a line holds, a link that is read has a place and a hash. */
#include "audit/verify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_link link;

	if (audit_link_read((struct slice){ (const char *)data, size }, &link, NULL) != RC_OK)
		return 0;
	if (link.seq == 0 || strspn(link.prev, "0123456789abcdef") != AUDIT_HASH_CHARS ||
	    strlen(link.prev) != AUDIT_HASH_CHARS)
		abort();
	return 0;
}
