/* support/spooled.h: a text in a spool, and a splice as a text. */
#pragma once

#include "base/buf.h"
#include "base/splice.h"
#include "support/unit.h"

static inline struct spool *spooled(const char *text)
{
	struct spool *spool = spool_new(1 << 24, 1 << 24, "/tmp");

	assert_non_null(spool);
	assert_int_equal(spool_add(spool, text, strlen(text), NULL), RC_OK);
	return spool;
}

/* buf_free() it. */
static inline struct buf spliced(const struct splice *s)
{
	struct buf all = BUF_INIT(1 << 24);
	char chunk[1000];
	size_t got;

	do {
		assert_int_equal(splice_read(s, all.len, chunk, sizeof chunk, &got, NULL), RC_OK);
		assert_int_equal(buf_add(&all, chunk, got), RC_OK);
	} while (got);
	assert_int_equal(all.len, s->size);
	return all;
}
