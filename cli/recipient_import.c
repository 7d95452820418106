#include "base/cleanup.h"
#include "base/table.h"
#include "cli/progress.h"
#include "cli/recipient.h"
#include "directory/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_MAX = 64 << 20, /* bytes: half a million people */
	BATCH = 100,         /* rows in one transaction, and in one hand-over to the audit */
};

static const struct column {
	const char *name;
	size_t at;
} columns[] = {
	{ "name", offsetof(struct recipient_change, name) },
	{ "phrase", offsetof(struct recipient_change, phrase) },
	{ "number", offsetof(struct recipient_change, number) },
	{ "language", offsetof(struct recipient_change, language) },
	{ "note", offsetof(struct recipient_change, note) },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

struct import {
	struct cli *cli;
	const char *path;
	struct directory_csv csv;
	struct directory_row row;
	size_t width;                          /* columns of the first line */
	size_t field_of[DIRECTORY_FIELDS_MAX]; /* which of columns[] */
	unsigned errors, rows;
};

static void complain(struct import *in, const char *words)
{
	in->errors++;
	cli_fail(in->cli, 0, "%s:%u: %s", in->path, in->row.line, words);
}

static size_t find_column(struct slice name)
{
	size_t i = 0;

	name = slice_trim(name);
	while (i < COLUMNS && !slice_same_nocase(name, slice_of(columns[i].name)))
		i++;
	return i;
}

/* The first line names the columns: an order of their own would put a note where a phrase
 * belongs. */
static bool read_columns(struct import *in)
{
	bool has_name = false, seen[COLUMNS] = { false };
	struct fault why;
	enum rc rc = directory_csv_take(&in->csv, &in->row, &why);

	if (rc != RC_OK) {
		complain(in, rc == RC_ABSENT ? "the file is empty" : why.text);
		return false;
	}
	for (size_t i = 0; i < in->row.count; i++) {
		size_t column = find_column(in->row.fields[i]);
		if (column == COLUMNS || seen[column]) {
			complain(in, "the first line names the columns, each once: name, phrase, "
				     "number, language, note");
			return false;
		}
		seen[column] = true;
		has_name |= column == 0;
		in->field_of[i] = column;
	}
	in->width = in->row.count;
	if (!has_name)
		complain(in, "there is no column \"name\"");
	return has_name;
}

static bool begin(struct import *in, struct slice text)
{
	directory_csv_start(&in->csv, text);
	return read_columns(in);
}

/* The next row. RC_ABSENT: no more. */
static enum rc take(struct import *in, struct recipient_change *out, struct fault *why)
{
	enum rc rc = directory_csv_take(&in->csv, &in->row, why);

	if (rc != RC_OK)
		return rc;
	if (in->row.count != in->width)
		return fault(why, RC_INVALID, "%zu fields, but the first line has %zu",
			     in->row.count, in->width);
	*out = (struct recipient_change){ .name = { "", 0 } };
	for (size_t i = 0; i < in->width; i++) {
		struct slice *member =
			(struct slice *)(void *)((char *)out + columns[in->field_of[i]].at);
		*member = slice_trim(in->row.fields[i]);
	}
	return RC_OK;
}

/* Lines by name: each only once. */
static enum rc check_once(struct import *in, struct table *names, const struct directory_name *name,
			  struct fault *why)
{
	const struct slice key = slice_of(name->text);
	const void *line = table_find(names, key);

	if (line)
		return fault(why, RC_INVALID, "%.*s stands in line %u already",
			     key.len < 100 ? (int)key.len : 100, key.at, (unsigned)(uintptr_t)line);
	return table_set(names, key, (void *)(uintptr_t)in->row.line, NULL)
		       ? RC_OK
		       : fault(why, RC_NOMEM, "out of memory");
}

static bool check_all(struct import *in, struct slice text)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry;
	struct table *names = table_new();
	struct recipient_change change;
	struct fault why;
	enum rc rc = RC_OK;

	if (!names)
		return cli_fail(in->cli, false, "out of memory");
	for (bool more = begin(in, text); more;) {
		rc = take(in, &change, &why);
		more = rc != RC_ABSENT && rc != RC_NOMEM;
		entry = (struct directory_entry){ .changed_s = 0 };
		if (rc == RC_OK)
			rc = recipient_read_name(&change, &entry.name, &why);
		if (rc == RC_OK)
			rc = check_once(in, names, &entry.name, &why);
		if (rc == RC_OK)
			rc = recipient_apply(&change, &entry, &why);
		if (rc != RC_OK && rc != RC_ABSENT)
			complain(in, why.text);
		in->rows += rc == RC_OK;
	}
	table_free(names);
	return in->errors == 0;
}

/* Some rows, all or none of them. *count: how many; 0 at the end. */
static enum rc keep_some(struct import *in, const struct operator_site *site, size_t *count,
			 struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct audit_record *records = calloc(BATCH, sizeof *records);
	struct recipient_said *said = calloc(BATCH, sizeof *said);
	struct recipient_change change;
	size_t n = 0;
	enum rc rc = records && said ? store_begin(site->store, &tx, why)
				     : fault(why, RC_NOMEM, "out of memory");

	while (rc == RC_OK && n < BATCH) {
		rc = take(in, &change, why);
		if (rc == RC_OK)
			rc = recipient_keep(site, tx, &change, &records[n], &said[n], why);
		n += rc == RC_OK;
	}
	if (rc == RC_ABSENT)
		rc = RC_OK;
	if (rc == RC_OK && n)
		rc = operator_record(in->cli, records, n, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	free(records);
	free(said);
	*count = n;
	return rc;
}

static int keep_all(struct import *in, struct slice text)
{
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	struct progress progress = progress_begin(in->cli, "rows", in->rows);
	unsigned kept = 0;
	struct fault why;
	size_t n = 1;
	int status;

	if (!operator_open(in->cli, &site, &status))
		return status;
	if (!begin(in, text))
		return CLI_USAGE;
	while (n) {
		enum rc rc = keep_some(in, &site, &n, &why);
		if (rc != RC_OK)
			progress_clear(&progress);
		if (rc != RC_OK)
			return cli_fail(in->cli, CLI_UNDETERMINED, "%s:%u: %s; %u of %u are kept",
					in->path, in->row.line, why.text, kept, in->rows);
		kept += (unsigned)n;
		progress_show(&progress, kept);
	}
	progress_clear(&progress);
	if (in->cli->json)
		printf("{\"imported\":%u}\n", kept);
	else
		printf("%u imported\n", kept);
	return CLI_OK;
}

int recipient_import(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	struct buf text = BUF_SECRET(FILE_MAX);

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "import takes one file");
	struct import in = { .cli = cli, .path = argv[1] };
	int status = CLI_USAGE;
	if (cli_read(cli, in.path, &text)) {
		if (check_all(&in, buf_slice(&text)))
			status = keep_all(&in, buf_slice(&text));
		else
			status = cli_fail(cli, CLI_NO, "nothing was imported: %u error%s",
					  in.errors, in.errors == 1 ? "" : "s");
	}
	directory_row_wipe(&in.row);
	buf_wipe(&text);
	return status;
}
