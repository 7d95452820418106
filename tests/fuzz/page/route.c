#include "page/route.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is found lies within the path, and has a method; a code is whole or not there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice path = { (const char *)data, size };
	struct page_target target;

	if (page_route_find(path, "", &target) != RC_OK)
		return 0;
	assert(size <= PAGE_PATH_MAX && page_route_methods(target.route));
	assert(strlen(target.code) == 0 || strlen(target.code) == CRYPTO_CODE_TEXT - 1);
	assert(target.tag.len + target.name.len < size || size == 0);
	return 0;
}
