#include "inspect/words.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/utf8.h"
#include "mime/fold.h"

#include <stdlib.h>
#include <string.h>

/* From a node, by a word, to another. Nodes are counted from 1, 0 is the root. */
struct edge {
	uint64_t hash;
	uint32_t from, to; /* to 0: free */
};

enum {
	EDGES_MIN = 64,
	/* Bits for each first word: one that begins no term is known by a look at memory that
	 * stays near, all but one in sixteen. */
	FILTER_BITS = 16,
};

static const uint64_t blank_before = 0x9e3779b97f4a7c15u;

struct term {
	unsigned tag, line;
	uint32_t next;      /* plus 1 */
	uint32_t text, len; /* in texts */
};

struct words {
	struct edge *edges;
	size_t edge_room, edge_count; /* room is a power of two */
	uint32_t *ends;               /* for each node the term that ends there, plus 1 */
	size_t node_room, node_count;
	struct term *terms;
	size_t term_room, term_count;
	struct buf texts;
	uint64_t *filter;
	size_t filter_bits; /* a power of two */
};

struct words *words_new(void)
{
	struct words *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->texts = BUF_INIT(UINT32_MAX);
	w->edges = calloc(EDGES_MIN, sizeof *w->edges);
	w->edge_room = EDGES_MIN;
	w->node_count = 1;
	if (w->edges)
		return w;
	words_free(w);
	return NULL;
}

void words_free(struct words *w)
{
	if (!w)
		return;
	free(w->edges);
	free(w->ends);
	free(w->terms);
	free(w->filter);
	buf_free(&w->texts);
	free(w);
}

size_t words_count(const struct words *w)
{
	return w->term_count;
}

/* ---- the tree ---- */

static struct edge *find_edge(const struct words *w, uint32_t from, uint64_t hash)
{
	size_t at = mime_token_mix(hash + from * blank_before) & (w->edge_room - 1);

	while (w->edges[at].to && (w->edges[at].hash != hash || w->edges[at].from != from))
		at = (at + 1) & (w->edge_room - 1);
	return &w->edges[at];
}

static bool grow_edges(struct words *w)
{
	struct edge *old = w->edges;
	size_t room = w->edge_room;

	w->edges = calloc(2 * room, sizeof *w->edges);
	if (!w->edges) {
		w->edges = old;
		return false;
	}
	w->edge_room = 2 * room;
	for (size_t i = 0; i < room; i++)
		if (old[i].to)
			*find_edge(w, old[i].from, old[i].hash) = old[i];
	free(old);
	return true;
}

/* Room for one more of what lies at *at. */
static bool grow(void **at, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return true;
	size_t more = *room ? 2 * *room : 64;
	void *grown = realloc(*at, more * size);
	if (!grown)
		return false;
	memset((char *)grown + *room * size, 0, (more - *room) * size);
	*at = grown;
	*room = more;
	return true;
}

static uint64_t key_of(const struct mime_token *token, bool first)
{
	return !first && token->blank ? token->hash ^ blank_before : token->hash;
}

/* The node behind *node by this token, made if there is none. */
static bool descend(struct words *w, uint32_t *node, const struct mime_token *token)
{
	uint64_t hash = key_of(token, *node == 0);
	struct edge *edge = find_edge(w, *node, hash);

	if (!edge->to) {
		if (!grow((void **)&w->ends, &w->node_room, w->node_count, sizeof *w->ends))
			return false;
		if (2 * (w->edge_count + 1) > w->edge_room && !grow_edges(w))
			return false;
		edge = find_edge(w, *node, hash);
		*edge = (struct edge){ hash, *node, (uint32_t)w->node_count++ };
		w->edge_count++;
	}
	*node = edge->to;
	return true;
}

/* ---- reading ---- */

/* What is being read. */
struct reading {
	struct words *words;
	const char *path;
	unsigned line, tag;
	words_duplicate *tell;
	void *of;
};

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory");
}

static enum rc fold_term(struct slice line, struct buf *out)
{
	struct mime_fold f = { 0 };
	char piece[FOLD_ROOM];

	while (line.len)
		(void)!buf_add(out, piece, mime_fold_push(&f, &line, piece, sizeof piece));
	return buf_add(out, piece, mime_fold_end(&f, piece));
}

/* The node where the term ends; 0: it has no word. */
static enum rc plant(const struct reading *r, struct slice term, uint32_t *node, struct fault *why)
{
	const struct mime_token *token;
	struct mime_tokens tokens;
	size_t length = 0;
	bool more = true;

	*node = 0;
	mime_tokens_begin(&tokens);
	while (more) {
		token = mime_token_take(&tokens, &term);
		if (!token) {
			more = false;
			token = mime_token_end(&tokens);
		}
		if (!token)
			break;
		if (++length > WORDS_LENGTH_MAX)
			return fault(why, RC_INVALID,
				     "%s:%u: a term has at most %d words and signs", r->path,
				     r->line, WORDS_LENGTH_MAX);
		if (!descend(r->words, node, token))
			return no_memory(why);
	}
	return RC_OK;
}

static enum rc end_term(const struct reading *r, struct slice term, uint32_t node,
			struct fault *why)
{
	struct words *w = r->words;

