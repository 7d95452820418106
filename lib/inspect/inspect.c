#include "inspect/inspect.h"

#include "inspect/officelabel.h"
#include "inspect/results.h"
#include "inspect/subject.h"
#include "inspect/window.h"
#include "mime/content.h"
#include "mime/decoder.h"
#include "mime/fold.h"

#include <stdlib.h>
#include <string.h>

enum {
	PART_MAX = 4096, /* bytes of a part's path: the decoder's bound and a document's */
	SPANS_MAX = 64,  /* tags taken off one subject */
	TAIL = 12,       /* bytes shown, masked, of what an expression matched */
};

struct inspect {
	struct inspect_rules *rules;
	struct mime_decoder *decoder;
	struct results results;
	struct matcher_scratch *scratch; /* within one call */
	unsigned field_count;            /* header fields and file names so far */
	bool lost;                       /* memory was out: something was not read */
	struct buf line;                 /* a header value or file name, folded */
	char *subject;                   /* decoded, not folded; in the results' arena */
	/* The part at hand. */
	struct buf part;
	enum rules_where where;
	bool muted; /* nothing more is looked at */
	struct mime_fold fold;
	struct window window;
	struct matcher_stream *stream; /* NULL: no test looks at text */
	struct spoken spoken;
	uint64_t spoken_from; /* of the part's text: what follows is not looked at yet */
	struct papers papers;
	bool attached;
	struct buf name; /* of its file */
	struct files files;
};

static struct matcher_scratch *scratch(struct inspect *m)
{
	if (!m->scratch)
		m->scratch = matcher_borrow(m->rules->pool);
	if (!m->scratch)
		m->lost = true;
	return m->scratch;
}

static void leave(struct inspect *m)
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

static bool value_matches(struct inspect *m, size_t test, struct slice value)
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

static void add_hit(struct inspect *m, const struct detector *d, long first,
		    const struct detector_hit *hit, struct sighting *s)
{
	s->at = hit->at;
	s->len = hit->len;
	s->value = (struct slice){ hit->value, hit->value_len };
	s->shown_first = d->shown_first;
	s->shown_last = d->shown_last;
	for (long t = first; t != INSPECT_NONE; t = m->rules->tests[t].next)
		if ((m->rules->tests[t].where & s->where) && value_matches(m, (size_t)t, s->value))
			results_add(&m->results, (size_t)t, s);
}

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
static struct slice line_text(const struct inspect *m)
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
		.text = line_text(b->m),
	};
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
	add_hit(b->m, p->detector, p->test, &hit, &s);
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

/* Folds text into m->line, with a line end: validators look past the end. */
static bool fold_line(struct inspect *m, struct slice text)
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
	if (!fold_line(m, text)) {
		m->lost = true;
		return false;
	}
	spoken_begin(&m->spoken);
	(void)spoken_scan(&m->spoken, buf_slice(&m->line), 0, 0);
	if (m->rules->block && scratch(m) &&
	    !matcher_scan(m->rules->block, buf_slice(&m->line), m->scratch, on_block, b))
		m->lost = true;
	return true;
}

