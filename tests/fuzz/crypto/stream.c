#include "crypto/stream.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum rc nothing(void *arg, struct slice bytes, struct fault *why)
{
	(void)arg, (void)bytes, (void)why;
	return RC_OK;
}

/* No stranger's bytes open under a key that he does not have. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct crypto_key key = { { 1, 2, 3 } };
	struct crypto_stream *s = NULL;

	assert(crypto_stream_open(&key, SLICE("id"), nothing, NULL, &s, NULL) == RC_OK);
	enum rc rc = crypto_stream_add(s, (struct slice){ (const char *)data, size }, NULL);
	assert(rc != RC_OK || crypto_stream_end(s, NULL) == RC_INVALID);
	crypto_stream_free(&s);
	return 0;
}
