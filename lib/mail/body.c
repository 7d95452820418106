#include "mail/body.h"

#include "base/utf8.h"

enum { COLUMNS = 76 }; /* RFC 2045 §6.7 (5), without CRLF */

static bool is_plain(struct slice text)
{
	struct slice line;

	while (slice_take_line(&text, &line)) {
		if (line.len > COLUMNS + 2)
			return false;
		for (size_t i = 0; i < line.len; i++)
			if ((line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] > '~')
				return false;
		struct slice rest = line;
		if (slice_drop_prefix(&rest, "From ")) /* some mail stores put > before it */
			return false;
	}
	return true;
}

static void put_plain(struct slice text, struct buf *out)
{
	struct slice line;

	while (slice_take_line(&text, &line)) {
		(void)buf_add_slice(out, line);
		(void)buf_add_text(out, "\r\n");
	}
}

/* Whether a byte at this place of its line stands for itself. */
static bool is_itself(struct slice line, size_t i)
{
	char c = line.at[i];

	if (c == ' ' || c == '\t')
		return i + 1 < line.len; /* blanks at a line's end are lost on the way */
	return c >= '!' && c <= '~' && c != '=';
}

static void put_quoted_byte(struct buf *out, size_t *column, char byte, bool itself)
{
	size_t cost = itself ? 1 : 3;

	if (*column + cost > COLUMNS - 1) { /* one column is left for the soft line end */
		(void)buf_add_text(out, "=\r\n");
		*column = 0;
	}
	if (itself)
		(void)buf_add_byte(out, byte);
	else
		(void)buf_addf(out, "=%02X", (unsigned char)byte);
	*column += cost;
}

static void put_quoted_line(struct slice line, struct buf *out)
{
	struct slice text = line;
	bool from = slice_drop_prefix(&text, "From ");
	size_t column = 0;

	text = line;
	while (text.len) {
		struct slice rest = text;
		uint32_t code;
		bool valid = utf8_take(&rest, &code);
		struct slice c = { text.at, text.len - rest.len };
		size_t at = line.len - text.len;
		bool itself = c.len == 1 && is_itself(line, at) && !(from && at == 0);

		if (!valid)
			c = SLICE("\xef\xbf\xbd");
		for (size_t i = 0; i < c.len; i++)
			put_quoted_byte(out, &column, c.at[i], valid && itself);
		text = rest;
	}
	(void)buf_add_text(out, "\r\n");
}

enum rc mail_body_text(struct slice text, struct buf *out)
{
	struct slice line;

	(void)buf_add_text(out, "Content-Type: text/plain; charset=utf-8\r\n");
	if (is_plain(text)) {
		(void)buf_add_text(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
		put_plain(text, out);
		return buf_state(out);
	}
	(void)buf_add_text(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	while (slice_take_line(&text, &line))
		put_quoted_line(line, out);
	return buf_state(out);
}
