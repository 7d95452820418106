/* inspect/exact.h: rows of a table, known by keyed hashes of their cells.
 *
 *     name,account,born                      a text with "Jane O'Hara … 4711 0815": two of
 *     Jane O'Hara,47110815,1980-03-05        three columns of that row
 *
 * A row hits where some number of its columns stand within EXACT_SPAN bytes of each other in
 * one text: a part's, a field's, a file's name. A value that many rows share leads to
 * none by itself, and counts beside one that leads there.
 *
 * Payload   head, values, rows: below
 * Memory    the index as a whole; a state 20 KB
 * Threads   an index: any; a state: one user at a time */
#pragma once

#include "inspect/cell.h"
#include "inspect/hashindex.h"
#include "inspect/indexfile.h"

enum {
	EXACT_COLUMNS_MAX = 64,
	EXACT_SPAN = 1000, /* bytes of folded text: half a page */
	/* Rows that may share a value that leads to them: what more people share is a town. */
	EXACT_SHARED_MAX = 256,
	EXACT_RING = 512, /* values of the table within twice EXACT_SPAN: a list of them fits */
	/* Cells looked at for one message, some 0.3 s: more is an attack, or a bad table. A row
	 * costs as many as it has, and a few by itself. */
	EXACT_WORK_MAX = 16000000,
	EXACT_ROW_WORK = 8,
	EXACT_ROWS_MAX = 1 << 30,
};

struct exact;
enum rc exact_open(const char *path, const char *key_path, struct exact **out, struct fault *why);
void exact_free(struct exact *e); /* NULL is fine */
unsigned exact_columns(const struct exact *e);
unsigned exact_need(const struct exact *e); /* columns that make a row hit unless a test says so */

struct exact_hit {
	uint32_t row;
	unsigned columns; /* of it that are there */
	uint64_t at, end; /* of one of its values */
};
typedef void exact_found(void *of, const struct exact_hit *hit);

struct exact_seen {
	uint64_t hash, at, end, before; /* before: what was seen before it in its chain, plus 1 */
};

struct exact_state { /* zeroed, with its index */
	const struct exact *index;
	uint64_t work; /* for the whole message, in cells */
	bool unread;   /* a bound was met: something was not looked at */
	struct cell_state cells;
	uint64_t count, judged; /* of values seen, from the text's beginning */
	uint64_t heads[EXACT_RING];
	struct exact_seen ring[EXACT_RING];
	struct {
		uint32_t row, columns;
	} told[32]; /* rows told lately, with how many columns */
	size_t told_next;
};

void exact_begin(struct exact_state *s); /* a new text */
/* The text goes on; rows are told when all that can belong to them has been seen. */
void exact_take(struct exact_state *s, const struct mime_token *token, exact_found *found,
		void *of);
/* All of the text up to there was taken; UINT64_MAX: it ends. */
void exact_advance(struct exact_state *s, uint64_t to, exact_found *found, void *of);

/* ---- how it lies in the file, behind each other; for exactmake.c ---- */

struct exact_head {
	uint32_t columns, need, rows, zero;
	struct cell_lengths lengths;
	struct hashindex_head values; /* of each the row; EXACT_SHARED: too many */
};
#define EXACT_SHARED UINT32_MAX

/* then the values; then for each row and column */
static inline uint32_t exact_cell(uint64_t hash) /* 0 stands for none */
{
	uint32_t cell = (uint32_t)(hash >> 20);

	return cell ? cell : 1;
}
