/* A parameter is UTF-8; one that is absent adds nothing. */
#include "mime/param.h"

#include "base/utf8.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct buf head = BUF_INIT(size), name = BUF_INIT(size * 4 + 16);

	assert(mime_param_head(in, &head) == RC_OK);
	enum rc rc = mime_param_find(in, "filename", &name);
	assert(rc == RC_OK || rc == RC_ABSENT || rc == RC_LIMIT);
	assert(rc == RC_OK || name.len == 0);
	assert(utf8_is_valid(buf_slice(&name)));
	buf_free(&head);
	buf_free(&name);
	return 0;
}
