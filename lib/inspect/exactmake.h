/* inspect/exactmake.h: an index of a table's rows is made, row by row.
 *
 *     struct exact_make *m;  exact_make_new(columns, 2, "", &m, why);
 *     exact_make_row(m, cells, why); …
 *     exact_make_write(m, "staff.idx", &sum, why);
 *
 * Memory   20 bytes a cell until it is written
 * Threads  one user at a time */
#pragma once

#include "inspect/exact.h"

/* Cells in all: what fits the file's bound. */
enum { EXACT_CELLS_MAX = 1 << 27 };

struct exact_summary {
	uint64_t rows, cells; /* kept */
	uint64_t passed_over; /* cells that are too short or too long */
	uint64_t thin_rows;   /* with fewer cells than make a row hit: not kept */
	uint64_t unled_rows;  /* none of whose values leads to it: too many rows share each */
	uint64_t bytes;
};

struct exact_make;
/* need: how many columns make a row hit unless a test says so, 1 to columns. */
enum rc exact_make_new(unsigned columns, unsigned need, const char *key_path,
		       struct exact_make **out, struct fault *why);
void exact_make_free(struct exact_make *m); /* NULL is fine */

/* cells: one for each column. RC_INVALID: one is no UTF-8; RC_LIMIT: too many rows. */
enum rc exact_make_row(struct exact_make *m, const struct slice *cells, struct fault *why);

/* Once. RC_ABSENT: no row is left. */
enum rc exact_make_write(struct exact_make *m, const char *path, struct exact_summary *out,
			 struct fault *why);
