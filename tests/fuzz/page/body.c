#include "page/body.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken has all that is needed and no more than is wanted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice json = { (const char *)data, size };
	struct page_body body;

	if (page_body_parse(json, PAGE_FIELD_TICKET, PAGE_FIELD_PIN, &body, NULL) != RC_OK)
		return 0;
	assert((body.has & ~(unsigned)PAGE_FIELD_PIN) == PAGE_FIELD_TICKET);
	assert(strspn(body.pin, "0123456789") == strlen(body.pin));
	return 0;
}
