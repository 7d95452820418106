#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 64 };

static enum rc fail(struct buf *b, enum rc rc)
{
	b->state = rc;
	return rc;
}

/* realloc(), but what was there is overwritten where it stood. */
static char *move_secret(const struct buf *b, size_t room)
{
	char *at = malloc(room);

	if (!at || !b->at)
		return at;
	memcpy(at, b->at, b->len + 1);
	explicit_bzero(b->at, b->room);
	free(b->at);
	return at;
}

enum rc buf_reserve(struct buf *b, size_t len, char **space)
{
	if (b->state != RC_OK)
		return b->state;
	if (len > b->max - b->len)
		return fail(b, RC_LIMIT);

	size_t need = b->len + len + 1;
	if (need > b->room) {
		size_t room = b->room < ROOM_MIN ? ROOM_MIN : b->room;
		while (room < need)
			room += room / 2;
		char *at = b->secret ? move_secret(b, room) : realloc(b->at, room);
		if (!at)
			return fail(b, RC_NOMEM);
		b->at = at;
		b->room = room;
	}
	*space = b->at + b->len;
	return RC_OK;
}

void buf_added(struct buf *b, size_t len)
{
	assert(b->len + len < b->room);
	b->len += len;
	b->at[b->len] = '\0';
}

enum rc buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *space;
	enum rc rc = buf_reserve(b, len, &space);

	if (rc != RC_OK)
		return rc;
	if (len)
		memcpy(space, bytes, len);
	buf_added(b, len);
	return RC_OK;
}

enum rc buf_add_slice(struct buf *b, struct slice s)
{
	return buf_add(b, s.at, s.len);
}

enum rc buf_add_text(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

enum rc buf_add_byte(struct buf *b, char byte)
{
	return buf_add(b, &byte, 1);
}

enum rc buf_addv(struct buf *b, const char *format, va_list args)
{
	va_list again;
	char *space;

	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(len >= 0);

	enum rc rc = buf_reserve(b, (size_t)len, &space);
	if (rc != RC_OK)
		return rc;
	vsnprintf(space, (size_t)len + 1, format, args);
	buf_added(b, (size_t)len);
	return RC_OK;
}

enum rc buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(b, format, args);
	va_end(args);
	return rc;
}

enum rc buf_state(const struct buf *b)
{
	return b->state;
}

struct slice buf_slice(const struct buf *b)
{
	return (struct slice){ b->at, b->len };
}

const char *buf_text(const struct buf *b)
{
	return b->at ? b->at : "";
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->state = RC_OK;
	if (b->at)
		b->at[0] = '\0';
}

void buf_drop(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (len == 0)
		return;
	memmove(b->at, b->at + len, b->len - len + 1);
	b->len -= len;
}

void buf_wipe(struct buf *b)
{
	if (b->at)
		explicit_bzero(b->at, b->room);
	free(b->at);
	*b = (struct buf){ .max = b->max, .secret = b->secret };
}

void buf_free(struct buf *b)
{
	if (b->secret) {
		buf_wipe(b);
		return;
	}
	free(b->at);
	*b = (struct buf){ .max = b->max };
}
