#include "base/fault.h"

#include "support/unit.h"

static void test_says_why_and_hands_the_result_back(void **state)
{
	(void)state;
	struct fault why = { 0 };

	assert_int_equal(fault(&why, RC_INVALID, "mode is \"%s\"", "ENFORCE"), RC_INVALID);
	assert_string_equal(why.text, "mode is \"ENFORCE\"");
}

static void test_strangers_bytes_become_printable(void **state)
{
	(void)state;
	struct fault why;

	assert_int_equal(fault(&why, RC_RETRY, "%s", "a\r\nb\x1b\xc3\xbc"), RC_RETRY);
	assert_string_equal(why.text, "a??b???");
}

static void test_a_long_reason_is_cut_and_ended(void **state)
{
	(void)state;
	struct fault why;
	char text[1000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(fault(&why, RC_LIMIT, "%s", text), RC_LIMIT);
	assert_int_equal(strlen(why.text), sizeof why.text - 1);
}

static void test_nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(fault(NULL, RC_ABSENT, "x"), RC_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says_why_and_hands_the_result_back),
		cmocka_unit_test(test_strangers_bytes_become_printable),
		cmocka_unit_test(test_a_long_reason_is_cut_and_ended),
		cmocka_unit_test(test_nobody_need_listen),
	};
	return cmocka_run_group_tests_name("base/fault", tests, NULL, NULL);
}
