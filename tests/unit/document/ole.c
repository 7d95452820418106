#include "document/ole.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "property sets, and a stream that is not known", "document/ole/properties",
	  "property SummaryInformation: Title = Title 4111\n"
	  "property SummaryInformation: Author = A. Person\n"
	  "property DocumentSummaryInformation: Company = Acme\n"
	  "property DocumentSummaryInformation: Classification = Secret\n"
	  "property DocumentSummaryInformation: "
	  "MSIP_Label_00000000-0000-0000-0000-00000000000a_Enabled = true\n"
	  "text Other: card 4111\n"
	  "\n"
	  "label : /00000000-0000-0000-0000-00000000000a\n"
	  "" },
	{ "an encrypted package with its label", "document/ole/encrypted",
	  "opaque : encrypted\n"
	  "text EncryptionInfo: \n"
	  "label : 00000000-0000-0000-0000-00000000000b/00000000-0000-0000-0000-00000000000a\n"
	  "" },
	{ "a file that was dropped in", "document/ole/native",
	  "file Ole10Native: c.txt 4\n"
	  "text Ole10Native: 4111\n"
	  "" },
	{ "an Outlook item with an attachment", "document/ole/message",
	  "text __substg1.0_1000001F: pay 4111\n"
	  "text __substg1.0_0037001E: subject\n"
	  "property __substg1.0_37010102: Producer = x\n"
	  "property __substg1.0_37010102: K = 4111\n"
	  "text __substg1.0_37010102/strings: \n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(ole_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(ole_read, rows, COUNT(rows));
}

static void test_word_in_it(void **state)
{
	struct buf in = seeded("document/ole/word"), out = documented_by(ole_read, buf_slice(&in));
	(void)state;

	assert_non_null(strstr(buf_text(&out), "text : pay 4111 1111 1111 1111 now\nbye\n"));
	assert_non_null(
		strstr(buf_text(&out), "text WordDocument: pay 4111")); /* as it lies there */
	buf_free(&out);
	buf_free(&in);
}

static void test_what_is_none(void **state)
{
	struct buf out = documented_by(ole_read, SLICE("\xD0\xCF\x11\xE0 4111"));
	(void)state;

	assert_string_equal(buf_text(&out), "text :  4111\n\nopaque : ole\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_word_in_it),
		cmocka_unit_test(test_what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
