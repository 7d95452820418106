#include "document/rtf.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "a letter", "document/rtf/letter",
	  "text : pay 4111 1111 1111 1111\n"
	  "next \xE2\x82\xAC"
	  " \xF0\x9F\x98\x80"
	  "\n"
	  "Gen 9\n"
	  "\n"
	  "x\n"
	  "\n"
	  "property : author = A. Person\n"
	  "property : title = T \xC3\xA9"
	  "\n"
	  "property : Class = Secret\n"
	  "text object: 4111 \n"
	  "\n"
	  "" },
	{ "one that is broken", "document/rtf/broken",
	  "text : a4 b\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(rtf_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(rtf_read, rows, COUNT(rows));
}

static void check(const char *in, const char *wanted)
{
	struct buf out = documented_by(rtf_read, slice_of(in));

	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
}

static void test_signs(void **state)
{
	(void)state;

	check("{\\rtf1 a\\~b\\_c\\-d\\{e\\}f\\\\g\\tab h}", "text : a b-cd{e}f\\g h\n\n");
	check("{\\rtf1\\ansicpg1251 \\'c0}", "text : \xD0\x90\n\n");
	check("{\\rtf1 \\uc2\\u233 xyz\\uc0\\u233 z}", "text : \xC3\xA9z\xC3\xA9z\n\n");
	check("{\\rtf1 4{\\fldinst x}1{\\v 1}1}", "text : 4111\nx\n\n");
}

static void test_groups_are_bounded(void **state)
{
	struct buf in = BUF_INIT(1 << 16);
	(void)state;

	for (int i = 0; i <= RTF_DEPTH_MAX; i++)
		assert_int_equal(buf_add_byte(&in, '{'), RC_OK);
	struct buf out = documented_by(rtf_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "opaque : rtf-depth\n"));
	buf_free(&out);
	buf_free(&in);
}

static void test_what_stands_aside_is_bounded(void **state)
{
	struct buf in = BUF_INIT(RTF_ASIDE_MAX + 4096);
	char *space;
	(void)state;

	assert_int_equal(buf_add_text(&in, "{\\rtf1{\\*\\x "), RC_OK);
	assert_int_equal(buf_reserve(&in, RTF_ASIDE_MAX + 1, &space), RC_OK);
	memset(space, 'x', RTF_ASIDE_MAX + 1);
	buf_added(&in, RTF_ASIDE_MAX + 1);
	struct buf out = documented_by(rtf_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "opaque : rtf-groups\n"));
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_groups_are_bounded),
		cmocka_unit_test(test_what_stands_aside_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
