#include "mail/base64.h"

#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t mail_base64_digits(const uint8_t *bytes, size_t len, char *out)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i += 3) {
		size_t here = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)bytes[i] << 16;
		if (here > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (here > 2)
			group |= bytes[i + 2];
		out[at++] = digits[group >> 18];
		out[at++] = digits[group >> 12 & 63];
		out[at++] = here > 1 ? digits[group >> 6 & 63] : '=';
		out[at++] = here > 2 ? digits[group & 63] : '=';
	}
	return at;
}

static void add_line(const uint8_t *bytes, size_t len, struct buf *out)
{
	char line[MAIL_BASE64_LINE / 3 * 4 + 2];
	size_t at = mail_base64_digits(bytes, len, line);

	line[at++] = '\r';
	line[at++] = '\n';
	(void)buf_add(out, line, at); /* the buffer remembers */
}

enum rc mail_base64_add(struct mail_base64 *b, struct slice bytes, struct buf *out)
{
	while (bytes.len) {
		size_t room = MAIL_BASE64_LINE - b->kept_len;
		size_t here = bytes.len < room ? bytes.len : room;
		memcpy(b->kept + b->kept_len, bytes.at, here);
		b->kept_len += here;
		bytes = (struct slice){ bytes.at + here, bytes.len - here };
		if (b->kept_len == MAIL_BASE64_LINE) {
			add_line(b->kept, b->kept_len, out);
			b->kept_len = 0;
		}
	}
	return buf_state(out);
}

enum rc mail_base64_end(struct mail_base64 *b, struct buf *out)
{
	if (b->kept_len)
		add_line(b->kept, b->kept_len, out);
	b->kept_len = 0;
	return buf_state(out);
}
