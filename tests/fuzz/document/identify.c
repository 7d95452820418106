/* A format has its word, and an archive at the end has its marks. */
#include "document/identify.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	const char *word = NULL;

	enum document_format f = document_identify(in, SLICE("a.x"), &word);
	assert(word && (f != DOCUMENT_BINARY || *word) && (f == DOCUMENT_EMPTY) == (size == 0));
	assert(!document_ends_as_zip(in) || size >= 26);
	return 0;
}
