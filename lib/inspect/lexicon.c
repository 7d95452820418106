#include "inspect/lexicon.h"

static enum rc add_words(struct lexicon *l, const struct rules_test *test, unsigned number,
			 struct fault *why)
{
	if (!l->words)
		l->words = words_new();
	if (!l->words)
		return fault(why, RC_NOMEM, "out of memory");
	return words_add(l->words, test->file, &test->place, number, why);
}

enum rc lexicon_add(struct lexicon *l, enum lexicon_kind kind, const struct rules_test *test,
		    unsigned number, struct fault *why)
{
	switch (kind) {
	case LEXICON_NONE:
		return RC_OK;
	case LEXICON_WORDS:
		return add_words(l, test, number, why);
	}
	return RC_OK;
}

void lexicon_fini(struct lexicon *l)
{
	words_free(l->words);
	*l = (struct lexicon){ 0 };
}

void lexicon_state_fini(struct lexicon_state *s)
{
	*s = (struct lexicon_state){ 0 };
}
