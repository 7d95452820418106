#include "inspect/shelf.h"

#include "support/scratch.h"
#include "support/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static const uint8_t key[CRYPTO_HASH_BYTES] = { 1, 2, 3 };
static const uint8_t other[CRYPTO_HASH_BYTES] = { 9 };
#define NAME "0102030000000000000000000000000000000000000000000000000000000000"

static int begin(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static const char *folder(void)
{
	return scratch_path(&scratch, "compiled");
}

static void keep(const uint8_t *under, const char *bytes, unsigned most)
{
	struct fault why;

	assert_int_equal(shelf_write(folder(), under, slice_of(bytes), most, &why), RC_OK);
}

static enum rc take(const uint8_t *under, struct buf *out, struct fault *why)
{
	buf_clear(out);
	return shelf_read(folder(), under, out, why);
}

static void test_what_was_kept_comes_back(void **state)
{
	struct buf out = BUF_INIT(100);
	struct fault why;
	struct stat st;

	(void)state;
	assert_int_equal(take(key, &out, &why), RC_ABSENT); /* not even a folder */
	keep(key, "compiled", 3);
	assert_int_equal(take(key, &out, &why), RC_OK);
	assert_string_equal(buf_text(&out), "compiled");
	keep(key, "again", 3);
	assert_int_equal(take(key, &out, &why), RC_OK);
	assert_string_equal(buf_text(&out), "again");
	assert_int_equal(take(other, &out, &why), RC_ABSENT);
	assert_int_equal(stat(folder(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(scratch_path(&scratch, "compiled/" NAME), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	buf_free(&out);
}

/* Each byte of it, and each length that is shorter. */
static void test_a_damaged_one_is_taken_away(void **state)
{
	struct buf out = BUF_INIT(100);
	struct fault why;
	const size_t size = 8 + 32 + 32 + 8;

	(void)state;
	for (size_t i = 0; i < 2 * size; i++) {
		char path[400];
		snprintf(path, sizeof path, "%s/compiled/" NAME, scratch.folder);
		keep(key, "compiled", 3);
		int fd = open(path, O_RDWR);
		char c;
		if (i < size) {
			assert_int_equal(pread(fd, &c, 1, (off_t)i), 1);
			c ^= 0x20;
			assert_int_equal(pwrite(fd, &c, 1, (off_t)i), 1);
		} else {
			assert_int_equal(ftruncate(fd, (off_t)(i - size)), 0);
		}
		close(fd);
		assert_int_equal(take(key, &out, &why), RC_ABSENT);
		assert_int_equal(out.len, 0);
		assert_int_equal(access(path, F_OK), -1);
	}
	buf_free(&out);
}

static void test_one_that_others_could_have_written_is_not_believed(void **state)
{
	struct buf out = BUF_INIT(100);
	struct fault why;
	char path[400], beside[400];

	(void)state;
	snprintf(path, sizeof path, "%s/compiled/" NAME, scratch.folder);
	snprintf(beside, sizeof beside, "%s/elsewhere", scratch.folder);
	keep(key, "compiled", 3);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(take(key, &out, &why), RC_INVALID);
	assert_int_equal(chmod(path, 0602), 0);
	assert_int_equal(take(key, &out, &why), RC_INVALID);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(take(key, &out, &why), RC_OK);

	assert_int_equal(link(path, beside), 0); /* a second name: who has it may write */
	assert_int_equal(take(key, &out, &why), RC_INVALID);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(beside, path), 0);
	assert_int_equal(take(key, &out, &why), RC_INVALID);
	keep(key, "ours", 3); /* in place of the link, not through it */
	assert_int_equal(take(key, &out, &why), RC_OK);

	assert_int_equal(chmod(folder(), 0770), 0);
	assert_int_equal(take(key, &out, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "others may write"));
	assert_int_equal(shelf_write(folder(), key, SLICE("x"), 3, &why), RC_INVALID);
	assert_int_equal(chmod(folder(), 0700), 0);
	if (geteuid() == 0) { /* else nobody may give it away */
		assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
		assert_int_equal(take(key, &out, &why), RC_INVALID);
		assert_int_equal(chown(folder(), 12345, (gid_t)-1), 0);
		assert_int_equal(take(other, &out, &why), RC_INVALID);
	}
	buf_free(&out);
}

static size_t files(void)
{
	DIR *d = opendir(folder());
	size_t count = 0;

	while (readdir(d))
		count++;
	closedir(d);
	return count - 2;
}

static void set_age(const char *name, time_t seconds)
{
	char path[400];
	struct timespec at[2] = { { .tv_sec = 1000000 - seconds },
				  { .tv_sec = 1000000 - seconds } };

	snprintf(path, sizeof path, "%s/compiled/%s", scratch.folder, name);
	assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
}

static void test_the_last_used_stay(void **state)
{
	uint8_t third[CRYPTO_HASH_BYTES] = { 7 };
	struct buf out = BUF_INIT(100);
	struct fault why;

	(void)state;
	keep(key, "first", 2);
	keep(other, "second", 2);
	set_age(NAME, 50);
	set_age("0900000000000000000000000000000000000000000000000000000000000000", 40);
	assert_int_equal(take(key, &out, &why), RC_OK); /* used now */
	keep(third, "third", 2);
	assert_int_equal(files(), 2);
	assert_int_equal(take(other, &out, &why), RC_ABSENT);
	assert_int_equal(take(key, &out, &why), RC_OK);
	assert_int_equal(take(third, &out, &why), RC_OK);
	buf_free(&out);
}

static void test_nowhere_to_write(void **state)
{
	struct fault why;

	(void)state;
	assert_int_equal(shelf_write("/dev/null/compiled", key, SLICE("x"), 3, &why), RC_INVALID);
	assert_int_equal(shelf_write("/proc/compiled", key, SLICE("x"), 3, &why), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_kept_comes_back, begin, end),
		cmocka_unit_test_setup_teardown(test_a_damaged_one_is_taken_away, begin, end),
		cmocka_unit_test_setup_teardown(
			test_one_that_others_could_have_written_is_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(test_the_last_used_stay, begin, end),
		cmocka_unit_test(test_nowhere_to_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
