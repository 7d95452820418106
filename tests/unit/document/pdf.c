#include "document/pdf.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "a page and all that belongs to it", "document/pdf/page",
	  "text page-1: pay 4111\n"
	  "2233 44\n"
	  "4111A\n"
	  "beside\n"
	  "\n"
	  "property : Title = T\n"
	  "property : MSIP_Label_00000000-0000-0000-0000-00000000000a_SiteId = "
	  "00000000-0000-0000-0000-00000000000b\n"
	  "property : Producer = P\n"
	  "property object-11: Class = Secret\n"
	  "text object-12: inside 4111\n"
	  "text strings: note (4111)\n"
	  "\xC3\xA9"
	  "\n"
	  "\n"
	  "label : 00000000-0000-0000-0000-00000000000b/00000000-0000-0000-0000-00000000000a\n"
	  "" },
	{ "objects in a stream", "document/pdf/bundle",
	  "text strings: in a bundle\n"
	  "second\n"
	  "\n"
	  "" },
	{ "an encrypted file", "document/pdf/locked",
	  "opaque : encrypted\n"
	  "" },
	{ "a font whose codes mean nothing", "document/pdf/font",
	  "text page-1: \n"
	  "\n"
	  "text strings: \n"
	  "opaque : pdf-font\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(pdf_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(pdf_read, rows, COUNT(rows));
}

static void test_what_has_no_objects(void **state)
{
	struct buf out = documented_by(pdf_read, SLICE("%PDF-1.7\n4111"));
	(void)state;

	assert_string_equal(buf_text(&out), "text strings: \nopaque : pdf\n");
	buf_free(&out);
}

static void test_circles_end(void **state)
{
	static const char in[] =
		"%PDF-1.7\n1 0 obj 2 0 R endobj 2 0 obj 1 0 R endobj\n3 0 obj <</Type/Page "
		"/Parent 3 0 R /Contents 1 0 R /Resources 1 0 R>> endobj";
	struct buf out = documented_by(pdf_read, slice_of(in));
	(void)state;

	assert_string_equal(buf_text(&out), "text page-1: \n\ntext strings: \n");
	buf_free(&out);
}

static void test_deep_nesting_is_no_trouble(void **state)
{
	struct buf in = BUF_INIT(1 << 22);
	(void)state;

	assert_int_equal(buf_add_text(&in, "%PDF-1.7\n1 0 obj "), RC_OK);
	for (int i = 0; i < 200000; i++)
		assert_int_equal(buf_add_text(&in, "[<<"), RC_OK);
	struct buf out = documented_by(pdf_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "text strings: "));
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_what_has_no_objects),
		cmocka_unit_test(test_circles_end),
		cmocka_unit_test(test_deep_nesting_is_no_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
