#include "inspect/checkdigit.h"

#include "support/unit.h"

static const struct {
	const char *name;
	bool (*check)(struct slice digits);
	const char *right;
} sound[] = {
	{ "Luhn, a card", checkdigit_luhn, "4111111111111111" },
	{ "Luhn, an odd length", checkdigit_luhn, "046454286" },
	{ "Verhoeff, its own example", checkdigit_verhoeff, "2363" },
	{ "Verhoeff, twelve digits", checkdigit_verhoeff, "234123412346" },
	{ "MOD 11,10, a tax number", checkdigit_mod11_10, "86095742719" },
	{ "MOD 11,10, ISO 7064's example", checkdigit_mod11_10, "07945" },
};

/* Every change of one digit is seen. */
static void test_one_wrong_digit(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(sound); i++) {
		char digits[20] = { 0 };
		struct slice text = { digits, strlen(sound[i].right) };
		memcpy(digits, sound[i].right, text.len);
		if (!sound[i].check(text))
			fail_msg("%s", sound[i].name);
		for (size_t k = 0; k < text.len * 10; k++) {
			memcpy(digits, sound[i].right, text.len);
			digits[k / 10] = (char)('0' + k % 10);
			bool same = memcmp(digits, sound[i].right, text.len) == 0;
			if (sound[i].check(text) != same)
				fail_msg("%s: %s", sound[i].name, digits);
		}
	}
}

/* Verhoeff sees every change of neighbours. */
static void test_changed_neighbours(void **state)
{
	char digits[] = "234123412346";
	(void)state;

	for (size_t i = 0; i + 2 < sizeof digits; i++) {
		char a = digits[i], b = digits[i + 1];
		digits[i] = b;
		digits[i + 1] = a;
		assert_false(checkdigit_verhoeff((struct slice){ digits, 12 }));
		digits[i] = a;
		digits[i + 1] = b;
	}
}

static void test_sums_and_values(void **state)
{
	static const signed char weights[] = { 3, 2, -1 };
	(void)state;

	assert_int_equal(checkdigit_sum("124", weights, 3), 3 + 4 - 4);
	assert_int_equal(checkdigit_sum("A", weights, 1), 17 * 3);
	assert_int_equal(checkdigit_sum("", weights, 0), 0);
	assert_true(checkdigit_value("999999999999999999", 18) == 999999999999999999);
	assert_true(checkdigit_value("0070", 4) == 70);
	assert_false(checkdigit_mod11_10(SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_one_wrong_digit),
					    cmocka_unit_test(test_changed_neighbours),
					    cmocka_unit_test(test_sums_and_values) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
