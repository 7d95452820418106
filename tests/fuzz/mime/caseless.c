#include "mime/caseless.h"

#include "base/utf8.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The form is UTF-8, has no blank at its ends, and is its own form. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf once = BUF_INIT(MIME_CASELESS_MAX), twice = BUF_INIT(MIME_CASELESS_MAX);

	if (mime_caseless((struct slice){ (const char *)data, size }, &once, NULL) == RC_OK) {
		assert(utf8_is_valid(buf_slice(&once)));
		assert(once.len == 0 || (once.at[0] != ' ' && once.at[once.len - 1] != ' '));
		assert(mime_caseless(buf_slice(&once), &twice, NULL) == RC_OK);
		assert(strcmp(buf_text(&once), buf_text(&twice)) == 0);
	}
	buf_free(&once);
	buf_free(&twice);
	return 0;
}
