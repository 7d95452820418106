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
		cmocka_unit_test(test_other_texts_are_refused),
	};
	return cmocka_run_group_tests_name("base/hex", tests, NULL, NULL);
}
