#include "json/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* SLICE() for a static table: gcc 12 takes no compound literal there. */
#define S(literal)                                                                                 \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static void test_order_and_nesting(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct json_line line;

	(void)state;
	json_line_begin(&line, &out);
	json_line_string(&line, "zeta", "last letter first");
	json_line_string(&line, "none", NULL);
	json_line_number(&line, "seq", -9007199254740993);
	json_line_array(&line, "mx");
	json_line_object(&line, NULL);
	json_line_bool(&line, "secure", true);
	json_line_array(&line, "empty");
	json_line_close(&line);
	json_line_close(&line);
	json_line_text(&line, NULL, SLICE("second"));
	json_line_close(&line);
	json_line_object(&line, "probe");
	json_line_close(&line);
	json_line_bool(&line, "alpha", false);
	assert_int_equal(json_line_end(&line), RC_OK);
	assert_string_equal(
		buf_text(&out),
		"{\"zeta\":\"last letter first\",\"none\":null,\"seq\":-9007199254740993,"
		"\"mx\":[{\"secure\":true,\"empty\":[]},\"second\"],\"probe\":{},"
		"\"alpha\":false}\n");
	buf_free(&out);
}

static const struct {
	const char *name;
	struct slice text;
	const char *json, *back; /* back: NULL when the same as text */
} strings[] = {
	{ "quotes and backslashes", S("a\"b\\c"), "a\\\"b\\\\c", NULL },
	{ "line ends cannot end the line", S("a\r\nb"), "a\\u000d\\u000ab", NULL },
	{ "NUL", { "a\0b", 3 }, "a\\u0000b", NULL },
	{ "DEL and an escape sequence", S("\x1b[2J\x7f"), "\\u001b[2J\\u007f", NULL },
	{ "U-labels stay readable", S("m\xc3\xbcller"), "m\xc3\xbcller", NULL },
	{ "an emoji", S("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80", NULL },
	{ "Latin-1 becomes U+FFFD", S("m\xfcller"), "m\xef\xbf\xbdller", "m\xef\xbf\xbdller" },
	{ "a C1 control", S("\xc2\x9b"), "\\u009b", NULL },
	{ "right-to-left override",
	  S("a\xe2\x80\xae"
	    "b"),
	  "a\\u202eb", NULL },
	{ "line separator", S("\xe2\x80\xa8"), "\\u2028", NULL },
	{ "empty", { NULL, 0 }, "", NULL },
};

static void test_strings_survive(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
		struct buf out = BUF_INIT(4096), want = BUF_INIT(4096);
		struct json_value *value = NULL;
		struct json_line line;
		struct slice back = { 0 };

		print_message("   %s\n", strings[i].name);
		json_line_begin(&line, &out);
		json_line_text(&line, "s", strings[i].text);
		assert_int_equal(json_line_end(&line), RC_OK);
		assert_int_equal(buf_addf(&want, "{\"s\":\"%s\"}\n", strings[i].json), RC_OK);
		assert_string_equal(buf_text(&out), buf_text(&want));

		assert_int_equal(json_value_parse(buf_slice(&out), &value, NULL), RC_OK);
		assert_true(json_value_text(json_value_find(value, "s"), &back));
		struct slice text = strings[i].text;
		if (strings[i].back)
			text = (struct slice){ strings[i].back, strlen(strings[i].back) };
		assert_int_equal(back.len, text.len);
		if (text.len)
			assert_memory_equal(back.at, text.at, text.len);
		json_value_free(value);
		buf_free(&want);
		buf_free(&out);
	}
}

static void test_full_buffer_keeps_what_it_held(void **state)
{
	struct buf out = BUF_INIT(20);
	struct json_line line;

	(void)state;
	assert_int_equal(buf_add_text(&out, "before\n"), RC_OK);
	json_line_begin(&line, &out);
	json_line_string(&line, "key", "longer than there is room for");
	assert_int_equal(json_line_end(&line), RC_LIMIT);
	assert_string_equal(buf_text(&out), "before\n");
	assert_int_equal(out.len, 7);
	buf_free(&out);
}

static const struct {
	const char *name, *text;
	enum rc rc;
} parsing[] = {
	{ "an object with its line end", "{\"a\":1}\n", RC_OK },
	{ "an object without", "{\"a\":[true,null,{}]}", RC_OK },
	{ "an array is no record", "[1]", RC_INVALID },
	{ "two objects", "{}{}", RC_INVALID },
	{ "cut short", "{\"a\":\"x", RC_INVALID },
	{ "a key twice: readers would disagree", "{\"a\":1,\"a\":2}", RC_INVALID },
	{ "bytes that are no UTF-8", "{\"a\":\"\xff\"}", RC_INVALID },
	{ "an integer past 64 bits", "{\"a\":99999999999999999999}", RC_INVALID },
	{ "empty", "", RC_INVALID },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof parsing / sizeof *parsing; i++) {
		struct json_value *value = NULL;
		struct fault why = { 0 };
		struct slice text = { parsing[i].text, strlen(parsing[i].text) };

		print_message("   %s\n", parsing[i].name);
		assert_int_equal(json_value_parse(text, &value, &why), parsing[i].rc);
		assert_int_equal(why.text[0] != '\0', parsing[i].rc != RC_OK);
		json_value_free(value);
	}
}

static void test_reading_kinds(void **state)
{
	struct slice line =
		SLICE("{\"n\":-7,\"b\":true,\"z\":null,\"s\":\"x\",\"a\":[1,2],\"f\":1.5}");
	struct json_value *v = NULL;
	struct slice text;
	int64_t number = 0;
	bool truth = false;

	(void)state;
	assert_int_equal(json_value_parse(line, &v, NULL), RC_OK);
	assert_true(json_value_number(json_value_find(v, "n"), &number));
	assert_int_equal(number, -7);
	assert_true(json_value_bool(json_value_find(v, "b"), &truth));
	assert_true(truth);
	assert_true(json_value_is_null(json_value_find(v, "z")));
	assert_false(json_value_is_null(json_value_find(v, "absent")));
	assert_false(json_value_number(json_value_find(v, "f"), &number));
	assert_false(json_value_text(json_value_find(v, "n"), &text));
	assert_false(json_value_text(NULL, &text));
	assert_int_equal(json_value_count(json_value_find(v, "a")), 2);
	assert_int_equal(json_value_count(json_value_find(v, "s")), 0);
	assert_true(json_value_number(json_value_at(json_value_find(v, "a"), 1), &number));
	assert_int_equal(number, 2);
	assert_null(json_value_at(json_value_find(v, "a"), 2));
	json_value_free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_nesting),
		cmocka_unit_test(test_strings_survive),
		cmocka_unit_test(test_full_buffer_keeps_what_it_held),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_reading_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
