#include "pickup/wire.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as a question or an answer is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	struct buf again = BUF_INIT(1 << 20);
	struct pickup_request request;
	struct pickup_reply reply;

	if (pickup_request_decode(bytes, &request, NULL) == RC_OK) {
		assert(pickup_request_encode(&request, &again, NULL) == RC_OK);
		assert(again.len == size && memcmp(again.at, data, size) == 0);
	}
	buf_clear(&again);
	if (pickup_reply_decode(bytes, &reply, NULL) == RC_OK) {
		assert(pickup_reply_encode(&reply, &again, NULL) == RC_OK);
		assert(again.len == size && memcmp(again.at, data, size) == 0);
	}
	buf_free(&again);
	return 0;
}
