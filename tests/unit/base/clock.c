#include "base/clock.h"

#include "support/unit.h"

#include <stdio.h>

static const struct {
	const char *name;
	int64_t at;
	const char *rfc3339, *mail;
} moments[] = {
	{ "the epoch", 0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000" },
	{ "a leap day", 1709210096, "2024-02-29T12:34:56Z", "Thu, 29 Feb 2024 12:34:56 +0000" },
	{ "past 2038", 4102444800, "2100-01-01T00:00:00Z", "Fri, 01 Jan 2100 00:00:00 +0000" },
	{ "beyond the last year", INT64_MAX, "9999-12-31T23:59:59Z",
	  "Fri, 31 Dec 9999 23:59:59 +0000" },
};

static void test_moments(void **state)
{
	(void)state;
	char out[CLOCK_TEXT], words[CLOCK_TEXT];

	for (size_t i = 0; i < COUNT(moments); i++) {
		print_message("   %s\n", moments[i].name);
		assert_string_equal(clock_format(moments[i].at, out), moments[i].rfc3339);
		snprintf(words, sizeof words, "%.10s %.5s UTC", moments[i].rfc3339,
			 moments[i].rfc3339 + 11);
		assert_string_equal(clock_format_words(moments[i].at, out), words);
		assert_string_equal(clock_format_mail(moments[i].at, out), moments[i].mail);
	}
}

static void test_microseconds_before_the_epoch_too(void **state)
{
	(void)state;
	char out[CLOCK_TEXT];

	assert_string_equal(clock_format_usec(1500000, out), "1970-01-01T00:00:01.500000Z");
	assert_string_equal(clock_format_usec(-1, out), "1969-12-31T23:59:59.999999Z");
}

static const struct {
	const char *name, *text;
	int64_t at; /* -1: no time */
} times[] = {
	{ "the epoch", "1970-01-01T00:00:00Z", 0 },
	{ "a leap day", "2024-02-29T12:34:56Z", 1709210096 },
	{ "the last second", "9999-12-31T23:59:59Z", 253402300799 },
	{ "no leap year", "2023-02-29T12:34:56Z", -1 },
	{ "a 25th hour", "2024-02-28T25:00:00Z", -1 },
	{ "an offset", "2024-02-29T12:34:56+00:00", -1 },
	{ "a small t", "2024-02-29t12:34:56Z", -1 },
	{ "a sign", "2024-02-29T12:34:+6Z", -1 },
	{ "cut", "2024-02-29T12:34:56", -1 },
	{ "empty", "", -1 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		int64_t at = -1;

		print_message("   %s\n", times[i].name);
		assert_int_equal(clock_parse(slice_of(times[i].text), &at), times[i].at >= 0);
		assert_int_equal(at, times[i].at);
	}
}

static void test_mono_does_not_go_back(void **state)
{
	(void)state;
	int64_t a = clock_mono_ms(), b = clock_mono_ms(), c = clock_mono_usec();

	assert_true(b >= a);
	assert_true(c / 1000 >= b);
	assert_true(clock_wall_s() > 1700000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_microseconds_before_the_epoch_too),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_mono_does_not_go_back),
	};
	return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}
