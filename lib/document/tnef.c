#include "document/tnef.h"

#include "document/bytes.h"
#include "document/lzfu.h"
#include "document/plain.h"

#include <string.h>

enum {
	ATTACH_TITLE = 0x8010,
	ATTACH_DATA = 0x800F,
	ATTACH_RENDER = 0x9002, /* an attachment begins */
	MESSAGE_PROPERTIES = 0x9003,
	ATTACH_PROPERTIES = 0x9005,
	PROPERTIES_MAX = 10000,
	VALUES_MAX = 10000,
	MULTI = 0x1000,
	STRING8 = 0x1E,
	UNICODE = 0x1F,
	OBJECT = 0x0D,
	BINARY = 0x102,
	NAMED = 0x8000,
	RTF_COMPRESSED = 0x1009,
	HTML = 0x1013,
	ATTACH_OBJECT = 0x3701,
	LONG_FILENAME = 0x3707,
};

struct tnef {
	struct reading *r;
	struct slice name, data; /* of the attachment at hand */
};

static void read_text(struct tnef *t, struct slice text, const char *charset)
{
	/* Strings are NUL-terminated within their length. */
	if (strcmp(charset, "utf-8") == 0)
		text = bytes_take_text(&text);
	reading_begin(t->r);
	plain_add(t->r, text, charset);
	reading_end(t->r);
}

static void read_compressed(struct tnef *t, struct slice bytes)
{
	struct buf out = BUF_INIT(reading_room(t->r));

	if (lzfu_unpack(bytes, &out) != RC_OK)
		reading_opaque(t->r, "damaged");
	if (reading_unpacks(t->r, out.len))
		reading_document(t->r, buf_slice(&out), (struct slice){ 0 });
	buf_free(&out);
}

/* ---- properties ---- */

static void take_value(struct tnef *t, unsigned type, unsigned id, struct slice value)
{
	if (type == STRING8 || type == UNICODE)
		read_text(t, value, type == UNICODE ? "utf-16le" : "utf-8");
	else if (id == RTF_COMPRESSED)
		read_compressed(t, value);
	else if (id == HTML)
		plain_read(t->r, value, true);
	else if (id == ATTACH_OBJECT) /* behind the id of its interface: a message again */
		reading_document(t->r, bytes_after(value, type == OBJECT ? 16 : 0), t->name);
	else if (type == BINARY)
		plain_read_runs(t->r, value);
}

static size_t fixed_size(unsigned type)
{
	switch (type) {
	case 0x05: /* floating point, currency, times, 64 bits */
	case 0x06:
	case 0x07:
	case 0x14:
	case 0x40:
		return 8;
	case 0x48: /* GUID */
		return 16;
	}
	return 4;
}

static uint64_t padded(uint64_t len)
{
	return (len + 3) & ~(uint64_t)3;
}

/* All values of a property, off the front of *s. */
static void take_values(struct tnef *t, unsigned type, unsigned id, struct slice *s)
{
	unsigned base = type & ~(unsigned)MULTI;
	bool sized = base == STRING8 || base == UNICODE || base == BINARY || base == OBJECT;
	uint32_t count = 1;

	if (sized || (type & MULTI)) {
		count = bytes_u32(*s, 0);
		*s = bytes_after(*s, 4);
	}
	for (uint32_t i = 0; i < count && i < VALUES_MAX && s->len && reading_goes_on(t->r); i++) {
		uint64_t len = sized ? bytes_u32(*s, 0) : fixed_size(base);
		struct slice value = bytes_part(*s, sized ? 4 : 0, len);
		*s = bytes_after(*s, (sized ? 4 : 0) + padded(len));
		if (id == LONG_FILENAME && base == STRING8) {
			t->name = bytes_take_text(&value);
			reading_file(t->r, t->name, t->data);
		} else if (sized) {
			take_value(t, base, id, value);
		}
	}
}

static void read_properties(struct tnef *t, struct slice s)
{
	uint32_t count = bytes_u32(s, 0);

	s = bytes_after(s, 4);
	for (uint32_t i = 0; i < count && i < PROPERTIES_MAX && s.len && reading_goes_on(t->r);
	     i++) {
		unsigned type = bytes_u16(s, 0), id = bytes_u16(s, 2);
		s = bytes_after(s, 4);
		if (id >= NAMED) {
			bool number = bytes_u32(s, 16) == 0;
			uint64_t len = number ? 0 : bytes_u32(s, 20);
			s = bytes_after(s, 24 + padded(len));
		}
		take_values(t, type, id, &s);
	}
}

/* ---- attributes ---- */

static void read_attachment(struct tnef *t, struct slice data)
{
	size_t mark;

	t->data = data;
	reading_name(t->r, t->name.len ? t->name : SLICE("attachment"), &mark);
	if (t->name.len)
		reading_file(t->r, t->name, data);
	reading_document(t->r, data, t->name);
	reading_unname(t->r, mark);
}

static void take_attribute(struct tnef *t, uint32_t attribute, struct slice data)
{
	unsigned type = attribute >> 16;

	switch (attribute & 0xFFFF) {
	case ATTACH_RENDER:
		t->name = t->data = (struct slice){ 0 };
		break;
	case ATTACH_TITLE:
		t->name = bytes_take_text(&data);
		break;
	case ATTACH_DATA:
		read_attachment(t, data);
		break;
	case MESSAGE_PROPERTIES:
	case ATTACH_PROPERTIES:
		read_properties(t, data);
		break;
	default:
		if (type == 1 || type == 2) /* texts: subject, body, names */
			read_text(t, data, "utf-8");
		break;
	}
}

void tnef_read(struct reading *r, struct slice bytes)
{
	enum { SIGNATURE = 6, HEAD = 9, CHECKSUM = 2 };
	struct tnef t = { .r = r };
	struct slice rest = bytes_after(bytes, SIGNATURE);

	while (rest.len >= HEAD && reading_goes_on(r)) {
		uint64_t len = bytes_u32(rest, 5);
		struct slice data = bytes_part(rest, HEAD, len);
		take_attribute(&t, bytes_u32(rest, 1), data);
		if (data.len < len)
			reading_opaque(r, "damaged");
		rest = bytes_after(rest, HEAD + len + CHECKSUM);
	}
}
