/* Decoded text is UTF-8 without folds, and encoding it again loses nothing. */
#include "mime/words.h"

#include "base/utf8.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(size * 4 + 16), header = BUF_INIT(size * 32 + 64);
	struct buf back = BUF_INIT(size * 4 + 16);

	enum rc rc = mime_words_decode((struct slice){ (const char *)data, size }, &text, NULL);
	assert(rc == RC_OK && utf8_is_valid(buf_slice(&text)));
	rc = mime_words_encode(buf_slice(&text), &header);
	assert(rc == RC_OK && mime_words_decode(buf_slice(&header), &back, NULL) == RC_OK);
	assert(back.len == text.len && (text.len == 0 || memcmp(back.at, text.at, text.len) == 0));
	buf_free(&text);
	buf_free(&header);
	buf_free(&back);
	return 0;
}
