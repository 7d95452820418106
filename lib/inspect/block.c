#include "inspect/block.h"

#include "inspect/lexical.h"
#include "inspect/officelabel.h"

#include <string.h>

/* ---- header fields and file names: whole texts ---- */

struct block {
	struct inspect *m;
	enum rules_where where;
	const char *part;
	struct slice field; /* its name; empty for a file name */
	bool own;           /* in the message's own header */
	bool trace;         /* made by machines: numbers there mean nothing */
};

static const char *const traces[] = {
	"Message-ID",
	"References",
	"In-Reply-To",
	"Received",
	"Return-Path",
	"DKIM-Signature",
	"Authentication-Results",
	"ARC-Seal",
	"Thread-Index",
	"ARC-Message-Signature",
	"ARC-Authentication-Results",
	"X-Google-Smtp-Source",
};

static bool is_trace(struct slice name)
{
	for (size_t i = 0; i < sizeof traces / sizeof *traces; i++)
		if (slice_same_nocase(name, (struct slice){ traces[i], strlen(traces[i]) }))
			return true;
	return false;
}

/* The text without the line end that was put after it. */
struct slice block_line(const struct inspect *m)
{
	return (struct slice){ m->line.at, m->line.len - 1 };
}

static struct sighting block_sighting(const struct block *b)
{
	return (struct sighting){
		.where = b->where,
		.part = b->part,
		.field_number = b->m->field_count,
		.field = b->field,
		.text = block_line(b->m),
	};
}

static void note_name(const struct block *b)
{
	if (b->where == RULES_FILENAME)
		veil_add(&b->m->results.veil, b->m->results.arena, b->part);
}

static void add_block_test(const struct block *b, size_t test)
{
	const struct inspect_test *t = &b->m->rules->tests[test];
	struct slice name = { t->rule->name, strlen(t->rule->name) };
	struct sighting s = block_sighting(b);

	if (!(t->where & b->where))
		return;
	if (t->rule->kind == RULES_TEST_HEADER && (!b->own || !slice_same_nocase(name, b->field)))
		return;
	s.len = s.text.len;
	s.value = s.text;
	s.shown_first = s.shown_last = 2;
	note_name(b);
	results_add(&b->m->results, test, &s);
}

static void check_block(const struct block *b, const struct inspect_pattern *p, uint64_t to)
{
	struct detector_candidate c = {
		.text = buf_slice(&b->m->line),
		.end = to,
		.pattern = p->number,
		.begins = true,
		.kind = p->detector->kind,
	};
	struct detector_hit hit;

	if (b->trace || !p->detector->check(&c, &hit))
		return;
	struct sighting s = block_sighting(b);
	note_name(b);
	message_add_hit(b->m, p->test, &hit, &s);
}

static void on_block(void *of, unsigned id, uint64_t from, uint64_t to)
{
	const struct block *b = of;
	const struct inspect_pattern *patterns = b->m->rules->patterns;

	(void)from;
	if (!patterns[id].detector) {
		add_block_test(b, (size_t)patterns[id].test);
		return;
	}
	for (long i = id; i != INSPECT_NONE; i = patterns[i].next)
		check_block(b, &patterns[i], to);
}

static void on_block_digits(void *of, enum digits_kind kind, uint64_t to)
{
	on_block(of, ((struct block *)of)->m->rules->digits[kind], 0, to);
}

static void look_for_digits(struct block *b)
{
	struct inspect *m = b->m;
	struct digits digits;

	digits_begin(&digits);
	if (m->rules->block_digits && !b->trace)
		digits_scan(&digits, buf_slice(&m->line), 0, true, m->rules->block_digits,
			    on_block_digits, b);
}

/* Folds text into m->line, with a line end: validators look past the end. */
bool block_fold(struct inspect *m, struct slice text)
{
	size_t room;
	char *space;

	buf_clear(&m->line);
	m->fold = (struct mime_fold){ 0 };
	while (text.len) {
		room = text.len + FOLD_ROOM;
		if (buf_reserve(&m->line, room, &space) != RC_OK)
			return false;
		buf_added(&m->line, mime_fold_push(&m->fold, &text, space, room));
	}
	if (buf_reserve(&m->line, FOLD_ROOM, &space) != RC_OK)
		return false;
	buf_added(&m->line, mime_fold_end(&m->fold, space));
	return buf_add_byte(&m->line, '\n') == RC_OK;
}

/* False when memory was out: m->line is not set. */
static bool match_block(struct block *b, struct slice text)
{
	struct inspect *m = b->m;

	m->field_count++;
	if (!block_fold(m, text)) {
		m->lost = true;
		return false;
	}
	spoken_begin(&m->spoken);
	(void)spoken_scan(&m->spoken, buf_slice(&m->line), 0, 0);
	look_for_digits(b);
	if (m->rules->block && message_scratch(m) &&
	    !matcher_scan(m->rules->block, buf_slice(&m->line), m->scratch, on_block, b))
		m->lost = true;
	if (lexicon_is_there(&m->rules->lexicon) && !b->trace) {
		struct sighting s = block_sighting(b);
		lexical_begin(m);
		lexical_scan(m, &s, true);
	}
	return true;
}

