#include "mime/field.h"

#include <string.h>

void mime_fields_init(struct mime_fields *f, size_t max_bytes)
{
	*f = (struct mime_fields){
		.field = BUF_INIT(max_bytes), .left = max_bytes, .line_begins = true, .first = true
	};
}

void mime_fields_fini(struct mime_fields *f)
{
	buf_free(&f->field);
}

/* Splits what was gathered. False when it is no field. */
static bool split(struct mime_fields *f)
{
	struct slice rest = buf_slice(&f->field), name;

	if (!slice_take_until(&rest, ':', &name))
		return false;
	name = slice_trim(name);
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] <= ' ' || name.at[i] == 0x7F)
			return false;
	while (rest.len && memchr("\r\n", rest.at[rest.len - 1], 2))
		rest.len--;
	f->name = name;
	f->value = slice_trim(rest);
	return name.len > 0;
}

/* The gathered lines are whole. True when they are a field to be handed out. */
static bool finish(struct mime_fields *f)
{
	f->whole = true; /* the next call begins a new one */
	if (split(f))
		return true;
	if (f->first && f->field.len >= 5 && memcmp(f->field.at, "From ", 5) == 0)
		return false;
	if (!f->over)
		f->ended = true;
	return false;
}

/* Up to the last byte that fits, so that the cut is the same for all chunks. */
static void add(struct mime_fields *f, struct slice bytes)
{
	if (bytes.len > f->left) {
		bytes.len = f->left;
		f->over = true;
	}
	f->left -= bytes.len;
	if (buf_add_slice(&f->field, bytes) != RC_OK)
		f->over = true;
}

/* Whether the line, of which this is one more piece, is LF or CRLF alone. */
static bool still_empty(struct mime_fields *f, struct slice piece)
{
	size_t most = f->line_begins ? 2 : f->empty;

	if (most == 2 && slice_drop_prefix(&piece, "\r"))
		most = 1; /* only the LF is missing */
	slice_drop_prefix(&piece, "\n");
	f->empty = piece.len ? 0 : (unsigned char)most;
	return f->empty > 0;
}

/* A new field begins, unless the bytes gathered are the header's last. */
static void restart(struct mime_fields *f)
{
	if (!f->whole || f->ended)
		return;
	f->first = false;
	f->whole = false;
	buf_clear(&f->field);
}

/* At the front of a line: whether it goes on with the field gathered. */
static bool continues(const struct mime_fields *f, char c)
{
	return f->field.len == 0 || slice_blank(c);
}

bool mime_fields_take(struct mime_fields *f, struct slice *in)
{
	restart(f);
	while (in->len && !f->ended) {
		if (f->line_begins && !continues(f, *in->at)) {
			if (finish(f))
				return true;
			restart(f);
			continue;
		}
		const char *end = memchr(in->at, '\n', in->len);
		size_t n = end ? (size_t)(end - in->at) + 1 : in->len;
		struct slice piece = { in->at, n };
		bool empty = still_empty(f, piece);
		add(f, piece);
		*in = (struct slice){ in->at + n, in->len - n };
		f->line_begins = end != NULL;
		if (end && empty) {
			buf_clear(&f->field);
			f->ended = true;
		}
	}
	return false;
}

bool mime_fields_end(struct mime_fields *f)
{
	restart(f);
	return !f->ended && f->field.len && finish(f);
}

struct slice mime_fields_rest(const struct mime_fields *f)
{
	return f->ended ? buf_slice(&f->field) : (struct slice){ 0 };
}
