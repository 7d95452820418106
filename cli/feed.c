#include "cli/feed.h"

#include <string.h>

enum { STEP = 60000 }; /* about what libmilter hands over at once */

/* "Name:" or "Name :" (RFC 5322 §4.5), the name of printable ASCII. */
static bool take_name(struct slice *line, struct slice *name)
{
	struct slice rest = *line;

	if (!slice_take_until(&rest, ':', name))
		return false;
	*name = slice_trim(*name);
	for (size_t i = 0; i < name->len; i++)
		if (name->at[i] <= ' ' || name->at[i] > '~')
			return false;
	*line = rest;
	return name->len > 0;
}

/* One field with the lines that continue it; false, with nothing taken, at the
 * header's end. */
static bool take_field(struct slice *text, struct slice *name, struct buf *value)
{
	struct slice rest = *text, line;

	if (!slice_take_line(&rest, &line) || !take_name(&line, name))
		return false;
	(void)slice_drop_prefix(&line, " ");
	buf_clear(value);
	(void)!buf_add_slice(value, line);
	*text = rest;
	while (rest.len && slice_blank(rest.at[0]) && slice_take_line(&rest, &line)) {
		(void)!buf_add_byte(value, '\n');
		(void)!buf_add_slice(value, line);
		*text = rest;
	}
	return true;
}

static enum rc feed_body(struct slice text, const struct feed *to)
{
	struct buf bytes = BUF_INIT(text.len * 2 + 2);
	struct slice line;

	while (slice_take_line(&text, &line)) {
		(void)!buf_add_slice(&bytes, line);
		(void)!buf_add_text(&bytes, "\r\n");
		if (bytes.len < STEP && text.len)
			continue;
		if (buf_state(&bytes) != RC_OK)
			break;
		to->body(to->arg, buf_slice(&bytes));
		buf_clear(&bytes);
	}
	enum rc rc = buf_state(&bytes);
	buf_free(&bytes);
	return rc;
}

enum rc feed_fields(struct slice *text, const struct feed *to)
{
	struct buf value = BUF_INIT(text->len + 1);
	struct slice name, line, mark = *text;

	if (slice_drop_prefix(&mark, "From "))
		(void)slice_take_line(text, &line);
	while (take_field(text, &name, &value) && buf_state(&value) == RC_OK)
		to->header(to->arg, name, buf_slice(&value));
	enum rc rc = buf_state(&value);
	buf_free(&value);
	return rc;
}

enum rc feed_message(struct slice text, const struct feed *to)
{
	struct slice rest, line;
	enum rc rc = feed_fields(&text, to);

	if (rc != RC_OK)
		return rc;
	to->headers_end(to->arg);
	rest = text;
	if (slice_take_line(&rest, &line) && line.len == 0)
		text = rest;
	return feed_body(text, to);
}
