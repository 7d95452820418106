/* inspect/combine.h: which markers hold, from which of their tests have hit.
 *
 *     any = ( a, b, c ); min_tests = 2; not = ( d );   a, b hit, d might have:
 *     seen: it holds.  least: it does not.  most: it holds.
 *
 * What was read may be in doubt (a value that no scale knows counts as high), and what was
 * not read can hold anything. So each marker has two pairs of answers. By what was read: it
 * holds, doubt brings protection (seen); it holds beyond doubt (sure). Whatever stands in what
 * was not read: it could hold (most); it holds in any case (least). What brings protection goes
 * by seen or most, what would lift it by sure or least; so does each `not` within a marker.
 *
 * Threads  pure functions. For this layer's own use, for demand, and for tests of what rests
 *          on it */
#pragma once

#include "settings/rules.h"

struct combine_tests { /* by their places: struct rules_marker, first_test */
	const bool *hit;
	const bool *sure; /* only where hit */
};

struct combine_doubt {
	bool header;  /* something of the message's own header was not read */
	bool content; /* something was not read */
};

struct combine_answers { /* for each marker */
	bool *seen, *sure, *least, *most;
};

/* *out's arrays are the caller's, and filled. */
void combine_markers(const struct rules *rules, struct combine_tests tests,
		     struct combine_doubt doubt, const struct combine_answers *out);

/* How many tests there are, those of not counted in. */
size_t combine_test_count(const struct rules *rules);

/* Whether the test looks at nothing but the message's own header. */
bool combine_reads_header_only(const struct rules_test *test);

/* Whether what it finds in the header speaks of the whole message: a label, a wish. It may look
 * elsewhere too, as for labels in documents. */
bool combine_is_label(const struct rules_test *test);
