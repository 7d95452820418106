#include "base/spool.h"

#include "support/unit.h"

#include <fcntl.h>

static void fill(struct spool *s, size_t total, size_t step)
{
	struct fault why;

	for (size_t i = 0; i < total; i += step) {
		char piece[64];
		size_t n = total - i < step ? total - i : step;
		for (size_t j = 0; j < n; j++)
			piece[j] = (char)((i + j) % 251);
		assert_int_equal(spool_add(s, piece, n, &why), RC_OK);
	}
}

static void check(const struct spool *s, size_t total)
{
	unsigned char piece[37];
	uint64_t at = 0;
	size_t got;
	struct fault why;

	assert_int_equal(spool_size(s), total);
	for (;;) {
		assert_int_equal(spool_read(s, at, piece, sizeof piece, &got, &why), RC_OK);
		if (got == 0)
			break;
		for (size_t j = 0; j < got; j++)
			assert_int_equal(piece[j], (at + j) % 251);
		at += got;
	}
	assert_int_equal(at, total);
}

static void test_the_same_bytes_from_memory_and_from_the_file(void **state)
{
	(void)state;
	static const size_t totals[] = { 0, 1, 999, 1000, 1001, 5000 };

	for (size_t i = 0; i < COUNT(totals); i++) {
		struct spool *s = spool_new(1000, 10000, "/tmp");
		fill(s, totals[i], 64);
		check(s, totals[i]);
		spool_free(s);
	}
}

static void test_a_file_that_was_another_spools(void **state)
{
	(void)state;
	struct spool_pool *pool = spool_pool_new("/tmp");
	struct fault why;
	char piece[64];
	size_t got;

	assert_false(spool_pool_rests(pool));
	struct spool *s = spool_new_in(pool, 10, 100000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(spool_add(s, "secret", 6, &why), RC_OK);
	spool_free(s);
	assert_true(spool_pool_rests(pool));
	assert_false(spool_pool_rests(pool)); /* said once */

	s = spool_new_in(pool, 10, 100000);
	fill(s, 50, 64);
	check(s, 50);
	assert_int_equal(spool_read(s, 40, piece, sizeof piece, &got, &why), RC_OK);
	assert_int_equal(got, 10);           /* and nothing of what follows in the file */
	assert_false(spool_pool_tidy(pool)); /* it is in use */
	struct spool *other = spool_new_in(pool, 10, 100000);
	fill(other, 70, 64);
	check(s, 50);
	check(other, 70);
	spool_free(s);
	spool_free(other);
	spool_pool_free(pool);
	spool_pool_free(NULL);
}

static size_t open_files(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_files_at_rest_are_closed_in_the_end(void **state)
{
	(void)state;
	struct spool_pool *pool = spool_pool_new("/tmp");
	struct spool *s[SPOOL_POOL_FILES + 5];
	struct fault why;
	size_t before = open_files();

	for (size_t i = 0; i < COUNT(s); i++) {
		s[i] = spool_new_in(pool, 10, 1000);
		fill(s[i], 20, 20);
	}
	assert_int_equal(open_files(), before + COUNT(s));
	for (size_t i = 0; i < COUNT(s); i++)
		spool_free(s[i]);
	assert_int_equal(open_files(), before + SPOOL_POOL_FILES);
	assert_true(spool_pool_rests(pool));
	assert_true(spool_pool_tidy(pool));
	struct spool *again = spool_new_in(pool, 10, 1000);
	fill(again, 20, 20);
	spool_free(again); /* it rests anew */
	assert_true(spool_pool_tidy(pool));
	assert_int_equal(open_files(), before + 1);
	assert_false(spool_pool_tidy(pool));
	assert_int_equal(open_files(), before);

	/* One that failed is not kept. */
	again = spool_new_in(pool, 10, 30);
	fill(again, 30, 30);
	assert_int_equal(spool_add(again, "x", 1, &why), RC_LIMIT);
	spool_free(again);
	assert_int_equal(open_files(), before);
	assert_false(spool_pool_rests(pool));
	spool_pool_free(pool);
}

static void test_the_bound_breaks_it_for_good(void **state)
{
	(void)state;
	struct fault why;
	struct spool *s = spool_new(10, 100, "/tmp");

	fill(s, 100, 50);
	assert_int_equal(spool_add(s, "x", 1, &why), RC_LIMIT);
	assert_string_equal(why.text, "the message is larger than 100 bytes");
	assert_int_equal(spool_add(s, "", 0, &why), RC_LIMIT);
	size_t got;
	char c;
	assert_int_equal(spool_read(s, 0, &c, 1, &got, &why), RC_LIMIT);
	spool_free(s);
}

static void test_no_folder_for_the_file(void **state)
{
	(void)state;
	struct fault why;
	struct spool *s = spool_new(3, 100, "/nonexistent");

	assert_int_equal(spool_add(s, "abc", 3, &why), RC_OK);
	assert_int_equal(spool_add(s, "d", 1, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "/nonexistent"));
	spool_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_that_was_another_spools),
		cmocka_unit_test(test_files_at_rest_are_closed_in_the_end),
		cmocka_unit_test(test_the_same_bytes_from_memory_and_from_the_file),
		cmocka_unit_test(test_the_bound_breaks_it_for_good),
		cmocka_unit_test(test_no_folder_for_the_file),
	};
	return cmocka_run_group_tests_name("base/spool", tests, NULL, NULL);
}
