#include "document/sheet.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "texts that go on in the next record, numbers, names", "document/sheet/book",
	  "text : card 4111\n"
	  "two\n"
	  "three\n"
	  "378282246310005\n"
	  "411111\n"
	  "Sheet\n"
	  "wide\n"
	  "note\n"
	  "\n"
	  "" },
	{ "one with a password", "document/sheet/locked",
	  "text : opaque : encrypted\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(sheet_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(sheet_read, rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
