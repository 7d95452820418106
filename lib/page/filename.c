#include "page/filename.h"

#include "base/utf8.h"

#include <string.h>

bool page_filename_is_mark(uint32_t code)
{
	return code == 0x061c || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff || code == UTF8_BAD;
}

/* What a name may not have on one system or another. */
static bool is_special(uint32_t code)
{
	return code < 128 && (code < 0x20 || code == 0x7f || strchr("\"*:<>?|;%`$'", (int)code));
}

static struct slice last_part(struct slice name)
{
	for (size_t i = name.len; i > 0; i--)
		if (name.at[i - 1] == '/' || name.at[i - 1] == '\\')
			return (struct slice){ name.at + i, name.len - i };
	return name;
}

static struct slice strip(struct slice name)
{
	while (name.len && (name.at[0] == '.' || name.at[0] == ' ')) {
		name.at++;
		name.len--;
	}
	while (name.len && (name.at[name.len - 1] == '.' || name.at[name.len - 1] == ' '))
		name.len--;
	return name;
}

/* Up to max bytes of whole characters. */
static size_t cut(struct slice text, size_t max)
{
	size_t len = text.len < max ? text.len : max;

	while (len && len < text.len && ((unsigned char)text.at[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* ".docx", when it is short. */
static struct slice ending(struct slice name)
{
	for (size_t i = name.len; i > 1 && name.len - i < 10; i--)
		if (name.at[i - 1] == '.')
			return (struct slice){ name.at + i - 1, name.len - i + 1 };
	return (struct slice){ name.at, 0 };
}

static enum rc add_cut(struct slice name, struct buf *out)
{
	if (name.len <= PAGE_FILENAME_MAX)
		return buf_add_slice(out, name);
	struct slice end = ending(name);
	(void)buf_add(out, name.at, cut(name, PAGE_FILENAME_MAX - end.len));
	return buf_add_slice(out, end);
}

enum rc page_filename_clean(struct slice name, const char *fallback, struct buf *out)
{
	struct buf plain = BUF_INIT(4 * 4096);

	name = last_part(name);
	while (name.len && plain.len < 4096) {
		const char *at = name.at;
		uint32_t code;

		(void)utf8_take(&name, &code);
		if (is_special(code))
			(void)buf_add_byte(&plain, '_');
		else if (!page_filename_is_mark(code) && (code < 0x7f || code > 0x9f))
			(void)buf_add(&plain, at, (size_t)(name.at - at));
	}
	struct slice clean = strip(buf_slice(&plain));
	enum rc rc = buf_state(&plain);
	if (rc == RC_OK)
		rc = clean.len ? add_cut(clean, out) : buf_add_text(out, fallback);
	buf_free(&plain);
	return rc;
}

static bool is_attr_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("!#&+-.^_|~", c));
}

enum rc page_filename_disposition(struct slice clean, struct buf *out)
{
	bool plain = true;

	(void)buf_add_text(out, "attachment; filename=\"");
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.at[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			(void)buf_add_byte(out, (char)c);
			continue;
		}
		plain = false;
		if ((c & 0xc0) != 0x80) /* one for each character */
			(void)buf_add_byte(out, '_');
	}
	(void)buf_add_byte(out, '"');
	if (plain)
		return buf_state(out);
	(void)buf_add_text(out, "; filename*=UTF-8''");
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.at[i];

		if (is_attr_char(c))
			(void)buf_add_byte(out, (char)c);
		else
			(void)buf_addf(out, "%%%02X", c);
	}
	return buf_state(out);
}
