#include "scan/reply.h"

#include <string.h>

static bool drop_suffix(struct slice *s, const char *suffix)
{
	size_t len = strlen(suffix);

	if (s->len < len || memcmp(s->at + s->len - len, suffix, len) != 0)
		return false;
	s->len -= len;
	return true;
}

/* "2: ", which commands within a session are answered with. */
static unsigned take_number(struct slice *text)
{
	struct slice rest = *text, head;
	uint64_t number;

	if (!slice_take_until(&rest, ':', &head) || !slice_to_u64(head, &number) ||
	    number > UINT32_MAX || !slice_drop_prefix(&rest, " "))
		return 0;
	*text = rest;
	return (unsigned)number;
}

static struct scan_reply read_reply(struct slice text)
{
	struct scan_reply reply = { .number = take_number(&text), .kind = SCAN_REPLY_OTHER };
	struct slice name = text;

	reply.words = text;
	if (slice_is(text, "stream: OK")) {
		reply.kind = SCAN_REPLY_CLEAN;
	} else if (slice_is(text, "INSTREAM size limit exceeded. ERROR")) {
		reply.kind = SCAN_REPLY_TOO_LONG;
	} else if (slice_drop_prefix(&name, "stream: ") && drop_suffix(&name, " FOUND") &&
		   name.len) {
		reply.kind = SCAN_REPLY_FOUND;
		reply.words = name;
	}
	return reply;
}

enum rc scan_reply_take(struct slice *bytes, struct scan_reply *out, struct fault *why)
{
	const char *end = memchr(bytes->at, '\0', bytes->len);
	size_t len = end ? (size_t)(end - bytes->at) : bytes->len;

	if (len >= SCAN_REPLY_MAX)
		return fault(why, RC_INVALID, "the scanner's answer is too long");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes->at[i] < ' ' || bytes->at[i] == 0x7f)
			return fault(why, RC_INVALID, "the scanner's answer is no text");
	if (!end)
		return RC_ABSENT;
	*out = read_reply((struct slice){ bytes->at, len });
	*bytes = (struct slice){ bytes->at + len + 1, bytes->len - len - 1 };
	return RC_OK;
}
