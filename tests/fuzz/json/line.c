/* Whatever the bytes, as a value they make one line that reads back as text. */
#include "json/line.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = { (const char *)data, size }, back;
	struct json_value *value;
	struct buf out = BUF_INIT(1 << 24);
	struct json_line line;

	if (json_value_parse(bytes, &value, NULL) == RC_OK)
		json_value_free(value);
	json_line_begin(&line, &out);
	json_line_text(&line, "k", bytes);
	if (json_line_end(&line) != RC_OK ||
	    strpbrk(buf_text(&out), "\r\n") != out.at + out.len - 1)
		abort();
	if (json_value_parse(buf_slice(&out), &value, NULL) != RC_OK)
		abort();
	if (!json_value_text(json_value_find(value, "k"), &back) || back.len < size)
		abort();
	json_value_free(value);
	buf_free(&out);
	return 0;
}
