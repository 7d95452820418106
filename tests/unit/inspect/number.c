#include "inspect/number.h"

#include "support/unit.h"

typedef bool finder(struct slice text, size_t end, struct number *out);

/* Anywhere in the text, as if the matcher had told each place. */
static bool find_any(finder *find, const char *in, size_t least, struct number *n)
{
	struct slice text = { in, strlen(in) };
	bool found = false;

	for (size_t end = least; end <= text.len; end++)
		found = find(text, end, n) || found;
	return found;
}

static const struct row {
	const char *name, *text, *value; /* NULL: none */
} ibans[] = {
	{ "in fours", "IBAN DE89 3704 0044 0532 0130 00.", "DE89370400440532013000" },
	{ "bare", "DE89370400440532013000", "DE89370400440532013000" },
	{ "with hyphens", "GB82-WEST-1234-5698-7654-32", "GB82WEST12345698765432" },
	{ "in small letters", "gb82 west 1234 5698 7654 32", "GB82WEST12345698765432" },
	{ "the shortest", "NO9386011117947", "NO9386011117947" },
	{ "a long one", "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
	  "MT84MALT011000012345MTLCAST001S" },
	{ "before a word", "BE68 5390 0754 7034 please", "BE68539007547034" },
	{ "a wrong check", "DE88 3704 0044 0532 0130 00", NULL },
	{ "two changed places", "DE89 3704 0044 0532 1030 00", NULL },
	{ "too short for its country", "DE89 3704 0044 0532 0130", NULL },
	{ "too long for its country", "DE893704004405320130001", NULL },
	{ "no such country", "ZZ89 3704 0044 0532 0130 00", NULL },
	{ "two blanks", "DE89 3704  0044 0532 0130 00", NULL },
};

static const struct row ssns[] = {
	{ "with hyphens", "SSN 536-22-8726 ", "536228726" },
	{ "with blanks", "536 22 8726,", "536228726" },
	{ "bare, where a word stood before", "ssn: 536228726.", "536228726" },
	{ "mixed separators", "536-22 8726 ", NULL },
	{ "area 000", "000-22-8726 ", NULL },
	{ "area 666", "666-22-8726 ", NULL },
	{ "area 900", "900-22-8726 ", NULL },
	{ "group 00", "536-00-8726 ", NULL },
	{ "serial 0000", "536-22-0000 ", NULL },
	{ "a known dummy", "078-05-1120 ", NULL },
	{ "what people type", "123-45-6789 ", NULL },
	{ "one digit only", "222-22-2222 ", NULL },
	{ "in a longer number", "1-536-22-8726 ", NULL },
	{ "before more digits", "536-22-8726-1 ", NULL },
	{ "in a word", "x536-22-8726 ", NULL },
	{ "a telephone number", "+536-22-8726 ", NULL },
};

static const struct row itins[] = {
	{ "issued", "912-70-1234 ", "912701234" },
	{ "the group not issued", "912-93-1234 ", NULL },
	{ "a social security number", "536-70-8726 ", NULL },
};

static void check(const struct row *rows, size_t count, finder *find, size_t least)
{
	for (size_t i = 0; i < count; i++) {
		struct number n = { 0 };
		bool found = find_any(find, rows[i].text, least, &n);
		if (found != (rows[i].value != NULL))
			fail_msg("%s: %d", rows[i].name, found);
		if (found && !slice_is((struct slice){ n.value, n.value_len }, rows[i].value))
			fail_msg("%s: %.*s", rows[i].name, (int)n.value_len, n.value);
	}
}

static void test_iban(void **state)
{
	(void)state;
	check(ibans, COUNT(ibans), number_find_iban, 8);
}

static void test_ssn(void **state)
{
	(void)state;
	check(ssns, COUNT(ssns), number_find_ssn, 12);
}

static void test_itin(void **state)
{
	(void)state;
	check(itins, COUNT(itins), number_find_itin, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_iban), cmocka_unit_test(test_ssn),
					    cmocka_unit_test(test_itin) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
