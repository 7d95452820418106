#include "page/attachment.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc count(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	*(size_t *)arg += bytes.len;
	return RC_OK;
}

/* A file is never longer than the part that it came in. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct page_attachment *a = NULL;
	size_t len = 0;

	if (page_attachment_new(count, &len, &a, NULL) != RC_OK)
		return 0;
	assert(page_attachment_add(a, (struct slice){ (const char *)data, size }, NULL) == RC_OK);
	assert(page_attachment_end(a, NULL) == RC_OK && len <= size);
	page_attachment_free(&a);
	return 0;
}
