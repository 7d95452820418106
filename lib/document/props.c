#include "document/props.h"

#include "document/bytes.h"
#include "mime/charset.h"
#include "mime/utf8.h"

#include <stdio.h>
#include <string.h>

enum {
	SETS_MAX = 4,
	PROPERTIES_MAX = 1000, /* of one set */
	TYPE_I4 = 3,
	TYPE_BOOL = 11,
	TYPE_LPSTR = 30,
	TYPE_LPWSTR = 31,
	TYPE_VECTOR = 0x1000,
	CODEPAGE = 1,
	UTF16 = 1200,
	UTF8 = 65001,
};

/* One set within the stream. */
struct set {
	struct slice bytes;
	uint32_t codepage;
	bool document, own; /* own: the user's, named by its dictionary */
	struct slice dictionary;
};

static const char *const summary_names[] = {
	[2] = "Title",      [3] = "Subject",  [4] = "Author",
	[5] = "Keywords",   [6] = "Comments", [7] = "Template",
	[8] = "LastAuthor", [9] = "Revision", [18] = "Application",
};

static const char *const document_names[] = {
	[2] = "Category",     [3] = "Format",         [14] = "Manager",  [15] = "Company",
	[26] = "ContentType", [27] = "ContentStatus", [28] = "Language", [29] = "Version",
};

/* Adds bytes of the set's code page as UTF-8, up to a NUL. */
static void add_string(const struct set *s, struct slice in, struct buf *out)
{
	struct mime_charset cs;
	char space[CHARSET_ROOM * 4], name[32];

	snprintf(name, sizeof name, "windows-%u", s->codepage);
	if (s->codepage == UTF8 || mime_charset_init(&cs, slice_of(name)) != RC_OK)
		(void)!mime_charset_init(&cs, SLICE("utf-8"));
	const char *end = in.len ? memchr(in.at, '\0', in.len) : NULL;
	in.len = end ? (size_t)(end - in.at) : in.len;
	while (in.len)
		(void)!buf_add_slice(out, mime_charset_take(&cs, &in, space, sizeof space));
	(void)!buf_add_slice(out, mime_charset_end(&cs, space, sizeof space));
	mime_charset_fini(&cs);
}

static void add_wide(struct slice in, struct buf *out)
{
	struct mime_charset cs;
	char space[CHARSET_ROOM * 4];

	for (size_t i = 0; i + 1 < in.len; i += 2)
		if (bytes_u16(in, i) == 0)
			in.len = i;
	if (mime_charset_init(&cs, SLICE("utf-16le")) == RC_OK)
		while (in.len)
			(void)!buf_add_slice(out, mime_charset_take(&cs, &in, space, sizeof space));
	mime_charset_fini(&cs);
}

/* A string with its length before it, at the front of *at. */
static void take_string(const struct set *s, uint32_t type, struct slice *at, struct buf *out)
{
	uint64_t len = bytes_u32(*at, 0), bytes = type == TYPE_LPWSTR ? 2 * len : len;
	struct slice text = bytes_part(*at, 4, bytes);

	if (type == TYPE_LPWSTR || s->codepage == UTF16)
		add_wide(text, out);
	else
		add_string(s, text, out);
	*at = bytes_part(*at, 4 + ((bytes + 3) & ~(uint64_t)3), UINT64_MAX);
}

static void read_value(const struct set *s, struct slice at, struct buf *out)
{
	uint32_t type = bytes_u16(at, 0), count = 1;
	bool vector = type & TYPE_VECTOR;

	type &= 0xFFF;
	at = bytes_after(at, 4);
	if (vector) {
		count = bytes_u32(at, 0);
		at = bytes_after(at, 4);
	}
	if (type == TYPE_I4 && !vector)
		(void)!buf_addf(out, "%d", (int)bytes_u32(at, 0));
	if (type == TYPE_BOOL && !vector)
		(void)!buf_add_text(out, bytes_u16(at, 0) ? "true" : "false");
	if (type != TYPE_LPSTR && type != TYPE_LPWSTR)
		return;
	for (uint32_t i = 0; i < count && at.len && i < PROPERTIES_MAX; i++) {
		if (i)
			(void)!buf_add_byte(out, '\n');
		take_string(s, type, &at, out);
	}
}

static bool find_own_name(const struct set *s, uint32_t id, struct buf *out)
{
	struct slice at = s->dictionary;
	uint32_t count = bytes_u32(at, 0);

	at = bytes_after(at, 4);
	for (uint32_t i = 0; i < count && at.len >= 8 && i < PROPERTIES_MAX; i++) {
		uint64_t len = bytes_u32(at, 4), bytes = s->codepage == UTF16 ? 2 * len : len;
		if (bytes_u32(at, 0) == id) {
			if (s->codepage == UTF16)
				add_wide(bytes_part(at, 8, bytes), out);
			else
				add_string(s, bytes_part(at, 8, bytes), out);
			return out->len > 0;
		}
		if (s->codepage == UTF16)
			bytes = (bytes + 3) & ~(uint64_t)3;
		at = bytes_after(at, 8 + bytes);
	}
	return false;
}

static void name_of(const struct set *s, uint32_t id, struct buf *out)
{
	const char *const *names = s->document ? document_names : summary_names;
	size_t count = s->document ? sizeof document_names / sizeof *document_names
				   : sizeof summary_names / sizeof *summary_names;

	if (s->own && find_own_name(s, id, out))
		return;
	if (!s->own && id < count && names[id])
		(void)!buf_add_text(out, names[id]);
	else
		(void)!buf_addf(out, "property-%u", id);
}

static void read_set(struct reading *r, struct set *s)
{
	uint32_t count = bytes_u32(s->bytes, 4);

	s->codepage = 1252;
	for (uint32_t i = 0; i < count && i < PROPERTIES_MAX; i++) {
		struct slice at =
			bytes_part(s->bytes, bytes_u32(s->bytes, 12 + 8 * (size_t)i), UINT64_MAX);
		uint32_t id = bytes_u32(s->bytes, 8 + 8 * (size_t)i);
		if (id == 0)
			s->dictionary = at;
		if (id == CODEPAGE)
			s->codepage = bytes_u16(at, 4);
	}
	for (uint32_t i = 0; i < count && i < PROPERTIES_MAX && reading_goes_on(r); i++) {
		struct slice at =
			bytes_part(s->bytes, bytes_u32(s->bytes, 12 + 8 * (size_t)i), UINT64_MAX);
		uint32_t id = bytes_u32(s->bytes, 8 + 8 * (size_t)i);
		struct buf name = BUF_INIT(READING_VALUE), value = BUF_INIT(1 << 20);
		if (id > CODEPAGE) {
			read_value(s, at, &value);
			name_of(s, id, &name);
			reading_property(r, buf_slice(&name), buf_slice(&value));
		}
		reading_drop(r, &name);
		reading_drop(r, &value);
	}
}

void props_read(struct reading *r, struct slice stream, bool document)
{
	uint32_t count = bytes_u32(stream, 24);

	for (uint32_t i = 0; i < count && i < SETS_MAX; i++) {
		struct set s = { .bytes = bytes_part(stream,
						     bytes_u32(stream, 28 + 20 * (size_t)i + 16),
						     UINT64_MAX),
				 .document = document,
				 .own = i > 0 };
		read_set(r, &s);
	}
}
