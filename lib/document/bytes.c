#include "document/bytes.h"

#include <string.h>

static uint32_t byte_at(struct slice s, uint64_t at)
{
	return at < s.len ? (unsigned char)s.at[at] : 0;
}

uint32_t bytes_u16(struct slice s, uint64_t at)
{
	return byte_at(s, at) | byte_at(s, at + 1) << 8;
}

uint32_t bytes_u32(struct slice s, uint64_t at)
{
	return bytes_u16(s, at) | bytes_u16(s, at + 2) << 16;
}

struct slice bytes_part(struct slice s, uint64_t at, uint64_t len)
{
	if (at >= s.len)
		return (struct slice){ 0 };
	uint64_t left = s.len - at;
	return (struct slice){ s.at + at, (size_t)(left < len ? left : len) };
}

struct slice bytes_after(struct slice s, uint64_t at)
{
	return bytes_part(s, at, UINT64_MAX);
}

struct slice bytes_take_text(struct slice *s)
{
	const char *end = s->len ? memchr(s->at, '\0', s->len) : NULL;
	size_t len = end ? (size_t)(end - s->at) : s->len;
	struct slice text = { s->at, len };

	*s = bytes_after(*s, (uint64_t)len + 1);
	return text;
}
