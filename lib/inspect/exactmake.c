#include "inspect/exactmake.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct exact_make {
	struct indexfile file;
	struct exact_head head;
	struct exact_summary sum;
	struct hashindex_posting *postings;
	size_t count, room;
	uint32_t *rows;
	size_t row_room; /* in cells */
};

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory for an index");
}

enum rc exact_make_new(unsigned columns, unsigned need, const char *key_path,
		       struct exact_make **out, struct fault *why)
{
	struct exact_make *m = calloc(1, sizeof *m);

	if (!m)
		return no_memory(why);
	m->head.columns = columns;
	m->head.need = need;
	enum rc rc = indexfile_new(key_path, INDEXFILE_EXACT, &m->file, why);
	if (rc == RC_OK)
		*out = m;
	else
		exact_make_free(m);
	return rc;
}

void exact_make_free(struct exact_make *m)
{
	if (!m)
		return;
	indexfile_free(&m->file);
	free(m->postings);
	free(m->rows);
	free(m);
}

/* ---- rows ---- */

static bool grow(void **at, size_t *room, size_t want, size_t size)
{
	if (want <= *room)
		return true;
	size_t more = *room ? 2 * *room : 4096;
	void *grown = realloc(*at, more * size);
	if (!grown)
		return false;
	*at = grown;
	*room = more;
	return true;
}

static void note_length(struct exact_head *h, const struct cell *cell)
{
	if (cell->number)
		h->lengths.digits |= 1ull << cell->digits;
	else
		h->lengths.words |= 1ull << cell->words;
}

/* The row's values that differ. */
static bool is_again(const struct cell *cells, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (cells[i].hash == cells[at].hash)
			return true;
	return false;
}

static enum rc read_cells(struct exact_make *m, const struct slice *texts, struct cell *cells,
			  unsigned *filled, struct fault *why)
{
	*filled = 0;
	for (unsigned i = 0; i < m->head.columns; i++) {
		cells[i] = (struct cell){ 0 };
		if (!utf8_is_valid(texts[i]))
			return fault(why, RC_INVALID, "column %u is not UTF-8", i + 1);
		if (cell_of(&m->file.key, texts[i], &cells[i]) != RC_OK) {
			cells[i] = (struct cell){ 0 };
			m->sum.passed_over += slice_trim(texts[i]).len > 0;
			continue;
		}
		*filled += !is_again(cells, i);
	}
	return RC_OK;
}

static bool is_cell(const struct cell *c)
{
	return c->words || c->digits;
}

enum rc exact_make_row(struct exact_make *m, const struct slice *texts, struct fault *why)
{
	struct cell cells[EXACT_COLUMNS_MAX];
	unsigned filled, columns = m->head.columns;
	enum rc rc = read_cells(m, texts, cells, &filled, why);

	if (rc != RC_OK)
		return rc;
	if (filled < m->head.need) {
		m->sum.thin_rows++;
		return RC_OK;
	}
	if (m->count + columns > EXACT_CELLS_MAX || m->head.rows == EXACT_ROWS_MAX)
		return fault(why, RC_LIMIT, "more than %d cells", EXACT_CELLS_MAX);
	size_t first = (size_t)m->head.rows * columns;
	if (!grow((void **)&m->postings, &m->room, m->count + columns, sizeof *m->postings) ||
	    !grow((void **)&m->rows, &m->row_room, first + columns, sizeof *m->rows))
		return no_memory(why);
	for (unsigned i = 0; i < columns; i++) {
		m->rows[first + i] = is_cell(&cells[i]) ? exact_cell(cells[i].hash) : 0;
		if (!is_cell(&cells[i]) || is_again(cells, i))
			continue;
		note_length(&m->head, &cells[i]);
		m->postings[m->count++] = (struct hashindex_posting){ cells[i].hash, m->head.rows };
	}
	m->head.rows++;
	m->sum.cells += filled;
	return RC_OK;
}

/* ---- the index ---- */

/* A value of too many rows is kept once, and leads to none. Rows that something leads to are
 * marked in led. */
static void thin_out(struct exact_make *m, unsigned char *led)
{
	size_t kept = 0, end;

	for (size_t i = 0; i < m->count; i = end) {
		for (end = i + 1; end < m->count && m->postings[end].hash == m->postings[i].hash;)
			end++;
		if (end - i > EXACT_SHARED_MAX) {
			m->postings[kept++] =
				(struct hashindex_posting){ m->postings[i].hash, EXACT_SHARED };
			continue;
		}
		for (size_t k = i; k < end; k++) {
			led[m->postings[k].value] = 1;
			m->postings[kept++] = m->postings[k];
		}
	}
	m->count = kept;
	for (uint32_t i = 0; i < m->head.rows; i++)
		m->sum.unled_rows += !led[i];
}

enum rc exact_make_write(struct exact_make *m, const char *path, struct exact_summary *out,
			 struct fault *why)
{
	struct exact_head *h = &m->head;

	if (h->rows == 0)
		return fault(why, RC_ABSENT, "there is no row with enough values to know it by");
	unsigned char *led = calloc(1, h->rows);
	if (!led)
		return no_memory(why);
	hashindex_sort(m->postings, m->count);
	thin_out(m, led);
	free(led);
	h->values = hashindex_plan(m->count);
	uint64_t values = hashindex_size(&h->values);
	size_t cells = (size_t)h->rows * h->columns * sizeof *m->rows;
	enum rc rc = indexfile_room(&m->file, sizeof *h + values + cells, why);
	if (rc == RC_OK) {
		char *at = indexfile_bytes(&m->file);
		memcpy(at, h, sizeof *h);
		hashindex_fill(&h->values, m->postings, at + sizeof *h);
		memcpy(at + sizeof *h + values, m->rows, cells);
		rc = indexfile_write(&m->file, path, why);
	}
	m->sum.rows = h->rows;
	m->sum.bytes = m->file.payload.len;
	if (rc == RC_OK)
		*out = m->sum;
	return rc;
}
