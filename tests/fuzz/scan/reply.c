/* Whatever clamd says, what is taken keeps the promises of scan/reply.h. */
#include "scan/reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size }, before = in;
	struct scan_reply reply;

	while (scan_reply_take(&in, &reply, NULL) == RC_OK) {
		if (in.len >= before.len || in.at + in.len != before.at + before.len)
			abort();
		if (reply.words.len >= SCAN_REPLY_MAX || memchr(reply.words.at, 0, reply.words.len))
			abort();
		if (reply.kind == SCAN_REPLY_CLEAN && !slice_is(reply.words, "stream: OK"))
			abort();
		if (reply.kind == SCAN_REPLY_FOUND && reply.words.len == 0)
			abort();
		before = in;
	}
	return 0;
}
