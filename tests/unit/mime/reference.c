#include "mime/reference.h"

#include "support/unit.h"

static const struct {
	const char *name, *in;
	bool ended, found;
	uint32_t c;
	const char *rest;
} rows[] = {
	{ "a decimal number", "#52", true, true, '4', "" },
	{ "a hexadecimal number", "#x34", true, true, '4', "" },
	{ "in capitals", "#X2F", false, true, '/', "" },
	{ "what follows its digits", "#52a", false, true, '4', "a" },
	{ "no digits", "#", true, false, 0, "" },
	{ "no hexadecimal digits", "#xg", true, false, 0, "" },
	{ "a C1 number is Windows-1252 (§13.2.5.80)", "#150", true, true, 0x2013, "" },
	{ "a surrogate is no character", "#xD800", true, true, 0xFFFD, "" },
	{ "beyond Unicode", "#1114112", true, true, 0xFFFD, "" },
	{ "beyond 32 bits", "#99999999999999999999", true, true, 0xFFFD, "" },
	{ "a name", "nbsp", true, true, 0xA0, "" },
	{ "an old name needs no end", "nbspx", false, true, 0xA0, "x" },
	{ "a newer one does", "hyphen", false, false, 0, "" },
	{ "and stands whole", "hyphenx", true, false, 0, "" },
	{ "with its end", "ZeroWidthSpace", true, true, 0x200B, "" },
	{ "case counts", "NBSP", true, false, 0, "" },
	{ "the longest old name wins", "notin", true, true, 0xAC, "in" },
	{ "nothing", "", true, false, 0, "" },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice rest = SLICE("");
		uint32_t c = 0;
		bool found = mime_reference_read(slice_of(rows[i].in), rows[i].ended, &c, &rest);
		if (found != rows[i].found ||
		    (found && (c != rows[i].c || !slice_is(rest, rows[i].rest))))
			fail_msg("%s: %d U+%X \"%.*s\"", rows[i].name, found, (unsigned)c,
				 SLICE_ARG(rest));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests_name("mime/reference", tests, NULL, NULL);
}
