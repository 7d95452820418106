#include "inspect/message.h"

#include <string.h>

struct matcher_scratch *message_scratch(struct inspect *m)
{
	if (!m->scratch)
		m->scratch = matcher_borrow(m->rules->pool);
	if (!m->scratch)
		m->lost = true;
	return m->scratch;
}

void message_leave(struct inspect *m)
{
	matcher_give_back(m->rules->pool, m->scratch);
	m->scratch = NULL;
}

/* ---- a value, and the tests that want it ---- */

struct wanted {
	unsigned id;
	bool seen;
};

static void on_value(void *of, unsigned id, uint64_t from, uint64_t to)
{
	struct wanted *w = of;

	(void)from, (void)to;
	w->seen = w->seen || w->id == id;
}

bool message_wants(struct inspect *m, size_t test, struct slice value)
{
	struct wanted wanted = { (unsigned)test, false };

	if (!*m->rules->tests[test].rule->value)
		return true;
	/* Another scratch than the scan's own, which may be what called us. */
	struct matcher_scratch *s = matcher_borrow(m->rules->pool);
	if (!s || !matcher_scan(m->rules->values, value, s, on_value, &wanted))
		m->lost = true;
	matcher_give_back(m->rules->pool, s);
	return wanted.seen;
}

void message_add_sighting(struct inspect *m, size_t test, struct sighting *s)
{
	const struct inspect_test *t = &m->rules->tests[test];

	s->shown_first = t->detector->shown_first;
	s->shown_last = t->detector->shown_last;
	if (!(t->where & s->where) || !message_wants(m, test, s->value))
		return;
	if (s->where == RULES_FILENAME && t->detector->lexicon != LEXICON_NONE)
		veil_add(&m->results.veil, m->results.arena, s->part);
	results_add(&m->results, test, s);
}

void message_add_hit(struct inspect *m, long first, const struct detector_hit *hit,
		     struct sighting *s)
{
	s->at = hit->at;
	s->len = hit->len;
	s->value = (struct slice){ hit->value, hit->value_len };
	for (long t = first; t != INSPECT_NONE; t = m->rules->tests[t].next)
		message_add_sighting(m, (size_t)t, s);
}

void inspect_requiretls(struct inspect *m)
{
	const struct detector *d;
	struct detector_hit hit = { .value_len = strlen("requiretls"), .value = "requiretls" };

	for (size_t i = 0; (d = detector_at(i)); i++) {
		struct sighting s = { .where = RULES_HEADER,
				      .part = "",
				      .field = SLICE("MAIL"),
				      .text = SLICE("MAIL REQUIRETLS"),
				      .plain = true };
		hit.len = s.text.len;
		if (strcmp(d->name, "require-tls") == 0 && m->rules->first[i] != INSPECT_NONE)
			message_add_hit(m, m->rules->first[i], &hit, &s);
	}
}
