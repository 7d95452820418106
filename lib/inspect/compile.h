/* inspect/compile.h: the rules' markers, made ready for matching. For this layer's
 * own use; others see inspect.h.
 *
 *     marker "wish", test 0 { subject = "\\[secure\\]"; }    →   pattern 0 of `block`
 *     marker "card", test 1 { detector = "payment-card"; }  →   pattern 1 of `block` and `stream`
 *
 * Tests are numbered through all markers. A detector that several tests use is
 * searched for once. */
#pragma once

#include "inspect/detector.h"
#include "inspect/digits.h"
#include "inspect/inspect.h"
#include "inspect/matcher.h"
#include "inspect/papers.h"

#include <stdatomic.h>

enum {
	/* Characters that `near` may look away: what a window must hold for each
	 * message at hand, four bytes a character. */
	INSPECT_NEAR_MAX = 1000,
	INSPECT_UNREADABLE = 6, /* patterns of our own: texts that hold what cannot be read */
	INSPECT_NONE = -1,
};

struct inspect_test {
	const struct rules_test *rule;
	size_t marker;
	bool negated;                    /* one of the marker's not */
	unsigned where;                  /* set of rules_where */
	const struct detector *detector; /* NULL: an expression */
	long next;                       /* test of the same detector, or INSPECT_NONE */
	const struct rules_scale *scale; /* NULL: none, or an order of the rule's own */
	size_t word_count;
	char **words;            /* near.words, folded, in lower case */
	struct files_list *list; /* of hashes; NULL: none */
};

/* What a pattern of `stream` or `block` stands for. */
struct inspect_pattern {
	const struct detector *detector; /* NULL: a test's expression */
	long test;                       /* the test, or the first of the detector */
	size_t number;                   /* of the detector's patterns */
	long next;                       /* what else it stands for, or INSPECT_NONE */
	unsigned where;                  /* set of rules_where that it is searched for in */
	const char *opaque;              /* our own: text that says it cannot be read */
};

struct inspect_rules {
	atomic_uint refs;
	const struct rules *rules;
	struct inspect_limits limits;
	struct papers_config papers;
	struct lexicon lexicon;
	size_t test_count, pattern_count;
	struct inspect_test *tests;
	struct inspect_pattern *patterns;
	/* Any may be NULL: nothing to search for. */
	struct matcher *stream; /* body and attachments; ids are patterns */
	struct matcher *block;  /* header values, subject, file names; ids are patterns */
	struct matcher *values; /* tests' value over a detector's normalised one; ids are tests */
	struct matcher *spans;  /* tests with strip, over the subject; ids are tests */
	struct matcher_pool *pool;
	/* What is searched for by its digits: the pattern of each kind, and the kinds (sets of
	 * 1 << digits_kind) for text and for what is matched whole. */
	unsigned digits[DIGITS_KINDS], text_digits, block_digits;
	long first[DETECTORS_MAX]; /* test of each detector, or INSPECT_NONE */
	bool presence;             /* some test wants a header field, whatever its value */
	bool files, hashes;        /* some test wants files' bytes, or their hashes */
	unsigned where;            /* set of rules_where: what any test looks at */
	size_t before, after;      /* bytes that a window must keep */
};

/* What the detectors and expressions of body and attachments look at. */
enum { INSPECT_TEXT = RULES_BODY | RULES_ATTACHMENT };
