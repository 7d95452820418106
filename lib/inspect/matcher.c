#include "inspect/matcher.h"

#include "inspect/expression.h"

#include <assert.h>
#include <hs.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct matcher {
	hs_database_t *database;
};

struct matcher_scratch {
	hs_scratch_t *hs;
	struct matcher_scratch *next;
};

struct matcher_pool {
	pthread_mutex_t lock;
	struct matcher_scratch *idle;
	hs_scratch_t *first; /* the others are clones of it */
};

/* libhs keeps a stream's state behind its own handle. */
struct matcher_stream {
	hs_stream_t *hs;
};

static enum rc complain(const struct matcher_pattern *p, const char *what, struct fault *why)
{
	static const struct rules_place ours = { "built-in", 0 };
	const struct rules_place *place = p->place ? p->place : &ours;

	return fault(why, RC_INVALID, "%s:%u: the expression \"%.80s\" %s", place->file,
		     place->line, p->expression, what);
}

static unsigned flags_of(const struct matcher_pattern *p, enum matcher_mode mode)
{
	unsigned flags = HS_FLAG_CASELESS | HS_FLAG_UTF8;

	if (p->once && mode != MATCHER_SPANS)
		flags |= HS_FLAG_SINGLEMATCH;
	if (p->lines)
		flags |= HS_FLAG_MULTILINE;
	if (mode == MATCHER_SPANS)
		flags |= HS_FLAG_SOM_LEFTMOST;
	return flags;
}

static enum rc check(const struct matcher_pattern *p, enum matcher_mode mode, unsigned *shortest,
		     struct fault *why)
{
	hs_expr_info_t *info = NULL;
	hs_compile_error_t *error = NULL;

	if (hs_expression_info(p->expression, flags_of(p, mode), &info, &error) != HS_SUCCESS) {
		struct fault text;
		(void)!fault(&text, RC_INVALID, "does not compile: %s",
			     error ? error->message : "out of memory");
		hs_free_compile_error(error);
		return complain(p, text.text, why);
	}
	*shortest = info->min_width;
	free(info);
	if (*shortest == 0)
		return complain(p, "matches the empty string, so any message", why);
	if (expression_look(slice_of(p->expression)).any > EXPRESSION_ANY_MAX)
		return complain(p,
				"repeats any character so often that it would take minutes to "
				"compile: say what may stand between, or use near",
				why);
	return RC_OK;
}

enum rc matcher_shortest(const struct matcher_pattern *pattern, unsigned *bytes, struct fault *why)
{
	return check(pattern, MATCHER_BLOCK, bytes, why);
}

static enum rc compile(const char *const *expressions, const unsigned *flags, const unsigned *ids,
		       const struct matcher_pattern *patterns, size_t count, enum matcher_mode mode,
		       hs_database_t **out, struct fault *why)
{
	unsigned hs_mode = mode == MATCHER_STREAM ? HS_MODE_STREAM : HS_MODE_BLOCK;
	hs_compile_error_t *error = NULL;

	if (hs_compile_multi(expressions, flags, ids, (unsigned)count, hs_mode, NULL, out,
			     &error) == HS_SUCCESS)
		return RC_OK;
	struct fault text;
	(void)!fault(&text, RC_INVALID, "does not compile: %s",
		     error ? error->message : "out of memory");
	int at = error ? error->expression : -1;
	hs_free_compile_error(error);
	if (at >= 0 && (size_t)at < count)
		return complain(&patterns[at], text.text, why);
	return fault(why, RC_INVALID, "the rules' expressions together: %s", text.text);
}

enum rc matcher_compile(const struct matcher_pattern *patterns, size_t count,
			enum matcher_mode mode, struct matcher **out, struct fault *why)
{
	assert(count > 0 && count < UINT32_MAX);
	for (size_t i = 0; i < count; i++) {
		unsigned shortest;
		enum rc rc = check(&patterns[i], mode, &shortest, why);
		if (rc != RC_OK)
			return rc;
	}
	const char **expressions = calloc(count, sizeof *expressions);
	unsigned *flags = calloc(count, sizeof *flags), *ids = calloc(count, sizeof *ids);
	struct matcher *m = calloc(1, sizeof *m);
	enum rc rc = RC_NOMEM;
	if (expressions && flags && ids && m) {
		for (size_t i = 0; i < count; i++) {
			expressions[i] = patterns[i].expression;
			flags[i] = flags_of(&patterns[i], mode);
			ids[i] = patterns[i].id;
		}
		rc = compile(expressions, flags, ids, patterns, count, mode, &m->database, why);
	}
	free(expressions);
	free(flags);
	free(ids);
	if (rc == RC_NOMEM)
		rc = fault(why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		*out = m;
	else
		free(m);
	return rc;
}

void matcher_free(struct matcher *m)
{
	if (m)
		hs_free_database(m->database);
	free(m);
}

/* ---- as bytes ---- */

enum rc matcher_platform(struct buf *out)
{
	hs_platform_info_t platform = { 0 };

