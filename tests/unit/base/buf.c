#include "base/buf.h"

#include "support/unit.h"

#include <stdio.h>

static void test_grows_and_stays_ended(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(100000);

	assert_string_equal(buf_text(&b), "");
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_addf(&b, "%03d,", i), RC_OK);
	assert_int_equal(b.len, 4000);
	assert_int_equal(strlen(buf_text(&b)), 4000);
	assert_memory_equal(buf_text(&b) + 3996, "999,", 4);
	buf_free(&b);
}

static void test_a_secret_grows_like_any_other(void **state)
{
	(void)state;
	struct buf b = BUF_SECRET(3000);

	for (int i = 0; i < 750; i++)
		assert_int_equal(buf_addf(&b, "%03d,", i), RC_OK);
	assert_int_equal(strlen(buf_text(&b)), 3000);
	for (int i = 0; i < 750; i++) {
		char word[8];
		snprintf(word, sizeof word, "%03d,", i);
		assert_memory_equal(b.at + 4 * i, word, 4);
	}
	assert_int_equal(buf_add_byte(&b, 'x'), RC_LIMIT);
	buf_free(&b);
	assert_true(b.secret); /* and stays so when it is used again */
	assert_int_equal(buf_add_text(&b, "once more"), RC_OK);
	buf_wipe(&b);
	assert_true(b.secret);
	assert_null(b.at);
}

static void test_exactly_the_maximum_fits_and_no_byte_more(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(5);

	assert_int_equal(buf_add_text(&b, "12345"), RC_OK);
	assert_int_equal(buf_add_byte(&b, '6'), RC_LIMIT);
	assert_string_equal(buf_text(&b), "12345");
	buf_free(&b);
}

static void test_the_first_failure_is_remembered(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(3);

	assert_int_equal(buf_add_text(&b, "1234"), RC_LIMIT);
	assert_int_equal(buf_add_text(&b, "1"),
			 RC_LIMIT); /* else text with a hole would look whole */
	assert_int_equal(buf_state(&b), RC_LIMIT);
	buf_clear(&b);
	assert_int_equal(buf_add_text(&b, "1"), RC_OK);
	buf_free(&b);
}

static void test_drop_from_the_front(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(10);

	assert_int_equal(buf_add_text(&b, "abcdef"), RC_OK);
	buf_drop(&b, 4);
	assert_string_equal(buf_text(&b), "ef");
	buf_drop(&b, 2);
	assert_int_equal(buf_slice(&b).len, 0);
	buf_wipe(&b);
	assert_null(b.at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_stays_ended),
		cmocka_unit_test(test_a_secret_grows_like_any_other),
		cmocka_unit_test(test_exactly_the_maximum_fits_and_no_byte_more),
		cmocka_unit_test(test_the_first_failure_is_remembered),
		cmocka_unit_test(test_drop_from_the_front),
	};
	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