static void ask_field_detectors(const struct block *b)
{
	const struct inspect_rules *r = b->m->rules;
	const struct detector *d;
	struct detector_hit hits[DETECTOR_FIELD_HITS];

	for (size_t i = 0; (d = detector_at(i)); i++) {
		size_t (*ask)(struct slice, struct slice, struct detector_hit *) =
			b->where == RULES_METADATA ? d->property : d->field;
		if (r->first[i] == INSPECT_NONE || !ask)
			continue;
		size_t count = ask(b->field, block_line(b->m), hits);
		for (size_t k = 0; k < count; k++) {
			struct sighting s = block_sighting(b);
			message_add_hit(b->m, r->first[i], &hits[k], &s);
		}
	}
}

static void ask_presence(const struct block *b)
{
	for (size_t i = 0; b->m->rules->presence && i < b->m->rules->test_count; i++) {
		const struct rules_test *t = b->m->rules->tests[i].rule;
		if (t->kind == RULES_TEST_HEADER && !*t->value)
			add_block_test(b, i);
	}
}

void block_field(struct inspect *m, const struct mime_field *f)
{
	bool own = !f->nested && !*f->path;
	bool subject = own && slice_same_nocase(f->name, SLICE("Subject"));
	struct block b = {
		.m = m,
		.where = f->nested ? RULES_ATTACHMENT
			 : subject ? RULES_SUBJECT
				   : RULES_HEADER,
		.part = f->path,
		.field = f->name,
		.own = own,
		.trace = is_trace(f->name),
	};

	if (subject && m->rules->spans && !m->subject)
		m->subject = arena_text(m->results.arena, f->value);
	if (match_block(&b, f->value) && own) {
		ask_field_detectors(&b);
		ask_presence(&b);
	}
}

/* ---- files, as files ---- */

static void tell_aspect(struct inspect *m, const char *part, const struct detector *d, size_t test)
{
	struct block b = { .m = m, .where = (enum rules_where)d->where, .part = part };
	struct sighting s = block_sighting(&b);

	s.len = s.text.len;
	s.value = s.text;
	s.shown_first = d->shown_first;
	s.shown_last = d->shown_last;
	if ((m->rules->tests[test].where & d->where) && message_wants(m, test, s.value))
		results_add(&m->results, test, &s);
}

void block_file(struct inspect *m, const char *part, const struct files_seen *file)
{
	const struct inspect_rules *r = m->rules;
	const struct detector *d;

	m->field_count++;
	if (!block_fold(m, file->name)) {
		m->lost = true;
		return;
	}
	for (size_t i = 0; (d = detector_at(i)); i++)
		for (long t = d->file ? r->first[i] : INSPECT_NONE; t != INSPECT_NONE;
		     t = r->tests[t].next)
			if (files_holds(d->file, r->tests[t].rule, r->tests[t].list, file))
				tell_aspect(m, part, d, (size_t)t);
}

/* What a detector of labels has made of a property: every test wants those that mark, one
 * with a value all of them. */
static void tell_label(struct inspect *m, const struct block *b, const struct detector_hit *hit,
		       bool marks)
{
	const struct inspect_rules *r = m->rules;
	const struct detector *d;
	struct sighting s = block_sighting(b);

	s.value = (struct slice){ hit->value, hit->value_len };
	for (size_t i = 0; (d = detector_at(i)); i++) {
		s.shown_first = d->shown_first;
		s.shown_last = d->shown_last;
		for (long t = d->label ? r->first[i] : INSPECT_NONE; t != INSPECT_NONE;
		     t = r->tests[t].next)
			if ((marks || *r->tests[t].rule->value) && (r->tests[t].where & b->where) &&
			    message_wants(m, (size_t)t, s.value))
				results_add(&m->results, (size_t)t, &s);
	}
}

void block_property(struct inspect *m, const char *part, struct slice name, struct slice value)
{
	struct block b = { .m = m, .where = RULES_METADATA, .part = part, .field = name };
	struct detector_hit hit;
	bool marks;

	if (!(m->rules->where & RULES_METADATA) || !match_block(&b, value))
		return;
	ask_field_detectors(&b);
	if (officelabel_property(name, block_line(m), &hit, &marks))
		tell_label(m, &b, &hit, marks);
}

void block_label(struct inspect *m, const char *part, struct slice value)
{
	struct block b = { .m = m, .where = RULES_METADATA, .part = part };
	struct detector_hit hit;

	if ((m->rules->where & RULES_METADATA) && match_block(&b, value) &&
	    officelabel_label(block_line(m), &hit))
		tell_label(m, &b, &hit, true);
}

void block_name(struct inspect *m, const char *part, struct slice name)
{
	struct block b = { .m = m, .where = RULES_FILENAME, .part = part };

	if (name.len && (m->rules->where & RULES_FILENAME))
		(void)!match_block(&b, name);
}
