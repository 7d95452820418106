#include "base/netstring.h"

#include "base/ascii.h"

/* The length in front, and how many bytes it and its colon take. */
static enum rc take_length(struct slice in, size_t *length, size_t *taken)
{
	size_t n = 0, i = 0;

	for (; i < in.len && ascii_is_digit(in.at[i]); i++) {
		if (i == NETSTRING_DIGITS_MAX)
			return RC_LIMIT;
		n = n * 10 + (size_t)(in.at[i] - '0');
	}
	if (i > 1 && in.at[0] == '0')
		return RC_INVALID;
	if (i == in.len)
		return RC_ABSENT;
	if (i == 0 || in.at[i] != ':')
		return RC_INVALID;
	*length = n;
	*taken = i + 1;
	return RC_OK;
}

enum rc netstring_take(struct slice *in, size_t max, struct slice *body)
{
	size_t length, head;
	enum rc rc = take_length(*in, &length, &head);

	if (rc != RC_OK)
		return rc;
	if (length > max)
		return RC_LIMIT;
	if (in->len - head <= length)
		return RC_ABSENT;
	if (in->at[head + length] != ',')
		return RC_INVALID;
	*body = (struct slice){ in->at + head, length };
	*in = (struct slice){ in->at + head + length + 1, in->len - head - length - 1 };
	return RC_OK;
}

/* "12:"; printf would take longer than all the rest. */
static enum rc add_length(struct buf *out, size_t length)
{
	char text[24];
	size_t at = sizeof text;

	text[--at] = ':';
	do
		text[--at] = (char)('0' + length % 10);
	while (length /= 10);
	return buf_add(out, text + at, sizeof text - at);
}

enum rc netstring_add(struct buf *out, struct slice body)
{
	size_t before = out->len;

	(void)add_length(out, body.len);
	(void)buf_add_slice(out, body);
	enum rc rc = buf_add_byte(out, ',');
	if (rc != RC_OK && out->len > before) /* whole or not at all */
		out->len = before;
	return rc;
}
