/* inspect/lexicon.h: what is known by its words: terms of a dictionary, rows of a table,
 * texts. For this layer's own use.
 *
 *     { detector = "words"; file = "projects.txt"; }
 *
 * Memory   lexicon_fini(); the state of a message lexicon_state_fini()
 * Threads  a lexicon: any, once its tests are added; a state: one user at a time */
#pragma once

#include "inspect/words.h"

enum lexicon_kind { LEXICON_NONE, LEXICON_WORDS };

struct lexicon {             /* zeroed: empty */
	struct words *words; /* of all tests, whose numbers are the tags; NULL: none */
};

/* For the test of that number, as words_add(). */
enum rc lexicon_add(struct lexicon *l, enum lexicon_kind kind, const struct rules_test *test,
		    unsigned number, struct fault *why);
void lexicon_fini(struct lexicon *l);

static inline bool lexicon_is_there(const struct lexicon *l)
{
	return l->words;
}

/* Of the text at hand. */
struct lexicon_state { /* zeroed: none */
	struct mime_tokens tokens;
	struct words_state words;
};
void lexicon_state_fini(struct lexicon_state *s);
