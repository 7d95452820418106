/* Whatever the bytes, a record that parses has an id of letters and digits. */
#include "sts/record.h"

#include <ctype.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sts_record record;
	size_t len = 0;

	if (sts_record_parse((struct slice){ (const char *)data, size }, &record, NULL) != RC_OK)
		return 0;
	while (record.id[len]) {
		if (!isalnum((unsigned char)record.id[len]))
			abort();
		len++;
	}
	if (len == 0 || len > STS_ID_MAX)
		abort();
	return 0;
}
