#include "crypto/keyfile.h"

#include "base/cleanup.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(scratch.path, mode), 0);
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void test_read(void **state)
{
	static const struct {
		const char *what, *text;
		mode_t mode;
		enum rc rc;
		const char *why;
	} rows[] = {
		{ "a key", DIGITS "\n", 0600, RC_OK, "" },
		{ "no line end", DIGITS, 0600, RC_INVALID, "is not 64 characters and a line end" },
		{ "too long", DIGITS "0\n", 0600, RC_INVALID,
		  "is not 64 characters and a line end" },
		{ "not digits", "g" DIGITS, 0600, RC_INVALID, "is not 64 characters" },
		{ "others may write it", DIGITS "\n", 0602, RC_INVALID, "chmod 0600 it" },
	};
	CLEANUP(cleanup_fd) int dir = -1;
	struct crypto_key key;

	(void)state;
	assert_int_equal(keyfile_folder(scratch.folder, &dir, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault why = { 0 };
		print_message("   %s\n", rows[i].what);
		write_file("a.key", rows[i].text, rows[i].mode);
		assert_int_equal(keyfile_read(dir, scratch.folder, "a.key", &key, &why),
				 rows[i].rc);
		assert_non_null(strstr(why.text, rows[i].why));
	}
	assert_int_equal(keyfile_read(dir, scratch.folder, "b.key", &key, NULL), RC_ABSENT);
	assert_int_equal(symlink("a.key", scratch_path(&scratch, "c.key")), 0);
	assert_int_equal(keyfile_read(dir, scratch.folder, "c.key", &key, NULL), RC_INVALID);
}

static void test_write(void **state)
{
	CLEANUP(cleanup_fd) int dir = -1;
	struct crypto_key key = { .bytes = { 1, 2, 3 } }, read;

	(void)state;
	assert_int_equal(keyfile_folder(scratch.folder, &dir, NULL), RC_OK);
	assert_int_equal(keyfile_write(scratch.folder, "w.key", key.bytes, 32, NULL), RC_OK);
	assert_int_equal(keyfile_read(dir, scratch.folder, "w.key", &read, NULL), RC_OK);
	assert_memory_equal(&key, &read, sizeof key);
	/* What is there is not made anew. */
	assert_int_equal(keyfile_make(dir, scratch.folder, "w.key", 32, NULL), RC_OK);
	assert_int_equal(keyfile_read(dir, scratch.folder, "w.key", &read, NULL), RC_OK);
	assert_memory_equal(&key, &read, sizeof key);
	assert_int_equal(keyfile_destroy(dir, scratch.folder, "w.key", NULL), RC_OK);
	assert_int_equal(keyfile_read(dir, scratch.folder, "w.key", &read, NULL), RC_ABSENT);
	assert_int_equal(keyfile_destroy(dir, scratch.folder, "w.key", NULL), RC_OK);
}

static void test_folder(void **state)
{
	struct fault why = { 0 };
	int dir = -1;

	(void)state;
	assert_int_equal(keyfile_folder(scratch_path(&scratch, "none"), &dir, &why), RC_ABSENT);
	assert_int_equal(mkdir(scratch_path(&scratch, "open"), 0700), 0);
	assert_int_equal(chmod(scratch.path, 0750), 0);
	assert_int_equal(keyfile_folder(scratch.path, &dir, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "chmod 0700 it"));
	cleanup_fd(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_folder),
	};
	if (!scratch_make(&scratch))
		return 1;
	int failed = cmocka_run_group_tests_name("crypto/keyfile", tests, NULL, NULL);
	scratch_remove(&scratch);
	return failed;
}
