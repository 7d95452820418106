#include "base/slice.h"

#include "support/unit.h"

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static void test_lines_end_in_lf_crlf_or_nothing(void **state)
{
	(void)state;
	struct slice s = of("one\r\ntwo\n\nlast"), line;
	const char *want[] = { "one", "two", "", "last" };

	for (size_t i = 0; i < COUNT(want); i++) {
		assert_true(slice_take_line(&s, &line));
		assert_true(slice_is(line, want[i]));
	}
	assert_false(slice_take_line(&s, &line));
}

static void test_taking_until_an_absent_byte_changes_nothing(void **state)
{
	(void)state;
	struct slice s = of("a=b=c"), head = of("untouched");

	assert_true(slice_take_until(&s, '=', &head));
	assert_true(slice_is(head, "a"));
	assert_true(slice_is(s, "b=c"));
	assert_false(slice_take_until(&s, ';', &head));
	assert_true(slice_is(head, "a"));
	assert_true(slice_is(s, "b=c"));
}

static void test_ascii_case_only(void **state)
{
	(void)state;
	assert_true(slice_same_nocase(of("Mail.EXAMPLE"), of("mail.example")));
	assert_false(slice_same_nocase(of("\xc3\x9c"), of("\xc3\xbc")));
	assert_false(slice_same_nocase(of("a"), of("ab")));
}

static const struct {
	const char *text;
	bool ok;
	uint64_t n;
} numbers[] = {
	{ "0", true, 0 },
	{ "9999999999999999999", true, 9999999999999999999u },
	{ "10000000000000000000", false, 0 },
	{ "", false, 0 },
	{ "-1", false, 0 },
	{ "1 ", false, 0 },
	{ "0x1", false, 0 },
};

static void test_ascii(void **state)
{
	(void)state;
	assert_true(slice_is_ascii(SLICE("")));
	assert_true(slice_is_ascii(SLICE("\x01 to \x7f")));
	assert_false(slice_is_ascii(SLICE("caf\xc3\xa9")));
	assert_false(slice_is_ascii(SLICE("\x80")));
}

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		uint64_t n = 77;
		assert_int_equal(slice_to_u64(of(numbers[i].text), &n), numbers[i].ok);
		assert_int_equal(n, numbers[i].ok ? numbers[i].n : 77);
	}
}

static void test_trim_and_prefix(void **state)
{
	(void)state;
	struct slice s = slice_trim(of(" \t x y \t"));

	assert_true(slice_is(s, "x y"));
	assert_true(slice_is(slice_trim(of(" \t ")), ""));
	assert_false(slice_drop_prefix(&s, "x y z"));
	assert_true(slice_drop_prefix(&s, "x "));
	assert_true(slice_is(s, "y"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_end_in_lf_crlf_or_nothing),
		cmocka_unit_test(test_taking_until_an_absent_byte_changes_nothing),
		cmocka_unit_test(test_ascii_case_only),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_trim_and_prefix),
	};
	return cmocka_run_group_tests_name("base/slice", tests, NULL, NULL);
}
