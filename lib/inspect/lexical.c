#include "inspect/lexical.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void lexical_begin(struct inspect *m)
{
	const struct lexicon *lexicon = &m->rules->lexicon;

	if (!lexicon_is_there(lexicon))
		return;
	if (!lexicon_state_init(&m->lexical, lexicon))
		m->lost = true;
	lexicon_state_begin(&m->lexical, lexicon);
}

/* The place of a hit from there to there. Its beginning may have gone by: blanks are of any
 * number. */
static struct sighting sighting_of(const struct sighting *place, uint64_t from, uint64_t to)
{
	struct sighting s = *place;

	from = from > s.offset ? from : s.offset;
	to = to > from ? to : from;
	s.at = (size_t)(from - s.offset);
	s.len = (size_t)(to - from);
	return s;
}

static void take_words(struct inspect *m, const struct sighting *place,
		       const struct mime_token *token)
{
	const struct words *words = m->rules->lexicon.words;
	struct words_hit hits[WORDS_LENGTH_MAX];
	struct words_term term;

	size_t count = words_take(words, &m->lexical.words, token, hits);
	for (size_t i = 0; i < count; i++) {
		for (uint32_t t = hits[i].term; t; t = term.next) {
			term = words_term(words, t);
			struct sighting s = sighting_of(place, hits[i].at, token->end);
			s.value = term.text;
			message_add_sighting(m, term.tag, &s);
		}
	}
}

/* ---- rows of tables ---- */

struct rows {
	struct inspect *m;
	const struct sighting *place;
	size_t index;
};

static void on_row(void *of, const struct exact_hit *hit)
{
	const struct rows *r = of;
	const struct lexicon *l = &r->m->rules->lexicon;
	char row[16];

	snprintf(row, sizeof row, "%u", hit->row);
	for (size_t i = 0; i < l->exact_test_count; i++) {
		const struct lexicon_test *t = &l->exact_tests[i];
		if (t->index != r->index || hit->columns < t->need)
			continue;
		struct sighting s = sighting_of(r->place, hit->at, hit->end);
		s.value = slice_of(row);
		message_add_sighting(r->m, t->number, &s);
	}
}

/* token NULL: all up to there was taken. */
static void take_rows(struct inspect *m, const struct sighting *place,
		      const struct mime_token *token, uint64_t to)
{
	for (size_t i = 0; i < m->lexical.exact_count; i++) {
		struct exact_state *s = m->lexical.exact[i];
		struct rows rows = { m, place, i };
		if (!s)
			continue;
		if (token)
			exact_take(s, token, on_row, &rows);
		else
			exact_advance(s, to, on_row, &rows);
		if (s->unread)
			results_add_opaque(&m->results, place->part, "exact-data");
	}
}

/* ---- known texts ---- */

struct prints {
	struct inspect *m;
	const struct sighting *place;
	const struct mime_token *token;
	size_t test; /* of print_tests */
};

/* What is told is the known text's name: our own word. */
static void on_print(void *of, size_t text, unsigned before, unsigned percent)
{
	const struct prints *p = of;
	const struct lexicon_test *t = &p->m->rules->lexicon.print_tests[p->test];

	if (percent < t->need || before >= t->need)
		return;
	struct sighting s = sighting_of(p->place, p->token->at, p->token->at);
	s.value = slice_of(fingerprint_name(p->m->lexical.prints[p->test].index, text));
	s.plain = true;
	message_add_sighting(p->m, t->number, &s);
}

static void take_prints(struct inspect *m, const struct sighting *place,
			const struct mime_token *token)
{
	const struct lexicon *l = &m->rules->lexicon;
	uint64_t hash;

	for (size_t i = 0; m->lexical.runs && i < l->print_count; i++) {
		if (!fingerprint_take(&m->lexical.runs[i], fingerprint_key(l->prints[i].index),
				      token, &hash))
			continue;
		for (size_t k = 0; k < m->lexical.print_count; k++) {
			const struct lexicon_test *t = &l->print_tests[k];
			struct prints p = { m, place, token, k };
			if (t->index != i || !(m->rules->tests[t->number].where & place->where))
				continue;
			fingerprint_add(&m->lexical.prints[k], hash, on_print, &p);
			m->lost = m->lost || m->lexical.prints[k].lost;
		}
	}
}

/* ---- a text ---- */

static void take(struct inspect *m, const struct sighting *place, const struct mime_token *token)
{
	if (m->rules->lexicon.words)
		take_words(m, place, token);
	take_rows(m, place, token, 0);
	take_prints(m, place, token);
}

/* As much of the text as has what it needs behind it, cut between characters. */
static struct slice ready(const struct inspect *m, struct slice text, bool ends)
{
	if (ends)
		return text;
	text.len = text.len > m->rules->after ? text.len - m->rules->after : 0;
	while (text.len && ((unsigned char)text.at[text.len] & 0xC0) == 0x80)
		text.len--;
	return text;
}

void lexical_scan(struct inspect *m, const struct sighting *place, bool ends)
{
	struct mime_tokens *tokens = &m->lexical.tokens;
	const struct mime_token *token;

	assert(tokens->at >= place->offset);
	struct slice text = ready(m, place->text, ends);
	size_t done = (size_t)(tokens->at - place->offset);
	if (done > text.len)
		return;
	text = (struct slice){ text.at + done, text.len - done };
	while ((token = mime_token_take(tokens, &text)))
		take(m, place, token);
	if (ends && (token = mime_token_end(tokens)))
		take(m, place, token);
	take_rows(m, place, NULL, ends ? UINT64_MAX : tokens->at);
}
