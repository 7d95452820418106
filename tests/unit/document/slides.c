#include "document/slides.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "two texts", "document/slides/show",
	  "text : pay 4111\n"
	  "more\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(slides_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(slides_read, rows, COUNT(rows));
}

static void test_one_with_a_password(void **state)
{
	struct buf out = documented_by(slides_read, SLICE("\x0F\0\x14\x2F\0\0\0\0"));
	(void)state;

	assert_string_equal(buf_text(&out), "text : opaque : encrypted\n\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_one_with_a_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