static void ask_field_detectors(const struct block *b)
{
	const struct inspect_rules *r = b->m->rules;
	const struct detector *d;
	struct detector_hit hits[DETECTOR_FIELD_HITS];

	for (size_t i = 0; (d = detector_at(i)); i++) {
		if (r->first[i] == INSPECT_NONE || !d->field)
			continue;
		size_t count = d->field(b->field, line_text(b->m), hits);
		for (size_t k = 0; k < count; k++) {
			struct sighting s = block_sighting(b);
			add_hit(b->m, d, r->first[i], &hits[k], &s);
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

static void on_field(void *of, const struct mime_field *f)
{
	struct inspect *m = of;
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

/* ---- text: a stream for each part ---- */

static void check_text(struct inspect *m, const struct inspect_pattern *p, size_t end,
		       struct sighting *s)
{
	struct detector_candidate c = {
		.text = s->text,
		.end = end,
		.pattern = p->number,
		.begins = m->window.base == 0,
		.kind = p->detector->kind,
	};
	struct detector_hit hit;

	if (p->detector->check(&c, &hit))
		add_hit(m, p->detector, p->test, &hit, s);
}

static void resolve(struct inspect *m, unsigned id, uint64_t to)
{
	const struct inspect_pattern *patterns = m->rules->patterns, *p = &patterns[id];
	struct slice text = window_text(&m->window);

	if (to < m->window.base || to - m->window.base > text.len)
		return;
	size_t end = (size_t)(to - m->window.base);
	struct sighting s = { .where = m->where,
			      .part = buf_text(&m->part),
			      .offset = m->window.base,
			      .text = text };
	if (p->detector) {
		for (long i = id; i != INSPECT_NONE; i = patterns[i].next)
			check_text(m, &patterns[i], end, &s);
		return;
	}
	s.at = end > TAIL ? end - TAIL : 0;
	s.len = end - s.at;
	s.shown_last = 2;
	if (m->rules->tests[p->test].where & m->where)
		results_add(&m->results, (size_t)p->test, &s);
}

static void on_stream(void *of, unsigned id, uint64_t from, uint64_t to)
{
	struct inspect *m = of;
	const struct inspect_pattern *p = &m->rules->patterns[id];

	(void)from;
	if (p->opaque)
		results_add_opaque(&m->results, buf_text(&m->part), p->opaque);
	else if (window_is_ready(&m->window, to))
		resolve(m, id, to);
	else if (window_add_candidate(&m->window, id, to) != RC_OK)
		m->lost = true;
}

static void scan(struct inspect *m, bool ends)
{
	struct window_candidate c;
	struct slice fresh = window_fresh(&m->window);

	m->spoken_from =
		spoken_scan(&m->spoken, window_text(&m->window), m->window.base, m->spoken_from);
	if (!m->stream) {
		window_scanned(&m->window);
		return;
	}
	if (!scratch(m))
		return;
	while (window_take_candidate(&m->window, false, &c))
		resolve(m, c.id, c.to);
	if (fresh.len && !matcher_stream_scan(m->stream, fresh, m->scratch, on_stream, m))
		m->lost = true;
	if (ends && !matcher_stream_end(m->stream, m->scratch, on_stream, m))
		m->lost = true;
	while (window_take_candidate(&m->window, ends, &c))
		resolve(m, c.id, c.to);
	window_scanned(&m->window);
}

static void match_name(struct inspect *m, const char *name)
{
	struct block b = { .m = m, .where = RULES_FILENAME, .part = buf_text(&m->part) };

	if (*name && (m->rules->where & RULES_FILENAME))
		(void)!match_block(&b, (struct slice){ name, strlen(name) });
}

static void set_part(struct inspect *m, const char *path)
{
	buf_clear(&m->part);
	if (buf_add_text(&m->part, path) != RC_OK)
		m->lost = true;
}

static void begin_text(struct inspect *m, enum rules_where where)
{
	m->where = where;
	if (!m->window.text &&
	    window_init(&m->window, m->rules->before, m->rules->after) == RC_OK && m->rules->stream)
		m->stream = matcher_stream_open(m->rules->stream);
	m->muted = !m->window.text || (m->rules->stream && !m->stream);
	m->lost = m->lost || m->muted;
	if (m->muted)
		return;
	spoken_begin(&m->spoken);
	m->spoken_from = 0;
	window_begin(&m->window);
	m->fold = (struct mime_fold){ 0 };
}

static void on_part(void *of, const struct mime_part *part)
{
	struct inspect *m = of;

	set_part(m, part->path);
	m->attached = part->attached;
	buf_clear(&m->name);
	if (buf_add_text(&m->name, *part->filename ? part->filename : part->name) != RC_OK)
		m->lost = true;
	files_begin(&m->files, m->rules->hashes);
	match_name(m, part->filename);
	if (strcmp(part->name, part->filename) != 0)
		match_name(m, part->name);
	begin_text(m, part->attached ? RULES_ATTACHMENT : RULES_BODY);
}

static void on_text(void *of, struct slice text)
{
	struct inspect *m = of;
	size_t room;

	while (text.len && !m->muted) {
		char *space = window_space(&m->window, &room);
		if (room < FOLD_ROOM) {
			scan(m, false);
			space = window_space(&m->window, &room);
		}
		window_added(&m->window, mime_fold_push(&m->fold, &text, space, room));
	}
}

static void end_text(struct inspect *m)
{
	size_t room;

	if (m->muted)
		return;
	char *space = window_space(&m->window, &room);
	if (room <= FOLD_ROOM) {
		scan(m, false);
		space = window_space(&m->window, &room);
	}
	size_t n = mime_fold_end(&m->fold, space);
	space[n++] = '\n'; /* patterns take a character after a number */
	window_added(&m->window, n);
	scan(m, true);
	m->muted = true;
}

static void on_opaque(void *of, const char *part, const char *why)
{
	results_add_opaque(&((struct inspect *)of)->results, part, why);
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
	if ((m->rules->tests[test].where & d->where) && value_matches(m, test, s.value))
		results_add(&m->results, test, &s);
}

static void tell_file(struct inspect *m, const char *part, const struct files_seen *file)
{
	const struct inspect_rules *r = m->rules;
	const struct detector *d;

	m->field_count++;
	if (!fold_line(m, file->name)) {
		m->lost = true;
		return;
	}
	for (size_t i = 0; (d = detector_at(i)); i++)
		for (long t = d->file ? r->first[i] : INSPECT_NONE; t != INSPECT_NONE;
		     t = r->tests[t].next)
			if (files_holds(d->file, r->tests[t].rule, r->tests[t].list, file))
				tell_aspect(m, part, d, (size_t)t);
}

static void on_raw(void *of, struct slice bytes)
{
	struct inspect *m = of;

	if (m->attached)
		files_add(&m->files, bytes);
}

/* ---- documents: what their reader has found ---- */

static void on_inner_begin(void *of, const char *path)
{
	set_part(of, path);
	begin_text(of, RULES_ATTACHMENT);
}

static void on_inner_text(void *of, struct slice text)
{
	struct inspect *m = of;

	if (mime_decoder_spend(m->decoder, text.len))
		on_text(m, text);
	else
		on_opaque(m, buf_text(&m->part), "decoded-bytes");
}

static void on_inner_end(void *of)
{
	end_text(of);
}

static void on_inner_file(void *of, const char *path, const struct reader_file *file)
{
	struct inspect *m = of;
	struct block b = { .m = m, .where = RULES_FILENAME, .part = path };
	const struct files_seen seen = { file->name, file->bytes, file->type, file->hash };

	if (file->name.len && (m->rules->where & RULES_FILENAME))
		(void)!match_block(&b, file->name);
	tell_file(m, path, &seen);
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
			    value_matches(m, (size_t)t, s.value))
				results_add(&m->results, (size_t)t, &s);
	}
}

static void on_inner_property(void *of, const char *path, struct slice name, struct slice value)
{
	struct inspect *m = of;
	struct block b = { .m = m, .where = RULES_METADATA, .part = path, .field = name };
	struct detector_hit hit;
	bool marks;

	if (!(m->rules->where & RULES_METADATA) || !match_block(&b, value))
		return;
	if (officelabel_property(name, line_text(m), &hit, &marks))
		tell_label(m, &b, &hit, marks);
}

static void on_inner_label(void *of, const char *path, struct slice value)
{
	struct inspect *m = of;
	struct block b = { .m = m, .where = RULES_METADATA, .part = path };
	struct detector_hit hit;

	if ((m->rules->where & RULES_METADATA) && match_block(&b, value) &&
	    officelabel_label(line_text(m), &hit))
		tell_label(m, &b, &hit, true);
}

static const struct reader_heard inner = {
	.begin = on_inner_begin,
	.text = on_inner_text,
	.end = on_inner_end,
	.file = on_inner_file,
	.property = on_inner_property,
	.label = on_inner_label,
	.opaque = on_opaque,
};

static bool on_document(void *of, const struct mime_document *document)
{
	return papers_begin(&((struct inspect *)of)->papers, document);
}

static void on_data(void *of, struct slice bytes)
{
	papers_add(&((struct inspect *)of)->papers, bytes);
}

static void on_document_end(void *of)
{
	papers_end(&((struct inspect *)of)->papers);
}

static void on_end(void *of)
{
	struct inspect *m = of;

	end_text(m);
	if (m->attached) {
		struct files_seen seen = files_end(&m->files, buf_slice(&m->name));
		tell_file(m, buf_text(&m->part), &seen);
	}
	if (m->papers.count == 0)
		return;
	leave(m); /* reading takes a while */
	papers_read(&m->papers, mime_decoder_left(m->decoder), &inner, m);
}

static const struct mime_handler handler = {
	.field = on_field,
	.part = on_part,
	.text = on_text,
	.end = on_end,
	.opaque = on_opaque,
	.document = on_document,
	.data = on_data,
	.document_end = on_document_end,
};

/* For rules that look at files: whatever else they are, their bytes are decoded. */
static const struct mime_handler handler_of_files = {
	.field = on_field,
	.part = on_part,
	.text = on_text,
	.end = on_end,
	.opaque = on_opaque,
	.document = on_document,
	.data = on_data,
	.document_end = on_document_end,
	.raw = on_raw,
};

/* ---- one message ---- */

struct mime_limits inspect_mime_limits(const struct inspect_rules *r)
{
	return (struct mime_limits){ r->limits.depth, r->limits.parts, r->limits.header_bytes,
				     r->limits.decoded_bytes };
}

struct inspect *inspect_open(struct inspect_rules *r)
{
	struct inspect *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->rules = inspect_rules_ref(r);
	/* Folding grows a value elevenfold at most. */
	m->line = BUF_INIT(16 * r->limits.header_bytes + 4 * FOLD_ROOM);
	m->part = BUF_INIT(PART_MAX);
	papers_init(&m->papers, &r->papers);
	m->name = BUF_INIT(CONTENT_NAME_MAX);
	m->decoder = mime_decoder_new(inspect_mime_limits(r),
				      r->files ? &handler_of_files : &handler, m);
	if (m->decoder && results_init(&m->results, r) == RC_OK)
		return m;
	inspect_free(m);
	return NULL;
}

void inspect_free(struct inspect *m)
{
	if (!m)
		return;
	leave(m);
	mime_decoder_free(m->decoder);
	matcher_stream_free(m->stream);
	window_fini(&m->window);
	papers_fini(&m->papers);
	buf_free(&m->line);
	buf_free(&m->part);
	buf_free(&m->name);
	files_fini(&m->files);
	results_fini(&m->results);
	inspect_rules_unref(m->rules);
	free(m);
}

void inspect_header(struct inspect *m, struct slice name, struct slice value)
{
	mime_decoder_header(m->decoder, name, value);
	leave(m);
}

void inspect_headers_end(struct inspect *m)
{
	mime_decoder_headers_end(m->decoder);
	leave(m);
	size_t max = m->line.max; /* the header was what needed it */
	buf_free(&m->line);
	m->line = BUF_INIT(max);
}

void inspect_body(struct inspect *m, struct slice bytes)
{
	mime_decoder_body(m->decoder, bytes);
	leave(m);
}

void inspect_message(struct inspect *m, struct slice bytes)
{
	mime_decoder_message(m->decoder, bytes);
	leave(m);
}

/* ---- at the end ---- */

struct spans {
	const struct results *results;
	struct subject_span at[SPANS_MAX];
	size_t count;
};

static void on_span(void *of, unsigned test, uint64_t from, uint64_t to)
{
	struct spans *s = of;

	if (s->results->test_hit[test] && s->count < SPANS_MAX)
		s->at[s->count++] = (struct subject_span){ from, to };
}

static struct spans find_spans(struct inspect *m, struct slice text)
{
	struct spans s = { .results = &m->results };

	if (!scratch(m) || !matcher_scan(m->rules->spans, text, m->scratch, on_span, &s))
		m->lost = true;
	return s;
}

static void clean_subject(struct inspect *m)
{
	struct slice text = { m->subject, strlen(m->subject) };
	struct buf out = BUF_INIT(4 * m->rules->limits.header_bytes + 64);

	struct spans s = find_spans(m, text);
	if (s.count == 0 && fold_line(m, text)) { /* seen by its folded form alone */
		text = line_text(m);
		s = find_spans(m, text);
	}
	if (s.count && subject_without(text, s.at, s.count, &out) == RC_OK)
		m->results.out.clean_subject = arena_text(m->results.arena, buf_slice(&out));
	buf_free(&out);
}

static void tell_opaque(struct inspect *m)
{
	const struct detector *d;

	for (size_t i = 0; (d = detector_at(i)); i++) {
		if (!d->opaque || m->rules->first[i] == INSPECT_NONE)
			continue;
		for (size_t k = 0; k < m->results.out.opaque_count; k++) {
			const struct inspect_opaque *o = &m->results.opaque[k];
			struct detector_hit hit = { 0 };
			struct slice why = { o->why, strlen(o->why) };
			struct sighting s = { .where = *o->part ? RULES_BODY : RULES_HEADER,
					      .part = o->part,
					      .text = why,
					      .plain = true };
			hit.len = why.len;
			hit.value_len = why.len < sizeof hit.value ? why.len : sizeof hit.value;
			memcpy(hit.value, why.at, hit.value_len);
			add_hit(m, d, m->rules->first[i], &hit, &s);
		}
	}
}

const struct inspect_findings *inspect_end(struct inspect *m)
{
	mime_decoder_end(m->decoder);
	if (m->lost)
		results_add_opaque(&m->results, "", "memory");
	tell_opaque(m);
	if (m->subject)
		clean_subject(m);
	leave(m);
	m->results.out.spoken = &m->spoken;
	return results_finish(&m->results);
}
