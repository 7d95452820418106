#include "inspect/compile.h"

#include "base/buf.h"
#include "inspect/matchers.h"
#include "inspect/scale.h"
#include "settings/settings.h"
#include "mime/fold.h"
#include "mime/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Texts that hold what cannot be read, wherever they stand. */
static const struct {
	const char *expression, *why;
} unreadable[INSPECT_UNREADABLE] = {
	{ "-----BEGIN PGP MESSAGE-----", "pgp" },
	{ "-----BEGIN PGP MESSAGE-----", "encrypted" },
	{ "-----BEGIN AGE ENCRYPTED FILE-----", "encrypted" },
	{ "^-----BEGIN (?:CMS|PKCS7|PKCS #7 SIGNED DATA)-----", "smime" },
	{ "^\\(This file must be converted with BinHex", "binhex" },
	{ "^=ybegin [a-z]+=", "yenc" },
};

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory");
}

/* ---- tests ---- */

static unsigned where_of(const struct rules_test *t, const struct detector *d)
{
	switch (t->kind) {
	case RULES_TEST_HEADER:
		return RULES_HEADER | RULES_SUBJECT; /* the field's name decides */
	case RULES_TEST_SUBJECT:
		return RULES_SUBJECT;
	case RULES_TEST_BODY:
		return t->where ? t->where : INSPECT_TEXT;
	case RULES_TEST_DETECTOR:
		return t->where ? t->where : d->where;
	case RULES_TEST_MARKER:
		return 0;
	}
	return 0;
}

static char *fold_word(const char *word)
{
	struct slice in = { word, strlen(word) };
	struct buf out = BUF_INIT(16 * in.len + 2 * FOLD_ROOM);
	struct mime_fold f = { 0 };
	char piece[FOLD_ROOM];

	while (in.len)
		(void)!buf_add(&out, piece, mime_fold_push(&f, &in, piece, sizeof piece));
	if (buf_add(&out, piece, mime_fold_end(&f, piece)) != RC_OK) {
		buf_free(&out);
		return NULL;
	}
	for (size_t i = 0; i < out.len; i++)
		if (out.at[i] >= 'A' && out.at[i] <= 'Z')
			out.at[i] = (char)(out.at[i] - 'A' + 'a');
	return out.at;
}

static enum rc add_near(struct inspect_rules *r, struct inspect_test *test, struct fault *why)
{
	const struct rules_test *t = test->rule;

	if (t->near.words.count == 0)
		return RC_OK;
	if (t->near.before > INSPECT_NEAR_MAX || t->near.after > INSPECT_NEAR_MAX)
		return fault(why, RC_INVALID, "%s:%u: near looks at most %d characters away",
			     t->place.file, t->place.line, INSPECT_NEAR_MAX);
	test->words = calloc(t->near.words.count, sizeof *test->words);
	if (!test->words)
		return no_memory(why);
	for (size_t i = 0; i < t->near.words.count; i++) {
		char *word = fold_word(t->near.words.at[i]);
		if (!word)
			return no_memory(why);
		test->words[test->word_count++] = word;
	}
	/* Beside the value, which itself lies within DETECTOR_BEFORE. A character has up to four
	 * bytes. */
	size_t before = DETECTOR_BEFORE + (size_t)t->near.before * UTF8_MAX,
	       after = (size_t)t->near.after * UTF8_MAX;
	r->before = r->before > before ? r->before : before;
	r->after = r->after > after ? r->after : after;
	return RC_OK;
}

static enum rc add_file(struct inspect_rules *r, struct inspect_test *test, struct fault *why)
{
	enum files_aspect aspect = test->detector ? test->detector->file : FILES_NONE;

	r->files = r->files || (aspect != FILES_NONE && aspect != FILES_NAME);
	r->hashes = r->hashes || aspect == FILES_HASHED;
	return aspect == FILES_HASHED ? files_list_read(test->rule, &test->list, why) : RC_OK;
}

