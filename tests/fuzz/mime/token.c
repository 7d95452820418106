/* Tokens ascend, lie within the text, and are the same however it is cut. */
#include "mime/token.h"

#include "base/utf8.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t take(struct slice in, size_t step)
{
	const struct mime_token *token;
	uint64_t sum = 0, end = 0;
	struct mime_tokens t;

	mime_tokens_begin(&t);
	for (bool more = true; more;) {
		struct slice piece = { in.at, step < in.len ? step : in.len };
		while (piece.len < in.len && ((unsigned char)in.at[piece.len] & 0xC0) == 0x80)
			piece.len++;
		in = (struct slice){ in.at + piece.len, in.len - piece.len };
		while ((token = mime_token_take(&t, &piece)) ||
		       (!in.len && more && (more = false, token = mime_token_end(&t)))) {
			assert(token->at >= end && token->end > token->at);
			assert(token->len && token->len <= TOKEN_TEXT);
			end = token->end;
			sum = sum * 31 + (token->hash ^ token->at ^ token->blank);
		}
		more = more && in.len;
	}
	assert(end <= t.at);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };

	if (utf8_is_valid(in)) {
		uint64_t whole = take(in, size ? size : 1);
		assert(take(in, 1) == whole && take(in, 7) == whole);
	}
	return 0;
}
