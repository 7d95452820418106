#include "deposit/source.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 64 * 1024 };

static enum rc read_bytes(const void *arg, uint64_t offset, void *to, size_t room, size_t *got,
			  struct fault *why)
{
	const struct slice *bytes = arg;
	size_t left = offset < bytes->len ? bytes->len - (size_t)offset : 0;

	(void)why;
	*got = left < room ? left : room;
	if (*got)
		memcpy(to, bytes->at + offset, *got);
	return RC_OK;
}

struct deposit_source deposit_source_bytes(const struct slice *bytes)
{
	return (struct deposit_source){ .read = read_bytes, .arg = bytes, .size = bytes->len };
}

static enum rc read_spool(const void *arg, uint64_t offset, void *to, size_t room, size_t *got,
			  struct fault *why)
{
	return spool_read(arg, offset, to, room, got, why);
}

struct deposit_source deposit_source_spool(const struct spool *spool)
{
	return (struct deposit_source){ .read = read_spool,
					.arg = spool,
					.size = spool_size(spool) };
}

enum rc deposit_source_each(const struct deposit_source *source, deposit_piece_fn *fn, void *arg,
			    struct fault *why)
{
	CLEANUP(cleanup_free) char *piece = malloc(PIECE);
	uint64_t offset = 0;

	if (!piece)
		return fault(why, RC_NOMEM, "out of memory");
	for (;;) {
		size_t got = 0;
		enum rc rc = source->read(source->arg, offset, piece, PIECE, &got, why);
		if (rc == RC_OK && got == 0)
			break;
		offset += got;
		if (rc == RC_OK && offset > source->size)
			break;
		if (rc == RC_OK)
			rc = fn(arg, (struct slice){ piece, got }, why);
		if (rc != RC_OK)
			return rc;
	}
	if (offset != source->size)
		return fault(why, RC_RETRY, "message changed its size while it was read");
	return RC_OK;
}

/* Where the header ends, its last line end included; len when it has no end yet. */
static size_t header_end(struct slice s)
{
	struct slice rest = s, line;

	while (slice_take_line(&rest, &line))
		if (line.len == 0)
			return (size_t)(line.at - s.at);
	return s.len;
}

enum rc deposit_source_header(const struct deposit_source *source, struct buf *out,
			      struct fault *why)
{
	enum { STEP = 4096 };
	const size_t before = out->len;

	for (uint64_t offset = 0;;) {
		size_t want = out->max - out->len < STEP ? out->max - out->len : STEP, got = 0;
		char *space;

		enum rc rc = buf_reserve(out, want, &space);
		if (rc != RC_OK)
			return fault(why, rc, "out of memory");
		if (want)
			rc = source->read(source->arg, offset, space, want, &got, why);
		if (rc != RC_OK)
			return rc;
		buf_added(out, got);
		offset += got;

		struct slice all = { out->at + before, out->len - before };
		size_t end = header_end(all);
		if (end < all.len) {
			out->len = before + end;
			out->at[out->len] = '\0';
			return RC_OK;
		}
		if (got == 0)
			return RC_OK;
	}
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] <= ' ' || s.at[i] > '~')
			return false;
	return s.len > 0;
}

bool deposit_field_take(struct slice *header, struct slice *name, struct slice *value)
{
	struct slice line;

	while (slice_take_line(header, &line)) {
		const char *end = line.at + line.len;
		struct slice field = line, more;
		bool named = slice_take_until(&field, ':', name) && is_name(*name);

		while (header->len && slice_blank(header->at[0]) && slice_take_line(header, &more))
			end = more.at + more.len;
		if (!named)
			continue;
		*value = (struct slice){ field.at, (size_t)(end - field.at) };
		return true;
	}
	return false;
}
