#include "inspect/lexical.h"

#include <assert.h>

void lexical_begin(struct inspect *m)
{
	mime_tokens_begin(&m->lexical.tokens);
	m->lexical.words.count = 0;
}

/* The place of a hit that began at `from` and ends behind the token. Its beginning may have
 * gone by: blanks are of any number. */
static struct sighting sighting_of(const struct sighting *place, uint64_t from, uint64_t to)
{
	struct sighting s = *place;

	from = from > s.offset ? from : s.offset;
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

static void take(struct inspect *m, const struct sighting *place, const struct mime_token *token)
{
	if (m->rules->lexicon.words)
		take_words(m, place, token);
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
}
