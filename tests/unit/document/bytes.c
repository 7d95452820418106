#include "document/bytes.h"

#include "support/unit.h"

static void test_numbers(void **state)
{
	struct slice s = SLICE("\1\2\3\4\xFF");
	(void)state;

	assert_int_equal(bytes_u16(s, 0), 0x0201);
	assert_int_equal(bytes_u32(s, 1), 0xFF040302);
	assert_int_equal(bytes_u16(s, 4), 0xFF);
	assert_int_equal(bytes_u32(s, UINT64_MAX - 8), 0);
	assert_int_equal(bytes_u32(s, 5), 0);
}

static void test_stretches(void **state)
{
	struct slice s = SLICE("abc\0de");
	(void)state;

	assert_true(slice_is(bytes_part(s, 1, 2), "bc"));
	assert_int_equal(bytes_part(s, 1, UINT64_MAX).len, 5);
	assert_int_equal(bytes_part(s, 6, 1).len, 0);
	assert_int_equal(bytes_after(s, UINT64_MAX).len, 0);
	assert_true(slice_is(bytes_take_text(&s), "abc"));
	assert_true(slice_is(bytes_take_text(&s), "de"));
	assert_int_equal(bytes_take_text(&s).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_stretches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
