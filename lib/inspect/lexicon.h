/* inspect/lexicon.h: what is known by its words: terms of a dictionary, rows of a table,
 * texts. For this layer's own use.
 *
 *     { detector = "words"; file = "projects.txt"; }
 *     { detector = "exact-data"; index = "staff.idx"; columns = 3; }
 *     { detector = "fingerprint"; index = "board.idx"; percent = 20; }
 *
 * Memory   lexicon_fini(); the state of a message lexicon_state_fini()
 * Threads  a lexicon: any, once its tests are added; a state: one user at a time */
#pragma once

#include "inspect/exact.h"
#include "inspect/fingerprint.h"
#include "inspect/words.h"

enum lexicon_kind { LEXICON_NONE, LEXICON_WORDS, LEXICON_EXACT, LEXICON_FINGERPRINT };

enum {
	LEXICON_TESTS_MAX = 64, /* of indexes: each costs every word of a message */
	LEXICON_PERCENT = 50,   /* of a text, unless a test says so */
};

/* What was opened once serves all tests that name it. */
struct lexicon_exact {
	struct exact *index;
	const char *path, *key; /* the rules' */
};

struct lexicon_print {
	struct fingerprint *index;
	const char *path, *key;
};

struct lexicon_test { /* of an index */
	unsigned number;
	size_t index;  /* in its list */
	unsigned need; /* columns, or percent */
};

struct lexicon {             /* zeroed: empty */
	struct words *words; /* of all tests, whose numbers are the tags; NULL: none */
	size_t exact_count, exact_test_count;
	struct lexicon_exact exact[LEXICON_TESTS_MAX];
	struct lexicon_test exact_tests[LEXICON_TESTS_MAX];
	size_t print_count, print_test_count;
	struct lexicon_print prints[LEXICON_TESTS_MAX];
	struct lexicon_test print_tests[LEXICON_TESTS_MAX];
};

/* For the test of that number. RC_INVALID: *why is "FILE:LINE: ...", of a file of words or of the
 * rule; RC_LIMIT: too many tests or terms; RC_NOMEM. */
enum rc lexicon_add(struct lexicon *l, enum lexicon_kind kind, const struct rules_test *test,
		    unsigned number, struct fault *why);
void lexicon_fini(struct lexicon *l);

static inline bool lexicon_is_there(const struct lexicon *l)
{
	return l->words || l->exact_count || l->print_count;
}

/* How much of a text must be there to be shown when a finding is told, behind its end. */
size_t lexicon_before(const struct lexicon *l);

/* Of a message, and of the text at hand. */
struct lexicon_state { /* zeroed: none */
	struct mime_tokens tokens;
	struct words_state words;
	struct exact_state **exact;       /* for each index; NULL: none yet */
	struct fingerprint_run *runs;     /* for each index */
	struct fingerprint_state *prints; /* for each test */
	size_t exact_count, print_count;  /* of those arrays */
};

/* Makes what the lexicon needs; false: memory is out. */
bool lexicon_state_init(struct lexicon_state *s, const struct lexicon *l);
void lexicon_state_begin(struct lexicon_state *s, const struct lexicon *l); /* a new text */
void lexicon_state_fini(struct lexicon_state *s);
