#include "mime/uublock.h"

#include "base/buf.h"
#include "support/unit.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "none", "hello\nworld\n", "" },
	{ "one block", "a\nbegin 644 x.csv\nM4111\n`\nend\nb\n",
	  "<begin 644 x.csv\nM4111\n`\nend\n>" },
	{ "in base64", "begin-base64 0644 x\nNDExMQ==\n====\nb\n",
	  "<begin-base64 0644 x\nNDExMQ==\n====\n>" },
	{ "CRLF", "begin 644 x\r\nM4111\r\nend\r\nb\r\n", "<begin 644 x\r\nM4111\r\nend\r\n>" },
	{ "two blocks", "begin 644 x\nend\n-\nbegin 644 y\nend\n",
	  "<begin 644 x\nend\n><begin 644 y\nend\n>" },
	{ "words that only begin alike", "begin the day\nbegin 12 x\nbegin 88 x\nbegin 644 \nend\n",
	  "" },
	{ "inside a line", "and begin 644 x\nM\nend\n", "" },
	{ "a line that is cut by the end", "begin 644 x", "" },
	{ "a block that does not end", "begin 644 x\nM4111", "<begin 644 x\nM4111" },
	{ "a line within that begins like its end", "begin 644 x\nendless\n=\nend\n",
	  "<begin 644 x\nendless\n=\nend\n>" },
};

static void collect(struct slice in, size_t step, struct buf *out)
{
	struct mime_uublock u = { 0 };

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len) {
			struct slice piece;
			enum mime_uublock_seen seen = mime_uublock_take(&u, &chunk, &piece);
			if (seen == UUBLOCK_BEGIN)
				assert_int_equal(buf_add_byte(out, '<'), RC_OK);
			if (seen != UUBLOCK_NONE)
				assert_int_equal(buf_add_slice(out, piece), RC_OK);
			if (seen == UUBLOCK_END)
				assert_int_equal(buf_add_byte(out, '>'), RC_OK);
		}
	}
}

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct buf out = BUF_INIT(1024);
			collect(slice_of(rows[i].in), step, &out);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu: %s", rows[i].name, step, buf_text(&out));
			buf_free(&out);
		}
	}
}

static void test_a_name_beyond_the_bound_begins_nothing(void **state)
{
	char line[UUBLOCK_LINE + 32] = "begin 644 ";
	struct buf out = BUF_INIT(1024);
	(void)state;

	memset(line + 10, 'x', UUBLOCK_LINE - 10);
	strcpy(line + UUBLOCK_LINE, "\nM4111\nend\n");
	collect(slice_of(line), 1000, &out);
	assert_int_equal(out.len, 0);
	memmove(line + 10, line + 11, strlen(line + 10));
	collect(slice_of(line), 1000, &out);
	assert_true(out.len > UUBLOCK_LINE);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_a_name_beyond_the_bound_begins_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
