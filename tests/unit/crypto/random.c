#include "crypto/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_random(void **state)
{
	struct crypto_key a, b;
	struct fault why = { 0 };
	unsigned bits = 0;

	(void)state;
	assert_int_equal(crypto_key_make(&a, &why), RC_OK);
	assert_int_equal(crypto_key_make(&b, &why), RC_OK);
	assert_memory_not_equal(&a, &b, sizeof a);

	static uint8_t many[65536];
	assert_int_equal(crypto_random(many, sizeof many, &why), RC_OK);
	for (size_t i = 0; i < sizeof many; i++)
		bits += (unsigned)__builtin_popcount(many[i]);
	/* Half of the 524,288 bits, give or take ten standard deviations. */
	assert_in_range(bits, 262144 - 3620, 262144 + 3620);
	assert_int_equal(crypto_random(many, 0, &why), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests_name("crypto/random", tests, NULL, NULL);
}
