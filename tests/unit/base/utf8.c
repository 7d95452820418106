#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name, *text;
	bool valid;
	uint32_t first;
	size_t left; /* after one character was taken */
} rows[] = {
	{ "ASCII", "ab", true, 'a', 1 },
	{ "two bytes", "\xc3\xbc!", true, 0xfc, 1 },
	{ "three bytes", "\xe2\x82\xac", true, 0x20ac, 0 },
	{ "four bytes", "\xf0\x9f\x98\x80", true, 0x1f600, 0 },
	{ "the last code there is", "\xf4\x8f\xbf\xbf", true, 0x10ffff, 0 },
	{ "past the last code", "\xf4\x90\x80\x80", false, UTF8_BAD, 3 },
	{ "over-long slash", "\xc0\xaf", false, UTF8_BAD, 1 },
	{ "over-long in three bytes", "\xe0\x80\xaf", false, UTF8_BAD, 2 },
	{ "surrogate", "\xed\xa0\x80", false, UTF8_BAD, 2 },
	{ "lone continuation", "\x80x", false, UTF8_BAD, 1 },
	{ "cut short: one replacement for the run", "\xe2\x82", false, UTF8_BAD, 0 },
	{ "cut short by ASCII, which is kept", "\xe2\x82z", false, UTF8_BAD, 1 },
	{ "Latin-1", "\xfcx", false, UTF8_BAD, 1 },
};

static void test_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slice s = { rows[i].text, strlen(rows[i].text) };
		uint32_t code = 0;

		print_message("   %s\n", rows[i].name);
		assert_int_equal(utf8_is_valid(s), rows[i].valid);
		assert_int_equal(utf8_take(&s, &code), rows[i].first != UTF8_BAD);
		assert_int_equal(code, rows[i].first);
		assert_int_equal(s.len, rows[i].left);
	}
	assert_true(utf8_is_valid((struct slice){ 0 }));
	assert_true(utf8_is_valid((struct slice){ "\0", 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_take) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
