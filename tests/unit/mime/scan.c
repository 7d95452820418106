#include "mime/scan.h"

#include "base/buf.h"
#include "support/unit.h"

/* A boundary is "--b" and anything. Output: the bytes, "|" for each boundary. */
struct heard {
	struct buf out;
	bool keeps;
};

static void hear_bytes(void *of, struct slice s)
{
	assert_int_equal(buf_add_slice(&((struct heard *)of)->out, s), RC_OK);
}

static bool hear_line(void *of, struct slice line)
{
	assert_true(slice_drop_prefix(&line, "--"));
	if (!slice_drop_prefix(&line, "b"))
		return false;
	assert_int_equal(buf_add_byte(&((struct heard *)of)->out, '|'), RC_OK);
	return true;
}

static bool hear_keeps(void *of)
{
	return ((struct heard *)of)->keeps;
}

static const struct {
	const char *name, *in, *out;
	bool keeps;
} rows[] = {
	{ "none", "a\r\nb\r\n", "a\r\nb\r\n" },
	{ "the line end before it goes with it", "a\r\n--b\r\nc", "a|c" },
	{ "but not where it is kept", "a\r\n--b\r\nc", "a\r\n|c", true },
	{ "LF", "a\n--b\nc", "a|c" },
	{ "CR", "a\r--b\rc", "a|c" },
	{ "at the front", "--b\r\na", "|a" },
	{ "at the end without a line end", "a\r\n--b", "a|" },
	{ "two in a row", "--b\r\n--b\r\n", "||" },
	{ "an empty line before it stays", "a\r\n\r\n--b\r\n", "a\r\n|" },
	{ "a line that is none", "a\r\n--x\r\n-\r\n--\r\n---b\r\nc",
	  "a\r\n--x\r\n-\r\n--\r\n---b\r\nc" },
	{ "none inside a line", "a--b\r\n --b\r\n", "a--b\r\n --b\r\n" },
	{ "LF then CR are two line ends", "a\n\r--b\r\n", "a\n|" },
	{ "a hyphen at the end", "a\r\n-", "a\r\n-" },
	{ "a line end at the end", "a\r\n", "a\r\n" },
	{ "an empty line after it", "--b\r\n\r\nc", "|\r\nc" },
};

static void check(const char *name, struct slice all, const char *want, bool keeps, size_t step)
{
	struct heard h = { BUF_INIT(4096), keeps };
	struct mime_scan_to to = { &h, hear_bytes, hear_line, hear_keeps };
	struct mime_scan scan = { 0 };

	while (all.len) {
		struct slice chunk = { all.at, step < all.len ? step : all.len };
		all = (struct slice){ all.at + chunk.len, all.len - chunk.len };
		mime_scan_push(&scan, chunk, &to);
	}
	mime_scan_end(&scan, &to);
	if (strcmp(buf_text(&h.out), want) != 0)
		fail_msg("%s, by %zu: \"%s\"", name, step, buf_text(&h.out));
	buf_free(&h.out);
}

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t step = 1; step <= strlen(rows[i].in); step++)
			check(rows[i].name, (struct slice){ rows[i].in, strlen(rows[i].in) },
			      rows[i].out, rows[i].keeps, step);
}

static void test_long_lines(void **state)
{
	char in[1024], out[1024];
	(void)state;

	memset(in, 'x', sizeof in);
	in[0] = in[1] = '-';
	in[1022] = '\n';
	in[1023] = '\0';
	check("long and none", (struct slice){ in, 1023 }, in, false, 100);
	in[2] = 'b';
	memcpy(out, "|", 2);
	check("long and one", (struct slice){ in, 1023 }, out, false, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_long_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
