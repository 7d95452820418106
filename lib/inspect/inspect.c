#include "inspect/inspect.h"

#include "inspect/block.h"
#include "inspect/lexical.h"
#include "inspect/subject.h"
#include "mime/content.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	PART_MAX = 4096, /* bytes of a part's path: the decoder's bound and a document's */
	SPANS_MAX = 64,  /* tags taken off one subject */
	TAIL = 12,       /* bytes shown, masked, of what an expression matched */
};

static_assert((int)DIGITS_HELD + DIGITS_AHEAD + DIGITS_BACK <=
		      (int)DETECTOR_BEFORE + DETECTOR_AFTER,
	      "the window keeps what is looked back on");

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
		message_add_hit(m, p->test, &hit, s);
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

static void on_digits(void *of, enum digits_kind kind, uint64_t to)
{
	on_stream(of, ((struct inspect *)of)->rules->digits[kind], 0, to);
}

/* Words are looked at when what `near` wants behind them has come. */
static void scan_words(struct inspect *m, bool ends)
{
	struct slice text = window_text(&m->window);
	struct sighting s = { .where = m->where,
			      .part = buf_text(&m->part),
			      .offset = m->window.base,
			      .text = text };

	lexical_scan(m, &s, ends);
}

static void match(struct inspect *m, struct slice fresh, bool ends)
{
	if (!m->stream || !message_scratch(m))
		return;
	if (fresh.len && !matcher_stream_scan(m->stream, fresh, m->scratch, on_stream, m))
		m->lost = true;
	if (ends && !matcher_stream_end(m->stream, m->scratch, on_stream, m))
		m->lost = true;
}

static void scan_patterns(struct inspect *m, bool ends)
{
	struct window_candidate c;

	while (window_take_candidate(&m->window, false, &c))
		resolve(m, c.id, c.to);
	if (m->rules->text_digits)
		digits_scan(&m->digits, window_text(&m->window), m->window.base, ends,
			    m->rules->text_digits, on_digits, m);
	match(m, window_fresh(&m->window), ends);
	while (window_take_candidate(&m->window, ends, &c))
		resolve(m, c.id, c.to);
}

static void scan(struct inspect *m, bool ends)
{
	m->spoken_from =
		spoken_scan(&m->spoken, window_text(&m->window), m->window.base, m->spoken_from);
	scan_patterns(m, ends);
	if (lexicon_is_there(&m->rules->lexicon))
		scan_words(m, ends);
	window_scanned(&m->window);
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
	digits_begin(&m->digits);
	lexical_begin(m);
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
	block_name(m, part->path, slice_of(part->filename));
	if (strcmp(part->name, part->filename) != 0)
		block_name(m, part->path, slice_of(part->name));
	buf_free(&m->line); /* the header was what needed it */
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
	const struct files_seen seen = { file->name, file->bytes, file->type, file->hash };

	block_name(of, path, file->name);
	block_file(of, path, &seen);
}

static void on_inner_property(void *of, const char *path, struct slice name, struct slice value)
{
	block_property(of, path, name, value);
}

static void on_inner_label(void *of, const char *path, struct slice value)
{
	block_label(of, path, value);
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
		block_file(m, buf_text(&m->part), &seen);
	}
	if (m->papers.count == 0)
		return;
	message_leave(m); /* reading takes a while */
	papers_read(&m->papers, mime_decoder_left(m->decoder), &inner, m);
}

static void on_field(void *of, const struct mime_field *field)
{
	block_field(of, field);
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
	message_leave(m);
	mime_decoder_free(m->decoder);
	matcher_stream_free(m->stream);
	window_fini(&m->window);
	papers_fini(&m->papers);
	buf_free(&m->line);
	buf_free(&m->part);
	buf_free(&m->name);
	files_fini(&m->files);
	lexicon_state_fini(&m->lexical);
	results_fini(&m->results);
	inspect_rules_unref(m->rules);
	free(m);
}

void inspect_header(struct inspect *m, struct slice name, struct slice value)
{
	mime_decoder_header(m->decoder, name, value);
	message_leave(m);
}

void inspect_headers_end(struct inspect *m)
{
	mime_decoder_headers_end(m->decoder);
	message_leave(m);
	buf_free(&m->line); /* where no part begins; else it is gone already */
}

void inspect_body(struct inspect *m, struct slice bytes)
{
	mime_decoder_body(m->decoder, bytes);
	message_leave(m);
}

void inspect_message(struct inspect *m, struct slice bytes)
{
	mime_decoder_message(m->decoder, bytes);
	message_leave(m);
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

	if (!message_scratch(m) || !matcher_scan(m->rules->spans, text, m->scratch, on_span, &s))
		m->lost = true;
	return s;
}

static void clean_subject(struct inspect *m)
{
	struct slice text = { m->subject, strlen(m->subject) };
	struct buf out = BUF_INIT(4 * m->rules->limits.header_bytes + 64);

	struct spans s = find_spans(m, text);
	if (s.count == 0 && block_fold(m, text)) { /* seen by its folded form alone */
		text = block_line(m);
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
			message_add_hit(m, m->rules->first[i], &hit, &s);
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
	message_leave(m);
	m->results.out.spoken = &m->spoken;
	return results_finish(&m->results);
}
