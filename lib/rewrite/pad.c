#include "rewrite/pad.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 64 * 1024,
	SHORT = 128, /* bytes: the first line whose length takes a second byte */
	/* Bytes that a cut line of so many takes more, at most: type, and two of length. */
	CUT_COST = 3,
	MARGIN = 64, /* bytes of empty lines on each side of the old end */
	RECORD_MAX =
		4 * 1024, /* bytes: a record is 2,048 by default, and no one needs twice that */
};

struct measuring {
	uint64_t line, more; /* length of the line at hand; what long lines take more in all */
};

static void end_line(struct measuring *m)
{
	if (m->line >= SHORT)
		m->more += 1 + CUT_COST * (m->line / SHORT);
	m->line = 0;
}

static void take(struct measuring *m, struct slice bytes)
{
	struct slice line;

	while (slice_take_until(&bytes, '\n', &line)) {
		m->line += line.len;
		end_line(m);
	}
	m->line += bytes.len;
}

enum rc rewrite_measure(const struct spool *raw, uint64_t body_at, struct rewrite_room *out,
			struct fault *why)
{
	CLEANUP(cleanup_free) char *chunk = malloc(CHUNK);
	struct measuring m = { 0 };

	if (!chunk)
		return fault(why, RC_NOMEM, "out of memory");
	for (uint64_t at = body_at;;) {
		size_t got;
		enum rc rc = spool_read(raw, at, chunk, CHUNK, &got, why);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			break;
		take(&m, (struct slice){ chunk, got });
		at += got;
	}
	end_line(&m);
	uint64_t size = spool_size(raw) - body_at;
	*out = (struct rewrite_room){ size, size + m.more };
	return RC_OK;
}

enum rewrite_place rewrite_pad_place(const struct rewrite_room *old, uint64_t new_len,
				     uint64_t cut_end)
{
	if (new_len + MARGIN <= old->least)
		return REWRITE_PAD_AFTER;
	return cut_end + RECORD_MAX > old->least ? REWRITE_PAD_BEFORE : REWRITE_PAD_NONE;
}

void rewrite_pad(const struct rewrite_room *old, struct splice *body)
{
	static const char blanks[] = "                                                            "
				     "                \r\n";
	const uint64_t each = sizeof blanks - 1;
	uint64_t from = body->size, until = old->most + MARGIN;

	if (from + MARGIN < old->least)
		splice_add_repeated(body, slice_of(blanks),
				    (old->least - MARGIN - from) / each * each);
	if (body->size < until)
		splice_add_repeated(body, SLICE("\r\n"), (until - body->size + 1) / 2 * 2);
}
