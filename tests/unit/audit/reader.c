#include "audit/reader.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/postern-reader-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	return fd < 0 || close(fd) < 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void fill(struct slice bytes)
{
	assert_int_equal(file_replace(path, bytes, 0600, NULL), RC_OK);
}

struct seen {
	struct buf text; /* each line's text and a mark */
	unsigned lines, stop_after;
};

static bool note(void *arg, const struct audit_line *line)
{
	struct seen *seen = arg;

	assert_int_equal(line->number, ++seen->lines);
	if (line->too_long)
		assert_int_equal(buf_addf(&seen->text, "(%zu)", line->text.len), RC_OK);
	else
		assert_int_equal(buf_add_slice(&seen->text, line->text), RC_OK);
	assert_int_equal(buf_add_text(&seen->text, line->too_long ? "#"
						   : line->ended  ? "|"
								  : "~"),
			 RC_OK);
	return seen->lines != seen->stop_after;
}

static void check(struct slice bytes, unsigned stop_after, const char *want)
{
	struct seen seen = { .text = BUF_INIT(1 << 20), .stop_after = stop_after };

	fill(bytes);
	assert_int_equal(audit_read(path, note, &seen, NULL), RC_OK);
	assert_string_equal(buf_text(&seen.text), want);
	buf_free(&seen.text);
}

static void test_lines(void **state)
{
	(void)state;
	check(SLICE(""), 0, "");
	check(SLICE("one\n"), 0, "one|");
	check(SLICE("one\n\ntwo\n"), 0, "one||two|");
	check(SLICE("one\ntorn"), 0, "one|torn~");
	check(SLICE("one\ntwo\nthree\n"), 2, "one|two|");
}

static void test_a_line_too_long_is_one_line(void **state)
{
	size_t len = 3 * AUDIT_LINE_MAX;
	CLEANUP(cleanup_free) char *bytes = malloc(len + 6), *want = NULL;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', len);
	memcpy(bytes + len, "\nlast\n", 6);
	assert_true(asprintf(&want, "(%d)#last|", AUDIT_LINE_MAX) > 0);
	check((struct slice){ bytes, len + 6 }, 0, want);
}

static void test_no_file(void **state)
{
	struct seen seen = { .text = BUF_INIT(10) };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(audit_read("/nonexistent/audit", note, &seen, &why), RC_ABSENT);
	assert_non_null(strstr(why.text, "/nonexistent/audit"));
	assert_int_equal(audit_read("/", note, &seen, &why), RC_RETRY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_a_line_too_long_is_one_line),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
