#include "crypto/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_wipe(void **state)
{
	struct crypto_key key;
	char text[] = "canary";
	const char none[sizeof key] = { 0 };

	(void)state;
	memset(&key, 7, sizeof key);
	crypto_key_wipe(&key);
	assert_memory_equal(&key, none, sizeof key);
	crypto_wipe(text, sizeof text);
	assert_memory_equal(text, none, sizeof text);
}

static void test_same(void **state)
{
	(void)state;
	assert_true(crypto_same("abc", "abc", 3));
	assert_false(crypto_same("abc", "abd", 3));
	assert_false(crypto_same("xbc", "abc", 3));
	assert_true(crypto_same("abc", "xyz", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wipe),
		cmocka_unit_test(test_same),
	};
	return cmocka_run_group_tests_name("crypto/secret", tests, NULL, NULL);
}
