#include "directory/csv.h"

#include <string.h>

void directory_csv_start(struct directory_csv *csv, struct slice text)
{
	struct slice rest, line = { "", 0 };

	(void)slice_drop_prefix(&text, "\xef\xbb\xbf");
	rest = text;
	(void)slice_take_line(&rest, &line);
	char separator = ',';
	if (line.len && !memchr(line.at, ',', line.len))
		separator = memchr(line.at, ';', line.len)    ? ';'
			    : memchr(line.at, '\t', line.len) ? '\t'
							      : ',';
	*csv = (struct directory_csv){ text, 1, separator };
}

void directory_row_wipe(struct directory_row *row)
{
	buf_wipe(&row->text);
	row->count = 0;
}

static void drop(struct directory_csv *csv, size_t len)
{
	for (size_t i = 0; i < len; i++)
		csv->line += csv->rest.at[i] == '\n';
	csv->rest = (struct slice){ csv->rest.at + len, csv->rest.len - len };
}

/* The bytes of the line end at the front, or 0. */
static size_t line_end(struct slice s)
{
	if (s.len && s.at[0] == '\n')
		return 1;
	return s.len > 1 && s.at[0] == '\r' && s.at[1] == '\n' ? 2 : 0;
}

static bool ends_field(const struct directory_csv *csv)
{
	return csv->rest.len == 0 || csv->rest.at[0] == csv->separator || line_end(csv->rest);
}

static enum rc take_quoted(struct directory_csv *csv, struct buf *out, struct fault *why)
{
	drop(csv, 1);
	for (;;) {
		const char *quote = csv->rest.len ? memchr(csv->rest.at, '"', csv->rest.len) : NULL;
		if (!quote)
			return fault(why, RC_INVALID, "a quote is not closed");
		size_t len = (size_t)(quote - csv->rest.at);
		(void)buf_add(out, csv->rest.at, len);
		drop(csv, len + 1);
		if (csv->rest.len == 0 || csv->rest.at[0] != '"')
			break;
		(void)buf_add_byte(out, '"');
		drop(csv, 1);
	}
	return ends_field(csv) ? RC_OK
			       : fault(why, RC_INVALID, "something stands behind a closing quote");
}

static enum rc take_field(struct directory_csv *csv, struct buf *out, struct fault *why)
{
	if (csv->rest.len && csv->rest.at[0] == '"')
		return take_quoted(csv, out, why);
	size_t len = 0;
	struct slice rest = csv->rest;
	while (rest.len && rest.at[0] != csv->separator && !line_end(rest)) {
		rest = (struct slice){ rest.at + 1, rest.len - 1 };
		len++;
	}
	(void)buf_add(out, csv->rest.at, len);
	drop(csv, len);
	return RC_OK;
}

static enum rc take_row(struct directory_csv *csv, struct directory_row *row, struct fault *why)
{
	size_t ends[DIRECTORY_FIELDS_MAX], count = 0;

	for (;;) {
		if (count == DIRECTORY_FIELDS_MAX)
			return fault(why, RC_LIMIT, "more than %d fields", DIRECTORY_FIELDS_MAX);
		enum rc rc = take_field(csv, &row->text, why);
		if (rc != RC_OK)
			return rc;
		ends[count++] = row->text.len;
		if (csv->rest.len == 0 || csv->rest.at[0] != csv->separator)
			break;
		drop(csv, 1);
	}
	if (buf_state(&row->text) != RC_OK)
		return fault(why, buf_state(&row->text), "a row is longer than %d bytes",
			     DIRECTORY_ROW_MAX);
	for (size_t i = 0, at = 0; i < count; at = ends[i++])
		row->fields[i] = (struct slice){ buf_text(&row->text) + at, ends[i] - at };
	row->count = count;
	return RC_OK;
}

static void drop_line(struct directory_csv *csv)
{
	const char *end = csv->rest.len ? memchr(csv->rest.at, '\n', csv->rest.len) : NULL;

	drop(csv, end ? (size_t)(end - csv->rest.at) + 1 : csv->rest.len);
}

enum rc directory_csv_take(struct directory_csv *csv, struct directory_row *row, struct fault *why)
{
	size_t n;

	while ((n = line_end(csv->rest)))
		drop(csv, n);
	if (csv->rest.len == 0)
		return RC_ABSENT;
	buf_wipe(&row->text);
	row->text = BUF_SECRET(DIRECTORY_ROW_MAX);
	row->count = 0;
	row->line = csv->line;
	enum rc rc = take_row(csv, row, why);
	drop_line(csv);
	return rc;
}
