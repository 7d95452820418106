/* Whatever the bytes, what is taken keeps the promises of smtp/reply.h. */
#include "smtp/capability.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size }, before = in, id;
	char words[SMTP_WORDS_MAX];
	struct smtp_reply reply;

	while (smtp_reply_take(&in, &reply, NULL) == RC_OK) {
		if (in.len >= before.len || in.at + in.len != before.at + before.len)
			abort();
		if (reply.code < 200 || reply.code > 599 || reply.line_count == 0 ||
		    reply.line_count > SMTP_REPLY_LINES_MAX)
			abort();
		for (size_t l = 0; l < reply.line_count; l++)
			if (reply.lines[l].len &&
			    memchr(reply.lines[l].at, '\n', reply.lines[l].len))
				abort();
		if (strlen(smtp_reply_words(&reply, words)) >= SMTP_WORDS_MAX ||
		    (smtp_queue_id(words, &id) && id.len == 0))
			abort();
		if (smtp_capability_read(&reply).extensions & ~255u)
			abort();
		before = in;
	}
	return 0;
}
