#include "reader/wire.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <string.h>

static void put_number(unsigned char *at, uint64_t number, size_t bytes)
{
	for (size_t i = bytes; i-- > 0; number >>= 8)
		at[i] = (unsigned char)number;
}

static uint64_t get_number(const char *at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)at[i];
	return number;
}

static struct slice cut(struct slice s, size_t max)
{
	return (struct slice){ s.at, s.len < max ? s.len : max };
}

/* Not within a character. */
static struct slice cut_text(struct slice s, size_t max)
{
	struct slice front = cut(s, max);

	while (front.len < s.len && front.len && ((unsigned char)s.at[front.len] & 0xC0) == 0x80)
		front.len--;
	return front;
}

enum rc wire_add(struct buf *out, const struct wire_frame *frame)
{
	unsigned char head[WIRE_HEAD] = { (unsigned char)frame->kind };
	struct slice path = cut(frame->path, WIRE_PATH_MAX);
	struct slice name = cut_text(frame->name, WIRE_NAME_MAX);
	struct slice body = frame->kind == WIRE_DATA ? cut(frame->body, WIRE_BODY_MAX)
						     : cut_text(frame->body, WIRE_BODY_MAX);

	put_number(head + 1, frame->number, 8);
	put_number(head + 9, path.len, 2);
	put_number(head + 11, name.len, 2);
	put_number(head + 13, body.len, 4);
	enum rc rc = buf_add(out, head, sizeof head);
	if (rc == RC_OK)
		rc = buf_add_slice(out, path);
	if (rc == RC_OK)
		rc = buf_add_slice(out, name);
	return rc == RC_OK ? buf_add_slice(out, body) : rc;
}

static bool is_printable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] < ' ' || s.at[i] > '~')
			return false;
	return true;
}

/* What each kind of frame may have. */
static const struct shape {
	bool from_reader, path, name, body, number;
} shapes[WIRE_KINDS] = {
	[WIRE_JOB] = { .name = true, .body = true, .number = true },
	[WIRE_DATA] = { .body = true },
	[WIRE_BEGIN] = { .from_reader = true, .path = true },
	[WIRE_TEXT] = { .from_reader = true, .body = true },
	[WIRE_END] = { .from_reader = true },
	[WIRE_FILE] = { .from_reader = true,
			.path = true,
			.name = true,
			.body = true,
			.number = true },
	[WIRE_PROPERTY] = { .from_reader = true, .path = true, .name = true, .body = true },
	[WIRE_LABEL] = { .from_reader = true, .path = true, .body = true },
	[WIRE_OPAQUE] = { .from_reader = true, .path = true, .name = true },
	[WIRE_DONE] = { .from_reader = true, .number = true },
};

static bool is_right(const struct wire_frame *f)
{
	const struct shape *s = &shapes[f->kind];

	if ((!s->path && f->path.len) || (!s->name && f->name.len) || (!s->body && f->body.len) ||
	    (!s->number && f->number))
		return false;
	if (!s->from_reader)
		return true;
	if (!is_printable(f->path) || (f->kind == WIRE_OPAQUE && !is_printable(f->name)))
		return false;
	return utf8_is_valid(f->name) && utf8_is_valid(f->body);
}

static struct slice take(struct slice *in, size_t len)
{
	struct slice front = { in->at, len };

	*in = (struct slice){ in->at + len, in->len - len };
	return front;
}

enum rc wire_take(struct slice *in, bool from_reader, struct wire_frame *out)
{
	if (in->len == 0)
		return RC_ABSENT;
	unsigned char kind = (unsigned char)*in->at;
	if (kind >= WIRE_KINDS || shapes[kind].from_reader != from_reader)
		return RC_INVALID;
	if (in->len < WIRE_HEAD)
		return RC_ABSENT;
	size_t path = get_number(in->at + 9, 2), name = get_number(in->at + 11, 2);
	size_t body = get_number(in->at + 13, 4);
	if (path > WIRE_PATH_MAX || name > WIRE_NAME_MAX || body > WIRE_BODY_MAX)
		return RC_INVALID;
	if (in->len < WIRE_HEAD + path + name + body)
		return RC_ABSENT;
	struct slice rest = *in;
	struct wire_frame f = { .kind = (enum wire_kind)kind,
				.number = get_number(take(&rest, WIRE_HEAD).at + 1, 8) };
	f.path = take(&rest, path);
	f.name = take(&rest, name);
	f.body = take(&rest, body);
	if (!is_right(&f))
		return RC_INVALID;
	*out = f;
	*in = rest;
	return RC_OK;
}

bool wire_file_take(struct slice body, struct wire_file *out)
{
	struct slice type;

	if (!slice_take_until(&body, ' ', &type) || type.len >= sizeof out->type ||
	    !is_printable(type) || (body.len && body.len != WIRE_HASH))
		return false;
	for (size_t i = 0; i < body.len; i++)
		if (hex_digit(body.at[i]) < 0)
			return false;
	*out = (struct wire_file){ .hash = body };
	memcpy(out->type, type.at, type.len);
	return true;
}

enum { LIMITS = 6 };

enum rc wire_limits_add(struct buf *out, const struct wire_limits *limits)
{
	const uint64_t numbers[LIMITS] = { limits->depth,    limits->members, limits->ratio,
					   limits->unpacked, limits->cpu_ms,  limits->hashes };
	unsigned char bytes[8 * LIMITS];

	for (size_t i = 0; i < LIMITS; i++)
		put_number(bytes + 8 * i, numbers[i], 8);
	return buf_add(out, bytes, sizeof bytes);
}

bool wire_limits_take(struct slice body, struct wire_limits *out)
{
	if (body.len != 8 * (size_t)LIMITS)
		return false;
	*out = (struct wire_limits){
		.depth = get_number(body.at, 8),
		.members = get_number(body.at + 8, 8),
		.ratio = get_number(body.at + 16, 8),
		.unpacked = get_number(body.at + 24, 8),
		.cpu_ms = get_number(body.at + 32, 8),
		.hashes = get_number(body.at + 40, 8),
	};
	return true;
}
