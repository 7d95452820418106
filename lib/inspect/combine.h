/* inspect/combine.h: which markers hold, from which of their tests have hit.
 *
 *     any = ( a, b, c ); min_tests = 2; not = ( d );   a, b hit, d might have:
 *     seen: it holds.  least: it does not.  most: it holds.
 *
 * What was not read can hold anything. So for each marker two more answers are given
 * beside what was seen: whether it holds whatever stands there (least), and whether it
 * could hold (most). Doubt protects: what brings protection goes by `most`, what would
 * lift it by `least`.
 *
 * Threads  pure functions. For this layer's own use, and for tests of what rests on it */
#pragma once

#include "settings/rules.h"

struct combine_doubt {
	bool header;  /* something of the message's own header was not read */
	bool content; /* something was not read */
};

/* hit: for each test, in the order of the markers, those of not behind the others of their
 * marker. seen, least, most: for each marker. */
void combine_markers(const struct rules *rules, const bool *hit, struct combine_doubt doubt,
		     bool *seen, bool *least, bool *most);

/* How many tests there are, those of not counted in. */
size_t combine_test_count(const struct rules *rules);

/* Whether the test looks at nothing but the message's own header. */
bool combine_reads_header_only(const struct rules_test *test);
