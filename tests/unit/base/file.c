#include "base/file.h"

#include "support/unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/postern-file-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
	(void)state;
	unlink(in_folder("f"));
	rmdir(in_folder("a/b"));
	rmdir(in_folder("a"));
	return rmdir(folder); /* fails when a temporary file was left behind */
}

static void test_what_is_written_is_read(void **state)
{
	(void)state;
	struct fault why;
	struct buf b = BUF_INIT(100);
	struct stat st;

	assert_int_equal(file_replace(in_folder("f"), SLICE("old"), 0600, &why), RC_OK);
	assert_int_equal(file_replace(in_folder("f"), SLICE("new\0text"), 0640, &why), RC_OK);
	assert_int_equal(file_read(in_folder("f"), &b, &why), RC_OK);
	assert_int_equal(b.len, 8);
	assert_memory_equal(b.at, "new\0text", 8);
	assert_int_equal(stat(in_folder("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	buf_free(&b);
}

static void test_a_file_larger_than_the_bound_is_refused(void **state)
{
	(void)state;
	struct fault why;
	struct buf exact = BUF_INIT(8), small = BUF_INIT(7);

	assert_int_equal(file_replace(in_folder("f"), SLICE("12345678"), 0600, &why), RC_OK);
	assert_int_equal(file_read(in_folder("f"), &exact, &why), RC_OK);
	assert_int_equal(file_read(in_folder("f"), &small, &why), RC_LIMIT);
	assert_non_null(strstr(why.text, "larger than 7 bytes"));
	buf_free(&exact);
	buf_free(&small);
}

static void test_what_is_no_file(void **state)
{
	(void)state;
	struct fault why;
	struct buf b = BUF_INIT(100);

	assert_int_equal(file_read(in_folder("none"), &b, &why), RC_ABSENT);
	assert_int_equal(file_read(folder, &b, &why), RC_INVALID);
	assert_int_equal(file_replace(in_folder("none/f"), SLICE("x"), 0600, &why), RC_INVALID);
	buf_free(&b);
}

static void test_folders_with_their_parents(void **state)
{
	(void)state;
	struct fault why;

	assert_int_equal(file_make_folder(in_folder("a/b"), 0700, &why), RC_OK);
	assert_int_equal(file_make_folder(in_folder("a/b"), 0700, &why), RC_OK);
	assert_int_equal(file_replace(in_folder("f"), SLICE("x"), 0600, &why), RC_OK);
	assert_int_equal(file_make_folder(in_folder("f"), 0700, &why), RC_INVALID);
	assert_int_equal(file_sync_folder(in_folder("a"), &why), RC_OK);
	assert_int_equal(file_sync_folder(in_folder("none"), &why), RC_RETRY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_a_file_larger_than_the_bound_is_refused),
		cmocka_unit_test(test_what_is_no_file),
		cmocka_unit_test(test_folders_with_their_parents),
	};
	return cmocka_run_group_tests_name("base/file", tests, make_folder, drop_folder);
}
