#include "directory/csv.h"

#include "base/cleanup.h"
#include "support/unit.h"

#define FIELDS ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,x"

/* Rows come out as "LINE:field|field", failures as "LINE:! why". */
static const struct {
	const char *name, *text, *rows;
} tables[] = {
	{ "rows", "a,b\nc,d\n", "1:a|b 2:c|d " },
	{ "no last line end, CRLF, empty lines", "\r\na,b\r\n\n\nc", "2:a|b 5:c " },
	{ "a byte order mark",
	  "\xef\xbb\xbf"
	  "a,b\n",
	  "1:a|b " },
	{ "semicolons", "a;b\nc,d;e\n", "1:a|b 2:c,d|e " },
	{ "semicolons within commas", "a,b;c\nd\n", "1:a|b;c 2:d " },
	{ "quotes", "\"a,\"\"b\"\"\",\"c\nd\"\ne\n", "1:a,\"b\"|c\nd 3:e " },
	{ "empty fields", ",,\n\"\",\n", "1:|| 2:| " },
	{ "a quote within a plain field", "a\"b,c\n", "1:a\"b|c " },
	{ "a bare CR belongs to its field", "a\rb\n", "1:a\rb " },
	{ "not closed", "a\n\"b\nc\n", "1:a 2:! a quote is not closed 3:c " },
	{ "behind a quote", "\"a\"x,y\nc\n", "1:! something stands behind a closing quote 2:c " },
	{ "tabs", "a\tb c\nd\t\"e\tf\"\n", "1:a|b c 2:d|e\tf " },
	{ "tabs within semicolons", "a;b\tc\n", "1:a|b\tc " },
	{ "sixty-four fields", FIELDS "\n",
	  "1:|||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||x " },
	{ "one more", FIELDS ",\nz", "1:! more than 64 fields 2:z " },
	{ "nothing", "", "" },
	{ "line ends alone", "\n\r\n", "" },
};

static void read_all(struct slice text, struct buf *out)
{
	CLEANUP(directory_row_wipe) struct directory_row row = { 0 };
	struct directory_csv csv;
	struct fault why;
	enum rc rc;

	directory_csv_start(&csv, text);
	while ((rc = directory_csv_take(&csv, &row, &why)) != RC_ABSENT) {
		(void)buf_addf(out, "%u:", row.line);
		if (rc != RC_OK)
			(void)buf_addf(out, "! %s", why.text);
		for (size_t i = 0; rc == RC_OK && i < row.count; i++)
			(void)buf_addf(out, "%s%.*s", i ? "|" : "", SLICE_ARG(row.fields[i]));
		(void)buf_add_byte(out, ' ');
	}
}

static void test_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++) {
		struct buf out = BUF_INIT(4000);

		print_message("   %s\n", tables[i].name);
		read_all(slice_of(tables[i].text), &out);
		assert_string_equal(buf_text(&out), tables[i].rows);
		buf_free(&out);
	}
}

static void test_long_row(void **state)
{
	static char text[DIRECTORY_ROW_MAX + 4];
	struct buf out = BUF_INIT(100);

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text + sizeof text - 3, "\nb\n", 3);
	read_all((struct slice){ text, sizeof text }, &out);
	assert_string_equal(buf_text(&out), "1:! a row is longer than 32768 bytes 2:b ");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_long_row),
	};
	return cmocka_run_group_tests_name("directory/csv", tests, NULL, NULL);
}
