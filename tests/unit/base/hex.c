#include "base/hex.h"

#include "support/unit.h"

static void test_there_and_back(void **state)
{
	(void)state;
	unsigned char bytes[256], back[256];
	char text[513];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	hex_format(bytes, sizeof bytes, text);
	assert_memory_equal(text, "000102", 6);
	assert_string_equal(text + 508, "feff");
	assert_true(hex_parse((struct slice){ text, 512 }, back, sizeof back));
	assert_memory_equal(back, bytes, sizeof bytes);
}

static void test_digits(void **state)
{
	(void)state;
	int count = 0;

	for (int c = -128; c < 128; c++)
		count += hex_digit((char)c) >= 0;
	assert_int_equal(count, 22);
	assert_int_equal(hex_digit('9'), 9);
	assert_int_equal(hex_digit('a'), 10);
	assert_int_equal(hex_digit('F'), 15);
	assert_int_equal(hex_digit('\0'), -1);
}

static void test_other_texts_are_refused(void **state)
{
	(void)state;
	unsigned char two[2];

	assert_true(hex_parse(SLICE("AbCd"), two, 2));
	assert_int_equal(two[0] << 8 | two[1], 0xabcd);
	assert_false(hex_parse(SLICE("abc"), two, 2));
	assert_false(hex_parse(SLICE("abcde"), two, 2));
	assert_false(hex_parse(SLICE("abcg"), two, 2));
	assert_false(hex_parse(SLICE("0xab"), two, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_other_texts_are_refused),
	};
	return cmocka_run_group_tests_name("base/hex", tests, NULL, NULL);
}
