#include "inspect/lexicon.h"

#include <stdlib.h>
#include <string.h>

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory");
}

static enum rc add_words(struct lexicon *l, const struct rules_test *test, unsigned number,
			 struct fault *why)
{
	if (!l->words)
		l->words = words_new();
	if (!l->words)
		return no_memory(why);
	return words_add(l->words, test->file, &test->place, number, why);
}

/* ---- indexes ---- */

/* A failure to open what the rule at that place names. */
static enum rc blame(const struct rules_test *test, enum rc rc, const struct fault *cause,
		     struct fault *why)
{
	return fault(why, rc, "%s:%u: %s", test->place.file, test->place.line, cause->text);
}

static enum rc check_count(const struct rules_test *test, size_t count, struct fault *why)
{
	if (count < LEXICON_TESTS_MAX)
		return RC_OK;
	return fault(why, RC_LIMIT, "%s:%u: more than %d tests of this detector", test->place.file,
		     test->place.line, LEXICON_TESTS_MAX);
}

static bool is_same(const struct rules_test *test, const char *path, const char *key)
{
	return strcmp(test->index, path) == 0 && strcmp(test->key, key) == 0;
}

static enum rc add_exact(struct lexicon *l, const struct rules_test *test, unsigned number,
			 struct fault *why)
{
	struct fault cause;
	size_t at = 0;
	enum rc rc = check_count(test, l->exact_test_count, why);

	if (rc != RC_OK)
		return rc;
	while (at < l->exact_count && !is_same(test, l->exact[at].path, l->exact[at].key))
		at++;
	struct lexicon_exact *e = &l->exact[at];
	if (at == l->exact_count) {
		rc = exact_open(test->index, test->key, &e->index, &cause);
		if (rc != RC_OK)
			return blame(test, rc, &cause, why);
		e->path = test->index;
		e->key = test->key;
		l->exact_count++;
	}
	if (test->columns > exact_columns(e->index))
		return fault(why, RC_INVALID, "%s:%u: columns is %u, and the index has %u",
			     test->place.file, test->place.line, test->columns,
			     exact_columns(e->index));
	l->exact_tests[l->exact_test_count++] =
		(struct lexicon_test){ number, at,
				       test->columns ? test->columns : exact_need(e->index) };
	return RC_OK;
}

static enum rc add_print(struct lexicon *l, const struct rules_test *test, unsigned number,
			 struct fault *why)
{
	struct fault cause;
	size_t at = 0;
	enum rc rc = check_count(test, l->print_test_count, why);

	if (rc != RC_OK)
		return rc;
	while (at < l->print_count && !is_same(test, l->prints[at].path, l->prints[at].key))
		at++;
	struct lexicon_print *p = &l->prints[at];
	if (at == l->print_count) {
		rc = fingerprint_open(test->index, test->key, &p->index, &cause);
		if (rc != RC_OK)
			return blame(test, rc, &cause, why);
		p->path = test->index;
		p->key = test->key;
		l->print_count++;
	}
	l->print_tests[l->print_test_count++] =
		(struct lexicon_test){ number, at,
				       test->percent ? test->percent : LEXICON_PERCENT };
	return RC_OK;
}

enum rc lexicon_add(struct lexicon *l, enum lexicon_kind kind, const struct rules_test *test,
		    unsigned number, struct fault *why)
{
	switch (kind) {
	case LEXICON_NONE:
		return RC_OK;
	case LEXICON_WORDS:
		return add_words(l, test, number, why);
	case LEXICON_EXACT:
		return add_exact(l, test, number, why);
	case LEXICON_FINGERPRINT:
		return add_print(l, test, number, why);
	}
	return RC_OK;
}

void lexicon_fini(struct lexicon *l)
{
	words_free(l->words);
	for (size_t i = 0; i < l->exact_count; i++)
		exact_free(l->exact[i].index);
	for (size_t i = 0; i < l->print_count; i++)
		fingerprint_free(l->prints[i].index);
	*l = (struct lexicon){ 0 };
}

size_t lexicon_before(const struct lexicon *l)
{
	return l->exact_count ? EXACT_SPAN : 0;
}

/* ---- a message ---- */

bool lexicon_state_init(struct lexicon_state *s, const struct lexicon *l)
{
	if (l->exact_count && !s->exact) {
		s->exact = calloc(l->exact_count, sizeof(struct exact_state *));
		s->exact_count = s->exact ? l->exact_count : 0;
	}
	for (size_t i = 0; i < s->exact_count; i++) {
		if (!s->exact[i])
			s->exact[i] = calloc(1, sizeof *s->exact[i]);
		if (!s->exact[i])
			return false;
		s->exact[i]->index = l->exact[i].index;
	}
	if (l->print_count && !s->runs)
		s->runs = calloc(l->print_count, sizeof *s->runs);
	if (l->print_count && !s->prints) {
		s->prints = calloc(l->print_test_count, sizeof *s->prints);
		s->print_count = s->prints ? l->print_test_count : 0;
	}
	for (size_t i = 0; i < s->print_count; i++)
		s->prints[i].index = l->prints[l->print_tests[i].index].index;
	return s->exact_count == l->exact_count && (!l->print_count || (s->runs && s->prints));
}

void lexicon_state_begin(struct lexicon_state *s, const struct lexicon *l)
{
	mime_tokens_begin(&s->tokens);
	s->words.count = 0;
	for (size_t i = 0; i < s->exact_count; i++)
		if (s->exact[i]) /* else memory was out */
			exact_begin(s->exact[i]);
	for (size_t i = 0; s->runs && i < l->print_count; i++)
		s->runs[i] = (struct fingerprint_run){ 0 };
}

void lexicon_state_fini(struct lexicon_state *s)
{
	for (size_t i = 0; i < s->exact_count; i++)
		free(s->exact[i]);
	for (size_t i = 0; i < s->print_count; i++)
		fingerprint_state_fini(&s->prints[i]);
	free(s->exact);
	free(s->runs);
	free(s->prints);
	*s = (struct lexicon_state){ 0 };
}
