#include "inspect/flaws.h"

#include "base/utf8.h"
#include "inspect/words.h"

struct looking {
	const struct words *words;
	flaws_tell *tell;
	void *of;
};

static void on_duplicate(void *of, unsigned line, unsigned first, struct slice term)
{
	const struct looking *l = of;
	const struct flaws_one one = { FLAWS_TWICE, line, first, term, term };

	l->tell(l->of, &one);
}

static bool is_short(struct slice term)
{
	size_t count = 0;
	uint32_t c;

	while (term.len && utf8_take(&term, &c))
		count++;
	return count < FLAWS_LETTERS;
}

/* Another term that is met within this one, or 0. */
static uint32_t find_within(const struct words *w, uint32_t number, struct slice text)
{
	struct words_hit hits[WORDS_LENGTH_MAX];
	struct words_state state = { .count = 0 };
	struct mime_tokens tokens;
	bool more = true;

	mime_tokens_begin(&tokens);
	while (more) {
		const struct mime_token *token = mime_token_take(&tokens, &text);
		more = token != NULL;
		if (!token)
			token = mime_token_end(&tokens);
		size_t count = token ? words_take(w, &state, token, hits) : 0;
		for (size_t i = 0; i < count; i++)
			if (hits[i].term != number)
				return hits[i].term;
	}
	return 0;
}

static void look_at(const struct looking *l, uint32_t number)
{
	const struct words_term term = words_term(l->words, number);
	struct flaws_one one = { .line = term.line, .term = term.text };
	uint32_t other = find_within(l->words, number, term.text);

	if (other) {
		const struct words_term held = words_term(l->words, other);
		one.kind = FLAWS_WITHIN;
		one.other = held.line;
		one.held = held.text;
		l->tell(l->of, &one);
	} else if (is_short(term.text)) {
		one.kind = FLAWS_SHORT;
		l->tell(l->of, &one);
	}
}

enum rc flaws_find(const char *path, const struct rules_place *place, flaws_tell *tell, void *of,
		   struct fault *why)
{
	struct words *w = words_new();
	struct looking l = { w, tell, of };

	if (!w)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = words_check(path, place, on_duplicate, &l, why);
	if (rc == RC_OK)
		rc = words_add(w, path, place, 0, why);
	for (uint32_t i = 1; rc == RC_OK && i <= words_count(w); i++)
		look_at(&l, i);
	words_free(w);
	return rc;
}