	for (uint32_t t = w->ends[node]; t; t = w->terms[t - 1].next) {
		if (w->terms[t - 1].tag != r->tag)
			continue;
		if (r->tell)
			r->tell(r->of, r->line, w->terms[t - 1].line, term);
		return RC_OK;
	}
	if (w->term_count == WORDS_TERMS_MAX)
		return fault(why, RC_LIMIT, "%s:%u: more than %d terms in all", r->path, r->line,
			     WORDS_TERMS_MAX);
	if (!grow((void **)&w->terms, &w->term_room, w->term_count, sizeof *w->terms))
		return no_memory(why);
	struct term fresh = { r->tag, r->line, w->ends[node], (uint32_t)w->texts.len,
			      (uint32_t)term.len };
	if (buf_add_slice(&w->texts, term) != RC_OK)
		return no_memory(why);
	w->terms[w->term_count++] = fresh;
	w->ends[node] = (uint32_t)w->term_count;
	return RC_OK;
}

static enum rc read_term(const struct reading *r, struct slice line, struct fault *why)
{
	struct buf folded = BUF_INIT(16 * WORDS_LINE_MAX + 2 * FOLD_ROOM);
	uint32_t node;

	if (line.len > WORDS_LINE_MAX)
		return fault(why, RC_INVALID, "%s:%u: a term is at most %d bytes long", r->path,
			     r->line, WORDS_LINE_MAX);
	if (!utf8_is_valid(line))
		return fault(why, RC_INVALID, "%s:%u: this is not UTF-8", r->path, r->line);
	enum rc rc = fold_term(line, &folded) == RC_OK ? RC_OK : no_memory(why);
	struct slice term = slice_trim(buf_slice(&folded));
	if (rc == RC_OK)
		rc = plant(r, term, &node, why);
	if (rc == RC_OK && node == 0)
		rc = fault(why, RC_INVALID, "%s:%u: there is no word or sign to look for", r->path,
			   r->line);
	if (rc == RC_OK)
		rc = end_term(r, term, node, why);
	buf_free(&folded);
	return rc;
}

static enum rc read_lines(struct reading *r, struct slice text, struct fault *why)
{
	struct slice line;
	enum rc rc = RC_OK;

	slice_drop_prefix(&text, "\xEF\xBB\xBF");
	while (rc == RC_OK && text.len) {
		if (!slice_take_line(&text, &line)) {
			line = text;
			text = (struct slice){ 0 };
		}
		line = slice_trim(line);
		r->line++;
		if (line.len && *line.at != '#')
			rc = read_term(r, line, why);
	}
	return rc;
}

static enum rc read_file(struct reading *r, const struct rules_place *place, struct fault *why)
{
	struct buf text = BUF_INIT(WORDS_FILE_MAX);
	struct fault cause = { "out of memory" };
	enum rc rc = file_read(r->path, &text, &cause);

	if (rc == RC_OK)
		rc = read_lines(r, buf_slice(&text), why);
	else
		rc = fault(why, rc == RC_NOMEM ? rc : RC_INVALID, "%s:%u: %s", place->file,
			   place->line, cause.text);
	buf_free(&text);
	return rc;
}

/* The first words of terms, as bits. */
static enum rc make_filter(struct words *w, struct fault *why)
{
	size_t roots = 1, bits = 64;

	for (size_t i = 0; i < w->edge_room; i++)
		roots += w->edges[i].to && w->edges[i].from == 0;
	while (bits < FILTER_BITS * roots)
		bits *= 2;
	free(w->filter);
	w->filter_bits = bits;
	w->filter = calloc(bits / 64, sizeof *w->filter);
	if (!w->filter)
		return no_memory(why);
	for (size_t i = 0; i < w->edge_room; i++) {
		uint64_t bit = w->edges[i].hash & (bits - 1);
		if (w->edges[i].to && w->edges[i].from == 0)
			w->filter[bit / 64] |= 1ull << bit % 64;
	}
	return RC_OK;
}

enum rc words_add(struct words *w, const char *path, const struct rules_place *place, unsigned tag,
		  struct fault *why)
{
	struct reading r = { .words = w, .path = path, .tag = tag };
	enum rc rc = read_file(&r, place, why);

	return rc == RC_OK ? make_filter(w, why) : rc;
}

enum rc words_check(const char *path, const struct rules_place *place, words_duplicate *tell,
		    void *of, struct fault *why)
{
	struct words *w = words_new();
	struct reading r = { .words = w, .path = path, .tell = tell, .of = of };
	enum rc rc = w ? read_file(&r, place, why) : no_memory(why);

	words_free(w);
	return rc;
}

/* ---- matching ---- */

size_t words_take(const struct words *w, struct words_state *s, const struct mime_token *token,
		  struct words_hit *hits)
{
	size_t kept = 0, count = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t node = find_edge(w, s->begun[i].node, key_of(token, false))->to;
		if (!node)
			continue;
		s->begun[kept] = s->begun[i];
		s->begun[kept++].node = node;
	}
	s->count = kept;
	uint64_t bit = token->hash & (w->filter_bits - 1);
	uint32_t root = w->filter && w->filter[bit / 64] >> bit % 64 & 1
				? find_edge(w, 0, token->hash)->to
				: 0;
	if (root && s->count < WORDS_LENGTH_MAX) {
		s->begun[s->count].node = root;
		s->begun[s->count++].at = token->at;
	}
	for (size_t i = 0; i < s->count; i++)
		if (w->ends[s->begun[i].node])
			hits[count++] =
				(struct words_hit){ s->begun[i].at, w->ends[s->begun[i].node] };
	return count;
}

struct words_term words_term(const struct words *w, uint32_t term)
{
	const struct term *t = &w->terms[term - 1];

	return (struct words_term){ t->tag, t->next, { w->texts.at + t->text, t->len }, t->line };
}
