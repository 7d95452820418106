#include "mime/utf8.h"

#include "support/unit.h"

static void test_take(void **state)
{
	static const struct {
		const char *name, *in;
		int len;
		uint32_t c;
	} rows[] = {
		{ "ASCII", "A", 1, 'A' },
		{ "two bytes", "\xC3\xA9x", 2, 0xE9 },
		{ "three bytes", "\xE2\x82\xAC", 3, 0x20AC },
		{ "four bytes", "\xF0\x9F\x98\x80", 4, 0x1F600 },
		{ "the last character", "\xF4\x8F\xBF\xBF", 4, 0x10FFFF },
		{ "past the last", "\xF4\x90\x80\x80", 0, 0 },
		{ "overlong slash", "\xC0\xAF", 0, 0 },
		{ "overlong in three", "\xE0\x80\xAF", 0, 0 },
		{ "overlong in four", "\xF0\x80\x80\xAF", 0, 0 },
		{ "a surrogate", "\xED\xA0\x80", 0, 0 },
		{ "before the surrogates", "\xED\x9F\xBF", 3, 0xD7FF },
		{ "a tail alone", "\x80", 0, 0 },
		{ "FF", "\xFF", 0, 0 },
		{ "cut after one", "\xE2", -1, 0 },
		{ "cut after two", "\xE2\x82", -1, 0 },
		{ "wrong before it is cut",
		  "\xE2"
		  "A",
		  0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t c = 0;
		int len = mime_utf8_take((struct slice){ rows[i].in, strlen(rows[i].in) }, &c);
		if (len != rows[i].len || (len > 0 && c != rows[i].c))
			fail_msg("%s: %d, U+%04X", rows[i].name, len, c);
		char out[UTF8_MAX];
		if (len > 0) {
			assert_int_equal(mime_utf8_put(c, out), len);
			assert_memory_equal(out, rows[i].in, (size_t)len);
		}
	}
}

static void test_every_character_comes_back(void **state)
{
	(void)state;

	for (uint32_t c = 0; c < 0x110000; c++) {
		char text[UTF8_MAX];
		uint32_t back = 0;
		size_t n = mime_utf8_put(c, text);
		int len = mime_utf8_take((struct slice){ text, n }, &back);
		if (c >= 0xD800 && c < 0xE000)
			assert_int_equal(len, 0);
		else if (len != (int)n || back != c)
			fail_msg("U+%04X: %d, U+%04X", c, len, back);
	}
}

static void test_ascii_run(void **state)
{
	char text[40];
	(void)state;

	memset(text, 'a', sizeof text);
	for (size_t stop = 0; stop < sizeof text; stop++) {
		static const char stops[] = { 0, (char)0x80, (char)0xFF };
		for (size_t k = 0; k < sizeof stops; k++) {
			text[stop] = stops[k];
			assert_int_equal(mime_ascii_run((struct slice){ text, sizeof text }), stop);
			text[stop] = 'a';
		}
		assert_int_equal(mime_ascii_run((struct slice){ text, stop }), stop);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_every_character_comes_back),
		cmocka_unit_test(test_ascii_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