static enum rc add_test(struct inspect_rules *r, const struct rules_test *t, size_t marker,
			struct fault *why)
{
	struct inspect_test *test = &r->tests[r->test_count++];

	test->rule = t;
	test->marker = marker;
	test->next = INSPECT_NONE;
	if (t->kind == RULES_TEST_DETECTOR) {
		test->detector = detector_find(t->name);
		if (!test->detector)
			return fault(why, RC_INVALID, "%s:%u: there is no detector \"%.60s\"",
				     t->place.file, t->place.line, t->name);
	}
	test->where = where_of(t, test->detector);
	r->where |= test->where;
	r->presence = r->presence || (t->kind == RULES_TEST_HEADER && !*t->value);
	enum rc rc = add_near(r, test, why);
	if (rc == RC_OK)
		rc = add_file(r, test, why);
	if (rc == RC_OK && test->detector)
		rc = lexicon_add(&r->lexicon, test->detector->lexicon, t,
				 (unsigned)(r->test_count - 1), why);
	return rc == RC_OK ? scale_for(r->rules, t, &test->scale, why) : rc;
}

static enum rc add_tests(struct inspect_rules *r, struct fault *why)
{
	size_t count = 0;

	for (size_t i = 0; i < r->rules->marker_count; i++)
		count += r->rules->markers[i].test_count + r->rules->markers[i].not_count;
	r->tests = calloc(count ? count : 1, sizeof *r->tests);
	if (!r->tests)
		return no_memory(why);
	for (size_t i = 0; i < r->rules->marker_count; i++) {
		const struct rules_marker *m = &r->rules->markers[i];
		for (size_t k = 0; k < m->test_count + m->not_count; k++) {
			r->tests[r->test_count].negated = k >= m->test_count;
			enum rc rc = add_test(r, &m->tests[k], i, why);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

/* ---- patterns ---- */

/* The matchers' patterns, while they are put together. */
struct draft {
	struct matcher_pattern *stream, *block, *values, *spans;
	size_t stream_count, block_count, value_count, span_count;
};

static void draft_free(struct draft *d)
{
	free(d->stream);
	free(d->block);
	free(d->values);
	free(d->spans);
}

static bool draft_init(struct inspect_rules *r, struct draft *d)
{
	size_t most = r->test_count * DETECTOR_PATTERNS_MAX + INSPECT_UNREADABLE;

	r->patterns = calloc(most, sizeof *r->patterns);
	d->stream = calloc(most, sizeof *d->stream);
	d->block = calloc(most, sizeof *d->block);
	d->values = calloc(most, sizeof *d->values);
	d->spans = calloc(most, sizeof *d->spans);
	return r->patterns && d->stream && d->block && d->values && d->spans;
}

/* Into the matchers for those places where it is not searched for yet. */
static void search_for(struct inspect_rules *r, struct draft *d, struct matcher_pattern p,
		       unsigned where, unsigned already)
{
	const unsigned block = ~(unsigned)INSPECT_TEXT;
	enum digits_kind kind = p.place ? DIGITS_KINDS : digits_kind_of(p.expression);

	if (kind != DIGITS_KINDS) {
		r->digits[kind] = p.id;
		r->text_digits |= where & INSPECT_TEXT ? 1u << kind : 0;
		r->block_digits |= where & block ? 1u << kind : 0;
		return;
	}
	if ((where & INSPECT_TEXT) && !(already & INSPECT_TEXT))
		d->stream[d->stream_count++] = p;
	if ((where & block) && !(already & block))
		d->block[d->block_count++] = p;
}

static void add_pattern(struct inspect_rules *r, struct draft *d, struct matcher_pattern p,
			struct inspect_pattern means, unsigned where)
{
	p.id = (unsigned)r->pattern_count;
	means.next = INSPECT_NONE;
	means.where = where;
	r->patterns[r->pattern_count++] = means;
	search_for(r, d, p, where, 0);
}

/* The first detector's pattern that is the same expression; or none. */
static long find_pattern(const struct inspect_rules *r, const char *expression)
{
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct inspect_pattern *p = &r->patterns[i];
		if (p->detector && strcmp(p->detector->patterns[p->number], expression) == 0)
			return (long)i;
	}
	return INSPECT_NONE;
}

/* An expression that several detectors share is searched for once. */
static void add_detector_pattern(struct inspect_rules *r, struct draft *d,
				 struct inspect_pattern means, unsigned where)
{
	struct matcher_pattern p = { .expression = means.detector->patterns[means.number] };
	long same = find_pattern(r, p.expression);

	if (same == INSPECT_NONE) {
		add_pattern(r, d, p, means, where);
		return;
	}
	struct inspect_pattern *head = &r->patterns[same];
	p.id = (unsigned)same;
	search_for(r, d, p, where, head->where);
	means.next = head->next;
	means.where = where;
	head->next = (long)r->pattern_count;
	head->where |= where;
	r->patterns[r->pattern_count++] = means;
}

static void add_expression(struct inspect_rules *r, struct draft *d, size_t at)
{
	const struct inspect_test *test = &r->tests[at];
	struct matcher_pattern p = { .expression = test->rule->value,
				     .once = true,
				     .lines = test->rule->kind == RULES_TEST_BODY,
				     .place = &test->rule->place };

	if (*p.expression)
		add_pattern(r, d, p, (struct inspect_pattern){ .test = (long)at }, test->where);
}

/* Where the tests of one detector look, all together; links them. */
static unsigned link_tests(struct inspect_rules *r, const struct detector *detector, long *first)
{
	unsigned where = 0;

	*first = INSPECT_NONE;
	for (size_t i = r->test_count; i-- > 0;) {
		if (r->tests[i].detector != detector)
			continue;
		r->tests[i].next = *first;
		*first = (long)i;
		where |= r->tests[i].where;
	}
	return where;
}

static void add_detector(struct inspect_rules *r, struct draft *d, size_t at)
{
	const struct detector *detector = detector_at(at);
	long first;
	unsigned where = link_tests(r, detector, &first);

	r->first[at] = first;

	for (size_t k = 0; where && k < DETECTOR_PATTERNS_MAX && detector->patterns[k]; k++)
		add_detector_pattern(r, d,
				     (struct inspect_pattern){
					     .detector = detector, .test = first, .number = k },
				     where);
}

static void add_value(struct inspect_rules *r, struct draft *d, size_t at)
{
	const struct rules_test *t = r->tests[at].rule;

	if (r->tests[at].detector && *t->value)
		d->values[d->value_count++] = (struct matcher_pattern){
			.id = (unsigned)at, .expression = t->value, .once = true, .place = &t->place
		};
	if (!t->strip || r->rules->markers[r->tests[at].marker].observed)
		return;
	const char *expression =
		r->tests[at].detector ? r->tests[at].detector->patterns[0] : t->value;
	d->spans[d->span_count++] = (struct matcher_pattern){ .id = (unsigned)at,
							      .expression = expression,
							      .place = &t->place };
}

static void fill(struct inspect_rules *r, struct draft *d)
{
	for (size_t i = 0; i < r->test_count; i++) {
		if (!r->tests[i].detector)
			add_expression(r, d, i);
		add_value(r, d, i);
	}
	for (size_t i = 0; detector_at(i); i++)
		add_detector(r, d, i);
	if (!(r->where & INSPECT_TEXT))
		return;
	for (size_t i = 0; i < INSPECT_UNREADABLE; i++)
		add_pattern(r, d,
			    (struct matcher_pattern){ .expression = unreadable[i].expression,
						      .once = true,
						      .lines = true },
			    (struct inspect_pattern){ .opaque = unreadable[i].why }, INSPECT_TEXT);
}

static enum rc add_matchers(struct inspect_rules *r, struct inspect_keep *keep, struct fault *why)
{
	struct draft d = { 0 };
	struct matcher *made[4];
	enum rc rc = RC_NOMEM;

	if (draft_init(r, &d)) {
		fill(r, &d);
		const struct matchers_plan plans[4] = {
			{ d.stream, d.stream_count, MATCHER_STREAM },
			{ d.block, d.block_count, MATCHER_BLOCK },
			{ d.values, d.value_count, MATCHER_BLOCK },
			{ d.spans, d.span_count, MATCHER_SPANS },
		};
		rc = matchers_make(plans, 4, keep, made, why);
	}
	draft_free(&d);
	if (rc != RC_OK)
		return rc == RC_NOMEM ? no_memory(why) : rc;
	r->stream = made[0];
	r->block = made[1];
	r->values = made[2];
	r->spans = made[3];
	rc = matcher_pool_new((const struct matcher *const *)made, 4, &r->pool);
	return rc == RC_OK ? rc : no_memory(why);
}

struct inspect_limits inspect_limits_from(const struct settings_limits *limits)
{
	return (struct inspect_limits){
		.depth = limits->mime_depth,
		.parts = limits->mime_parts,
		.header_bytes = limits->header_bytes,
		.decoded_bytes = limits->decoded_bytes,
		.message_bytes = limits->message_bytes,
		.archive_depth = limits->archive_depth,
		.archive_members = limits->archive_members,
		.expansion_ratio = limits->expansion_ratio,
		.inspect_ms = limits->inspect_ms,
		.inspect_cpu_ms = limits->inspect_cpu_ms,
		.findings = limits->findings,
	};
}

const char *inspect_detector(size_t i, unsigned *where)
{
	const struct detector *d = detector_at(i);

	if (d)
		*where = d->where;
	return d ? d->name : NULL;
}

enum rc inspect_compile_kept(const struct rules *rules, struct inspect_limits limits,
			     struct inspect_keep *keep, struct inspect_rules **out,
			     struct fault *why)
{
	struct inspect_rules *r = calloc(1, sizeof *r);

	if (!r)
		return no_memory(why);
	atomic_init(&r->refs, 1);
	r->rules = rules_ref(rules);
	r->limits = limits;
	r->before = DETECTOR_BEFORE;
	r->after = DETECTOR_AFTER;
	enum rc rc = add_tests(r, why);
	r->before += lexicon_before(&r->lexicon);
	if (rc == RC_OK)
		rc = add_matchers(r, keep, why);
	if (rc == RC_OK)
		*out = r;
	else
		inspect_rules_unref(r);
	return rc;
}

enum rc inspect_compile(const struct rules *rules, struct inspect_limits limits,
			struct inspect_rules **out, struct fault *why)
{
	return inspect_compile_kept(rules, limits, NULL, out, why);
}

void inspect_rules_set_reader(struct inspect_rules *r, struct reader_pool *pool, const char *folder)
{
	r->papers = (struct papers_config){
		.pool = pool,
		.folder = folder,
		.bytes_max = r->limits.message_bytes,
		.limits = { .depth = r->limits.archive_depth,
			    .members = r->limits.archive_members,
			    .ratio = r->limits.expansion_ratio,
			    .cpu_ms = r->limits.inspect_cpu_ms,
			    .hashes = r->hashes },
		.wall_ms = r->limits.inspect_ms,
	};
}

struct inspect_rules *inspect_rules_ref(struct inspect_rules *r)
{
	atomic_fetch_add(&r->refs, 1);
	return r;
}

void inspect_rules_unref(struct inspect_rules *r)
{
	if (!r || atomic_fetch_sub(&r->refs, 1) != 1)
		return;
	for (size_t i = 0; i < r->test_count; i++) {
		for (size_t k = 0; k < r->tests[i].word_count; k++)
			free(r->tests[i].words[k]);
		free(r->tests[i].words);
		files_list_free(r->tests[i].list);
	}
	lexicon_fini(&r->lexicon);
	free(r->tests);
	free(r->patterns);
	matcher_pool_free(r->pool);
	matcher_free(r->stream);
	matcher_free(r->block);
	matcher_free(r->values);
	matcher_free(r->spans);
	rules_unref(r->rules);
	free(r);
}
