#include "deflate/inflate.h"

#include <limits.h>
#include <zlib.h>

enum { PIECE = 16 * 1024 };

static enum rc run(z_stream *z, struct slice in, struct buf *out)
{
	unsigned char piece[PIECE];
	int got = Z_OK;

	z->next_in = (z_const Bytef *)in.at;
	z->avail_in = in.len < UINT_MAX ? (uInt)in.len : UINT_MAX;
	while (got == Z_OK) {
		z->next_out = piece;
		z->avail_out = sizeof piece;
		got = inflate(z, Z_NO_FLUSH);
		enum rc rc = buf_add(out, piece, sizeof piece - z->avail_out);
		if (rc != RC_OK)
			return rc;
		if (z->avail_out && got == Z_OK)
			return RC_INVALID; /* it breaks off */
	}
	return got == Z_STREAM_END ? RC_OK : got == Z_MEM_ERROR ? RC_NOMEM : RC_INVALID;
}

static enum rc with(int window_bits, struct slice in, struct buf *out)
{
	z_stream z = { 0 };

	if (inflateInit2(&z, window_bits) != Z_OK)
		return RC_NOMEM;
	enum rc rc = run(&z, in, out);
	inflateEnd(&z);
	return rc;
}

enum rc inflate_zlib(struct slice in, struct buf *out)
{
	size_t before = out->len;
	enum rc rc = with(MAX_WBITS, in, out);

	if (rc == RC_INVALID && out->len == before)
		rc = with(-MAX_WBITS, in, out);
	return rc;
}
