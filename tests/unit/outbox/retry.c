#include "outbox/retry.h"

#include "support/unit.h"

static void test_doubles_up_to_the_bound(void **state)
{
	static const int64_t middle[] = { 10, 20, 40, 80, 160, 320, 640, 900, 900 };

	(void)state;
	for (uint32_t i = 0; i < COUNT(middle); i++) {
		for (uint32_t random = 0; random < 2000; random += 7) {
			int64_t pause = outbox_retry_pause_s(10, 900, i + 1, random);
			assert_true(pause >= middle[i] - middle[i] / 4);
			assert_true(pause <= middle[i] + middle[i] / 4 + 1);
		}
	}
	assert_true(outbox_retry_pause_s(10, 900, UINT32_MAX, 0) <= 1126);
	assert_int_not_equal(outbox_retry_pause_s(10, 900, 9, 0),
			     outbox_retry_pause_s(10, 900, 9, 100));
}

static void test_never_less_than_a_second(void **state)
{
	(void)state;
	assert_int_equal(outbox_retry_pause_s(0, 0, 0, 0), 1);
	assert_true(outbox_retry_pause_s(1, 1, 5, 0) >= 1);
	assert_true(outbox_retry_pause_s(-5, -5, 5, UINT32_MAX) >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_doubles_up_to_the_bound),
		cmocka_unit_test(test_never_less_than_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
