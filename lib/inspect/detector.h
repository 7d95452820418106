/* inspect/detector.h: what Postern knows how to find by itself.
 *
 *     payment-card   "4111 1111 1111 1111"   →   4111111111111111
 *     sensitivity    Sensitivity: Private    →   private
 *
 * A detector looks at text (a pattern for the matcher and a validator that looks
 * back from where it matched), at header fields, or at what could not be read.
 * Each finding has a normalised value, which the rules compare.
 *
 * Standard  the contract of docs/man rules.conf(5), DETECTORS
 * Threads   constant data and pure functions */
#pragma once

#include "base/slice.h"
#include "inspect/files.h"
#include "inspect/lexicon.h"
#include "settings/rules.h"

enum {
	DETECTOR_VALUE_MAX = 256,  /* bytes of a normalised value; markings are the longest */
	DETECTOR_BEFORE = 256,     /* bytes of text that validators may look back on */
	DETECTOR_AFTER = 64,       /* and ahead */
	DETECTOR_PATTERNS_MAX = 4, /* of one detector */
	DETECTOR_FIELD_HITS = 16,  /* of one header field: it may name several labels */
	DETECTORS_MAX = 64,        /* in the table */
};

struct detector_hit {
	size_t at, len; /* in the text */
	size_t value_len;
	char value[DETECTOR_VALUE_MAX];
};

/* A candidate: the pattern of that number matched up to text.at[end - 1]. */
struct detector_candidate {
	struct slice text;
	size_t end;
	size_t pattern;
	bool begins;   /* text begins where its part or field does */
	unsigned kind; /* the detector's */
};

struct detector {
	const char *name;
	unsigned where; /* set of rules_where: where it looks unless a test says so */
	/* How much of the evidence is shown at each end. */
	unsigned char shown_first, shown_last;
	unsigned char kind; /* which of those that share a check */
	/* For text; all NULL for the others. Those that have the same are searched for
	 * once. */
	const char *patterns[DETECTOR_PATTERNS_MAX];
	bool (*check)(const struct detector_candidate *c, struct detector_hit *hit);
	/* For a header field of the message. value is decoded and folded; hits has room
	 * for DETECTOR_FIELD_HITS. How many there are. An empty value: a marking that
	 * does not say what it means. */
	size_t (*field)(struct slice name, struct slice value, struct detector_hit *hits);
	/* For a property of a document, likewise. */
	size_t (*property)(struct slice name, struct slice value, struct detector_hit *hits);
	/* Looks at attached files as a whole (inspect/files.h); value: the name. */
	enum files_aspect file;
	bool label;                /* at documents' properties and labels (inspect/officelabel.h) */
	enum lexicon_kind lexicon; /* at a text's words (inspect/lexicon.h) */
	bool opaque;               /* tells what could not be read; value: why */
};

/* NULL: there is none of that name (yet). */
const struct detector *detector_find(const char *name);

/* Every detector, for lists: NULL past the last. */
const struct detector *detector_at(size_t i);
