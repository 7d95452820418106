#include "deflate/deflate.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

enum {
	WINDOW_BITS = -12, /* raw, looking back 4 KiB: dictionary and text together */
	MEMORY_LEVEL = 4,
	STEP = 1024, /* bytes of room made at a time */
};

struct deflate {
	struct slice dictionary;
	z_stream pack, unpack;
};

struct deflate *deflate_new(struct slice dictionary)
{
	struct deflate *d = calloc(1, sizeof *d);

	assert(dictionary.len <= UINT_MAX);
	if (!d)
		return NULL;
	d->dictionary = dictionary;
	if (deflateInit2(&d->pack, Z_BEST_COMPRESSION, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
			 Z_FIXED) != Z_OK) {
		free(d);
		return NULL;
	}
	if (inflateInit2(&d->unpack, WINDOW_BITS) != Z_OK) {
		deflateEnd(&d->pack);
		free(d);
		return NULL;
	}
	return d;
}

void deflate_free(struct deflate *d)
{
	if (!d)
		return;
	deflateEnd(&d->pack);
	inflateEnd(&d->unpack);
	free(d);
}

/* Turns the crank until the stream ends, growing out as it goes. */
static enum rc run(z_stream *z, int (*turn)(z_stream *, int), struct slice in, struct buf *out)
{
	size_t before = out->len;
	int said = Z_OK;

	assert(in.len <= UINT_MAX);
	z->next_in = (Bytef *)(uintptr_t)in.at; /* zlib only reads there */
	z->avail_in = (uInt)in.len;
	while (said == Z_OK) {
		char *space;
		size_t room = out->max - out->len;
		room = room < STEP ? room : STEP;
		if (room == 0 || buf_reserve(out, room, &space) != RC_OK) {
			out->len = before;
			return room ? buf_state(out) : RC_LIMIT;
		}
		z->next_out = (Bytef *)space;
		z->avail_out = (uInt)room;
		said = turn(z, Z_FINISH);
		buf_added(out, room - z->avail_out);
		if (said == Z_BUF_ERROR && z->avail_out == 0)
			said = Z_OK; /* more room is all it lacks */
	}
	if (said == Z_STREAM_END && z->avail_in == 0)
		return RC_OK;
	out->len = before;
	return said == Z_MEM_ERROR ? RC_NOMEM : RC_INVALID;
}

enum rc deflate_pack(struct deflate *d, struct slice in, struct buf *out)
{
	if (deflateReset(&d->pack) != Z_OK ||
	    deflateSetDictionary(&d->pack, (const Bytef *)d->dictionary.at,
				 (uInt)d->dictionary.len) != Z_OK)
		return RC_NOMEM;
	return run(&d->pack, deflate, in, out);
}

enum rc deflate_unpack(struct deflate *d, struct slice in, struct buf *out)
{
	if (inflateReset(&d->unpack) != Z_OK ||
	    inflateSetDictionary(&d->unpack, (const Bytef *)d->dictionary.at,
				 (uInt)d->dictionary.len) != Z_OK)
		return RC_NOMEM;
	return run(&d->unpack, inflate, in, out);
}
