#include "document/cms.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "what is signed", "document/cms/signed",
	  "text : Content-Type: text/plain\n"
	  "\n"
	  "text 1: 4111\n"
	  "" },
	{ "in pieces of no given length", "document/cms/pieces",
	  "text : Content-Type: text/plain\n"
	  "\n"
	  "text 1: 4111\n"
	  "" },
	{ "what is compressed", "document/cms/compressed",
	  "text : Content-Type: text/plain\n"
	  "\n"
	  "text 1: 4111\n"
	  "" },
	{ "what is encrypted", "document/cms/enveloped",
	  "opaque : smime\n"
	  "opaque : encrypted\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(cms_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(cms_read, rows, COUNT(rows));
}

static void test_depth_is_bounded(void **state)
{
	char in[4 * CMS_DEPTH_MAX];
	(void)state;

	for (size_t i = 0; i < sizeof in; i += 2) {
		in[i] = 0x30;
		in[i + 1] = (char)0x80;
	}
	struct buf out = documented_by(cms_read, (struct slice){ in, sizeof in });
	assert_string_equal(buf_text(&out), "opaque : smime\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
