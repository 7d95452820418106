/* Whatever the bytes, what is added is one field: each line but the first begins with a
 * blank, none is too long, and no control character gets through. */
#include "mail/header.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct slice field)
{
	struct slice line;

	for (bool first = true; slice_take_until(&field, '\n', &line); first = false) {
		if (line.len == 0 || line.at[--line.len] != '\r' || line.len > MAIL_HEADER_LINE_MAX)
			abort();
		if (!first && slice_trim(line).len == 0)
			abort();
		if (!first && line.at[0] != ' ' && line.at[0] != '\t')
			abort();
		for (size_t i = 0; i < line.len; i++)
			if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t')
				abort();
	}
	if (field.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size }, a = { text.at, size / 2 };
	struct slice b = { text.at + size / 2, size - size / 2 };
	struct buf out[4] = { BUF_INIT(1 << 24), BUF_INIT(1 << 24), BUF_INIT(1 << 24),
			      BUF_INIT(1 << 24) };

	(void)mail_header_text("Subject", text, &out[0], NULL);
	(void)mail_header_words("References", text, &out[1], NULL);
	(void)mail_header_mailbox("From", a, b, &out[2], NULL);
	(void)mail_header_copy(SLICE("To"), text, &out[3], NULL);
	for (size_t i = 0; i < 4; i++) {
		check(buf_slice(&out[i]));
		buf_free(&out[i]);
	}
	return 0;
}
