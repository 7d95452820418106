#include "page/form.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A field is never longer than what came, and a refused one leaves nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = BUF_INIT(100);
	enum rc rc = page_form_get((struct slice){ (const char *)data, size }, "code", &out, NULL);

	assert(rc == RC_OK ? out.len <= size && out.len <= 100 : out.len == 0);
	buf_free(&out);
	return 0;
}