	if (hs_populate_platform(&platform) != HS_SUCCESS)
		return RC_NOMEM;
	return buf_addf(out, "%s tune %u features %llx", hs_version(), platform.tune,
			platform.cpu_features);
}

enum rc matcher_save(const struct matcher *m, struct buf *out)
{
	char *bytes = NULL;
	size_t len = 0;

	if (m && hs_serialize_database(m->database, &bytes, &len) != HS_SUCCESS)
		return RC_NOMEM;
	uint64_t size = len;
	(void)!buf_add(out, &size, sizeof size);
	enum rc rc = buf_add(out, bytes, len);
	free(bytes);
	return rc;
}

enum rc matcher_load(struct slice *bytes, struct matcher **out)
{
	uint64_t size;

	if (bytes->len < sizeof size)
		return RC_INVALID;
	memcpy(&size, bytes->at, sizeof size);
	if (size > bytes->len - sizeof size)
		return RC_INVALID;
	struct slice own = { bytes->at + sizeof size, (size_t)size };
	struct matcher *m = own.len ? calloc(1, sizeof *m) : NULL;
	if (own.len && !m)
		return RC_NOMEM;
	hs_error_t error = m ? hs_deserialize_database(own.at, own.len, &m->database) : HS_SUCCESS;
	if (error != HS_SUCCESS) {
		free(m);
		return error == HS_NOMEM ? RC_NOMEM : RC_INVALID;
	}
	*bytes = (struct slice){ own.at + own.len, bytes->len - sizeof size - own.len };
	*out = m;
	return RC_OK;
}

/* ---- working memory ---- */

enum rc matcher_pool_new(const struct matcher *const *matchers, size_t count,
			 struct matcher_pool **out)
{
	struct matcher_pool *p = calloc(1, sizeof *p);

	if (!p || pthread_mutex_init(&p->lock, NULL) != 0) {
		free(p);
		return RC_NOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		if (!matchers[i] ||
		    hs_alloc_scratch(matchers[i]->database, &p->first) == HS_SUCCESS)
			continue;
		matcher_pool_free(p);
		return RC_NOMEM;
	}
	*out = p;
	return RC_OK;
}

void matcher_pool_free(struct matcher_pool *p)
{
	if (!p)
		return;
	while (p->idle) {
		struct matcher_scratch *next = p->idle->next;
		hs_free_scratch(p->idle->hs);
		free(p->idle);
		p->idle = next;
	}
	hs_free_scratch(p->first);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct matcher_scratch *matcher_borrow(struct matcher_pool *p)
{
	pthread_mutex_lock(&p->lock);
	struct matcher_scratch *scratch = p->idle;
	if (scratch)
		p->idle = scratch->next;
	pthread_mutex_unlock(&p->lock);
	if (scratch)
		return scratch;
	scratch = calloc(1, sizeof *scratch);
	if (scratch && hs_clone_scratch(p->first, &scratch->hs) != HS_SUCCESS) {
		free(scratch);
		scratch = NULL;
	}
	return scratch;
}

void matcher_give_back(struct matcher_pool *p, struct matcher_scratch *scratch)
{
	if (!scratch)
		return;
	pthread_mutex_lock(&p->lock);
	scratch->next = p->idle;
	p->idle = scratch;
	pthread_mutex_unlock(&p->lock);
}

/* libhs calls back with its own idea of arguments. */
struct call {
	matcher_hit *hit;
	void *of;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *context)
{
	const struct call *call = context;

	(void)flags;
	call->hit(call->of, id, from, to);
	return 0;
}

bool matcher_scan(const struct matcher *m, struct slice text, struct matcher_scratch *scratch,
		  matcher_hit *hit, void *of)
{
	struct call call = { hit, of };

	if (text.len == 0)
		return true;
	if (text.len > UINT32_MAX)
		return false;
	return hs_scan(m->database, text.at, (unsigned)text.len, 0, scratch->hs, on_match, &call) ==
	       HS_SUCCESS;
}

struct matcher_stream *matcher_stream_open(const struct matcher *m)
{
	struct matcher_stream *s = calloc(1, sizeof *s);

	if (s && hs_open_stream(m->database, 0, &s->hs) != HS_SUCCESS) {
		free(s);
		s = NULL;
	}
	return s;
}

bool matcher_stream_scan(struct matcher_stream *s, struct slice piece,
			 struct matcher_scratch *scratch, matcher_hit *hit, void *of)
{
	struct call call = { hit, of };

	assert(piece.len <= UINT32_MAX);
	return hs_scan_stream(s->hs, piece.at, (unsigned)piece.len, 0, scratch->hs, on_match,
			      &call) == HS_SUCCESS;
}

bool matcher_stream_end(struct matcher_stream *s, struct matcher_scratch *scratch, matcher_hit *hit,
			void *of)
{
	struct call call = { hit, of };

	return hs_reset_stream(s->hs, 0, scratch->hs, on_match, &call) == HS_SUCCESS;
}

void matcher_stream_free(struct matcher_stream *s)
{
	if (s)
		(void)!hs_close_stream(s->hs, NULL, NULL, NULL);
	free(s);
}
