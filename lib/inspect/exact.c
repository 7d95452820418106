#include "inspect/exact.h"

#include <stdlib.h>
#include <string.h>

struct exact {
	struct indexfile file;
	struct exact_head head;
	struct hashindex values;
	const uint32_t *rows; /* columns for each */
};

/* ---- the file ---- */

static bool is_head(const struct exact_head *h)
{
	return h->columns >= 1 && h->columns <= EXACT_COLUMNS_MAX && h->need >= 1 &&
	       h->need <= h->columns && h->rows <= EXACT_ROWS_MAX &&
	       h->lengths.words >> (CELL_WORDS + 1) == 0 &&
	       h->lengths.digits >> (CELL_DIGITS + 1) == 0;
}

static bool understand(struct exact *e)
{
	struct slice rest = e->file.payload, values;
	struct exact_head *h = &e->head;

	if (rest.len < sizeof *h)
		return false;
	memcpy(h, rest.at, sizeof *h);
	rest = (struct slice){ rest.at + sizeof *h, rest.len - sizeof *h };
	values = (struct slice){ rest.at, hashindex_size(&h->values) };
	if (!is_head(h) || values.len == 0 || values.len > rest.len ||
	    rest.len - values.len != (uint64_t)h->rows * h->columns * sizeof *e->rows)
		return false;
	e->rows = (const void *)(rest.at + values.len);
	if (!hashindex_open(&h->values, values, &e->values))
		return false;
	for (uint64_t i = 0; i < h->values.entries; i++)
		if (e->values.entries[i].value >= h->rows &&
		    e->values.entries[i].value != EXACT_SHARED)
			return false;
	return true;
}

enum rc exact_open(const char *path, const char *key_path, struct exact **out, struct fault *why)
{
	struct exact *e = calloc(1, sizeof *e);

	if (!e)
		return fault(why, RC_NOMEM, "out of memory for an index");
	enum rc rc = indexfile_read(path, key_path, INDEXFILE_EXACT, &e->file, why);
	if (rc == RC_OK && !understand(e))
		rc = fault(why, RC_INVALID, "%.120s holds no index of rows", path);
	if (rc == RC_OK)
		*out = e;
	else
		exact_free(e);
	return rc;
}

void exact_free(struct exact *e)
{
	if (e)
		indexfile_free(&e->file);
	free(e);
}

unsigned exact_columns(const struct exact *e)
{
	return e->head.columns;
}

unsigned exact_need(const struct exact *e)
{
	return e->head.need;
}

/* ---- matching ---- */

void exact_begin(struct exact_state *s)
{
	s->cells = (struct cell_state){ 0 };
	s->count = s->judged = 0;
	memset(s->heads, 0, sizeof s->heads);
	memset(s->told, 0, sizeof s->told);
}

static struct exact_seen *seen_at(struct exact_state *s, uint64_t number)
{
	return &s->ring[number % EXACT_RING];
}

static bool was_seen(struct exact_state *s, uint32_t cell, uint64_t since)
{
	uint64_t next = s->heads[cell % EXACT_RING];

	while (next && next + EXACT_RING > s->count) {
		const struct exact_seen *seen = seen_at(s, next - 1);
		if (seen->end < since)
			return false;
		if (exact_cell(seen->hash) == cell)
			return true;
		next = seen->before;
	}
	return false;
}

/* How many columns of the row, with values that differ, are there. */
static unsigned count_columns(struct exact_state *s, uint32_t row, uint64_t since)
{
	const uint32_t *cells = s->index->rows + (size_t)row * s->index->head.columns;
	unsigned columns = 0;

	for (unsigned i = 0; i < s->index->head.columns; i++) {
		bool again = cells[i] == 0;
		for (unsigned k = 0; k < i && !again; k++)
			again = cells[k] == cells[i];
		columns += !again && was_seen(s, cells[i], since);
	}
	return columns;
}

/* With no fewer columns; remembers that it is told now. */
static bool was_told(struct exact_state *s, const struct exact_hit *hit)
{
	const size_t room = sizeof s->told / sizeof *s->told;
	size_t at = s->told_next;

	for (size_t i = 0; i < room; i++)
		if (s->told[i].columns && s->told[i].row == hit->row)
			at = i;
	if (at != s->told_next && s->told[at].columns >= hit->columns)
		return true;
	if (at == s->told_next)
		s->told_next = (s->told_next + 1) % room;
	s->told[at].row = hit->row;
	s->told[at].columns = hit->columns;
	return false;
}

static void judge(struct exact_state *s, const struct exact_seen *seen, exact_found *found,
		  void *of)
{
	const struct hashindex_entry *entries;
	size_t count = hashindex_find(&s->index->values, seen->hash, &entries);
	uint64_t since = seen->end > EXACT_SPAN ? seen->end - EXACT_SPAN : 0;

	for (size_t i = 0; i < count && entries[i].value != EXACT_SHARED; i++) {
		if (s->work >= EXACT_WORK_MAX) {
			s->unread = true;
			return;
		}
		s->work += EXACT_ROW_WORK + s->index->head.columns;
		struct exact_hit hit = { entries[i].value, 0, seen->at, seen->end };
		hit.columns = count_columns(s, hit.row, since);
		if (hit.columns && !was_told(s, &hit))
			found(of, &hit);
	}
}

void exact_advance(struct exact_state *s, uint64_t to, exact_found *found, void *of)
{
	while (s->judged < s->count) {
		const struct exact_seen *seen = seen_at(s, s->judged);
		if (to != UINT64_MAX && seen->end + EXACT_SPAN >= to)
			return;
		judge(s, seen, found, of);
		s->judged++;
	}
}

struct taking {
	struct exact_state *state;
	uint64_t end;
};

/* A value that ends with the token at hand; the table may have it. */
static void on_value(void *of, uint64_t hash, uint64_t at)
{
	const struct taking *t = of;
	struct exact_state *s = t->state;
	const struct hashindex_entry *first;

	if (hashindex_find(&s->index->values, hash, &first) == 0)
		return;
	struct exact_seen *seen = seen_at(s, s->count);
	/* What it takes the place of may still be asked for. */
	if (s->count >= EXACT_RING && seen->end + 2 * EXACT_SPAN >= t->end)
		s->unread = true;
	if (s->count - s->judged == EXACT_RING)
		s->judged++;
	uint64_t *head = &s->heads[exact_cell(hash) % EXACT_RING];
	*seen = (struct exact_seen){ hash, at, t->end, *head };
	*head = ++s->count;
}

void exact_take(struct exact_state *s, const struct mime_token *token, exact_found *found, void *of)
{
	struct taking taking = { s, token->end };

	exact_advance(s, token->end, found, of);
	cell_take(&s->cells, &s->index->file.key, s->index->head.lengths, token, on_value, &taking);
}
