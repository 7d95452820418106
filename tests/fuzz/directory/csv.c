#include "directory/csv.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Rows come in order of their lines, end, and hold no more than was given. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct directory_row row = { 0 };
	struct directory_csv csv;
	unsigned before = 0;
	size_t total = 0;
	enum rc rc;

	directory_csv_start(&csv, (struct slice){ (const char *)data, size });
	while ((rc = directory_csv_take(&csv, &row, NULL)) != RC_ABSENT) {
		assert(row.line > before);
		before = row.line;
		for (size_t i = 0; rc == RC_OK && i < row.count; i++)
			total += row.fields[i].len;
		assert(total <= size);
	}
	directory_row_wipe(&row);
	return 0;
}
