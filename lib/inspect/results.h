/* inspect/results.h: what was found in one message, held against the tests that
 * asked for it. For this layer's own use.
 *
 * Memory   all of it in an arena, whose maximum bounds what one message may cost
 * Threads  one user at a time */
#pragma once

#include "base/arena.h"
#include "base/table.h"
#include "inspect/combine.h"
#include "inspect/compile.h"
#include "inspect/veil.h"

enum {
	RESULTS_OPAQUE_MAX = 32,     /* entries kept; more say nothing new */
	RESULTS_BYTES = 1024 * 1024, /* of the arena, and for each finding that may be kept: */
	RESULTS_FINDING_BYTES = 2048,
	RESULTS_FIRST = 16,     /* findings that there is room for at first */
	RESULTS_FIELD_MAX = 64, /* bytes of a field name that are kept */
};

struct results {
	const struct inspect_rules *rules;
	struct arena *arena;
	struct table **unique; /* for each test that wants more than one value */
	bool *test_hit, *test_sure;
	bool *test_vague; /* some value was not known to its scale */
	struct combine_answers markers;
	struct combine_doubt doubt; /* by opaque entries, those too that are not kept */
	size_t *marker_total;       /* of findings, kept or not */
	size_t room;                /* in findings */
	struct inspect_finding *findings;
	struct veil veil;
	struct inspect_opaque *opaque;
	struct inspect_findings out;
};

/* Where something was seen. */
struct sighting {
	enum rules_where where;
	const char *part;
	unsigned field_number; /* tells fields of one name apart; 0 in text */
	struct slice field;    /* a header field's name, or empty */
	uint64_t offset;       /* of text.at in the part */
	struct slice text;     /* what stands around it */
	size_t at, len;        /* it, in text */
	struct slice value;    /* normalised; for an expression what is shown */
	unsigned shown_first, shown_last;
	bool plain; /* our own words: nothing to mask */
};

enum rc results_init(struct results *r, const struct inspect_rules *rules);
void results_fini(struct results *r); /* a zeroed one is fine */

/* The test's own conditions (except, at_least, near, min_unique) are looked at
 * here; that it looks in this place, and that its value expression matches, was
 * found out before. */
void results_add(struct results *r, size_t test, const struct sighting *s);
void results_add_opaque(struct results *r, const char *part, const char *why);

/* Once, at the end: which markers hold, and the findings of those alone. They live as
 * long as r. */
const struct inspect_findings *results_finish(struct results *r);
