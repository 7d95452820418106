#include "document/tnef.h"

#include "support/documented_rows.h"

static const struct documented_row rows[] = {
	{ "winmail.dat", "document/tnef/winmail",
	  "text : Subject\n"
	  "file c.csv: c.csv 10\n"
	  "text c.csv: card,4111\n"
	  "\n"
	  "text : 4111\n"
	  "text : 5555\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;
	assert_documented(tnef_read, rows, COUNT(rows));
}

static void test_cut_short(void **state)
{
	(void)state;
	assert_cut_short(tnef_read, rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
