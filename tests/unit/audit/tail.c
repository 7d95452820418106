#include "audit/tail.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define LINE(seq) "{\"seq\":" #seq ",\"prev\":\"" HASH "\"}\n"
enum { LINE_LEN = sizeof(LINE(1)) - 1 };

static int with_bytes(struct slice bytes)
{
	int fd = memfd_create("audit", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	return fd;
}

#define S(literal) literal, sizeof(literal) - 1

static const struct {
	const char *name, *bytes;
	size_t len;
	enum rc rc;
	uint64_t seq, end, torn;
} rows[] = {
	{ "empty", S(""), RC_OK, 0, 0, 0 },
	{ "one record", S(LINE(1)), RC_OK, 1, LINE_LEN, 0 },
	{ "two records", S(LINE(1) LINE(2)), RC_OK, 2, 2 * LINE_LEN, 0 },
	{ "a torn line behind", S(LINE(1) "{\"seq\":2,"), RC_OK, 1, LINE_LEN, 9 },
	{ "zeros behind, as some file systems leave them", S(LINE(1) "\0\0\0\0"), RC_OK, 1,
	  LINE_LEN, 4 },
	{ "half a batch whose first half is gone", S(LINE(1) "\0\0\0\n"), RC_OK, 1, LINE_LEN, 4 },
	{ "nothing but a torn line", S("{\"seq\":1,\"pr"), RC_OK, 0, 0, 12 },
	{ "whole lines, but no record", S("hello\nworld\n"), RC_INVALID, 0, 0, 0 },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CLEANUP(cleanup_fd)
		int fd = with_bytes((struct slice){ rows[i].bytes, rows[i].len });
		struct audit_tail tail = { 0 };

		print_message("   %s\n", rows[i].name);
		assert_int_equal(audit_tail_find(fd, &tail, NULL), rows[i].rc);
		assert_int_equal(tail.any, rows[i].seq > 0);
		assert_int_equal(tail.seq, rows[i].seq);
		assert_int_equal(tail.end, rows[i].end);
		assert_int_equal(tail.torn, rows[i].torn);
	}
}

static void test_find_in_a_long_file(void **state)
{
	CLEANUP(cleanup_free) char *bytes = malloc(4 * AUDIT_LINE_MAX + 100);
	struct audit_tail tail;
	size_t len = 0;

	(void)state;
	assert_non_null(bytes);
	while (len < 4 * AUDIT_LINE_MAX) {
		memcpy(bytes + len, LINE(8), LINE_LEN);
		len += LINE_LEN;
	}
	CLEANUP(cleanup_fd) int fd = with_bytes((struct slice){ bytes, len });
	assert_int_equal(audit_tail_find(fd, &tail, NULL), RC_OK);
	assert_int_equal(tail.seq, 8);
	assert_int_equal(tail.end, len);

	memset(bytes + len - 3 * AUDIT_LINE_MAX, 'x', 3 * AUDIT_LINE_MAX);
	CLEANUP(cleanup_fd) int bad = with_bytes((struct slice){ bytes, len });
	assert_int_equal(audit_tail_find(bad, &tail, NULL), RC_INVALID);
}

static void test_cut_keeps_the_torn_bytes(void **state)
{
	char folder[] = "/tmp/postern-tail-XXXXXX", aside[64];
	struct buf kept = BUF_INIT(100);
	struct audit_tail tail;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(aside, sizeof aside, "%s/torn", folder);
	CLEANUP(cleanup_fd) int fd = with_bytes(SLICE(LINE(1) "half a li"));
	assert_int_equal(audit_tail_find(fd, &tail, NULL), RC_OK);

	/* Where they cannot be kept, nothing is cut. */
	assert_int_equal(audit_tail_cut(fd, &tail, "/nonexistent/torn", NULL), RC_RETRY);
	assert_int_equal(lseek(fd, 0, SEEK_END), LINE_LEN + 9);

	assert_int_equal(audit_tail_cut(fd, &tail, aside, NULL), RC_OK);
	assert_int_equal(lseek(fd, 0, SEEK_END), LINE_LEN);
	assert_int_equal(file_read(aside, &kept, NULL), RC_OK);
	assert_string_equal(buf_text(&kept), "half a li");
	buf_free(&kept);
	unlink(aside);
	rmdir(folder);
}

static void put(const char *folder, const char *name, struct slice bytes)
{
	char path[128];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(file_replace(path, bytes, 0600, NULL), RC_OK);
}

static void test_find_rotated(void **state)
{
	static const char *const names[] = { "a.jsonl.1", "a.jsonl-20261121", "a.jsonl.2.gz",
					     "a.jsonl.torn-3", "b.jsonl.1" };
	char folder[] = "/tmp/postern-tail-XXXXXX", path[64];
	struct audit_tail tail;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/a.jsonl", folder);
	assert_int_equal(audit_tail_find_rotated(path, &tail, NULL), RC_OK);
	assert_false(tail.any);

	put(folder, names[0], SLICE(LINE(1) LINE(7)));
	put(folder, names[1], SLICE(LINE(1) LINE(9)));
	put(folder, names[2], SLICE("\x1f\x8b\x08 packed"));
	put(folder, names[3], SLICE(LINE(99)));
	put(folder, names[4], SLICE(LINE(98)));
	assert_int_equal(audit_tail_find_rotated(path, &tail, NULL), RC_OK);
	assert_true(tail.any);
	assert_int_equal(tail.seq, 9);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_in_a_long_file),
		cmocka_unit_test(test_cut_keeps_the_torn_bytes),
		cmocka_unit_test(test_find_rotated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
