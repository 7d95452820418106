#include "page/language.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One of ours comes out, whatever is asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const tags[] = { "en", "de", "pt-br" };

	assert(page_language_choose((struct slice){ (const char *)data, size }, tags, 3) < 3);
	return 0;
}
