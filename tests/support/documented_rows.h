/* support/documented_rows.h: a table of seeds, each with what a format's reader tells of it;
 * for unit tests. */
#pragma once

#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

typedef void documented_reader(struct reading *r, struct slice bytes);

struct documented_row {
	const char *name, *seed, *out; /* out: as support/documented.h writes it */
};

static inline void assert_documented(documented_reader *read, const struct documented_row *rows,
				     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf in = seeded(rows[i].seed);
		struct buf out = documented_by(read, buf_slice(&in));
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].name, buf_text(&out));
		buf_free(&in);
		buf_free(&out);
	}
}

/* Cut short anywhere, a document gives no more than it did whole, and no trouble. */
static inline void assert_cut_short(documented_reader *read, const struct documented_row *rows,
				    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf in = seeded(rows[i].seed);
		for (size_t len = 0; len < in.len; len += 1 + in.len / 200) {
			char *exact = malloc(len ? len : 1);
			assert_non_null(exact);
			memcpy(exact, in.at, len);
			struct buf out = documented_by(read, (struct slice){ exact, len });
			buf_free(&out);
			free(exact);
		}
		buf_free(&in);
	}
}
