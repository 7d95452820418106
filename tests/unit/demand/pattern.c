#include "demand/pattern.h"

#include "support/unit.h"

static const struct {
	const char *says, *pattern, *address;
	bool names;
} table[] = {
	{ "the star names everyone", "*", "a@b.example", true },
	{ "and the null sender", "*", "", true },
	{ "and an address without a domain", "*", "postmaster", true },
	{ "a domain names who is in it", "b.example", "a@b.example", true },
	{ "whatever the case", "B.Example", "a@b.eXAMPLE", true },
	{ "with a final dot too", "b.example", "a@b.example.", true },
	{ "not who is below it", "b.example", "a@c.b.example", false },
	{ "not a domain that ends alike", "b.example", "a@.b.example", false },
	{ "not one that begins alike", "b.example", "a@b.example.test", false },
	{ "not the null sender", "b.example", "", false },
	{ "not a bare word, though it is the same", "postmaster", "postmaster", false },
	{ "a dot names who is below", ".b.example", "a@c.b.example", true },
	{ "however deep", ".b.example", "a@d.c.b.example", true },
	{ "not the domain itself", ".b.example", "a@b.example", false },
	{ "nor one that ends alike", ".b.example", "a@.b.example", false },
	{ "nor an empty label", ".b.example", "a@.b.example", false },
	{ "an address names itself", "a@b.example", "a@b.example", true },
	{ "in any case", "a@b.example", "A@B.example", true },
	{ "not another in its domain", "a@b.example", "aa@b.example", false },
	{ "not the same word elsewhere", "a@b.example", "a@c.example", false },
	{ "the last @ parts a quoted name from its domain", "b.example",
	  "\"x@c.example\"@b.example", true },
	{ "so that the quoted part names no domain", "c.example", "\"x@c.example\"@b.example",
	  false },
	{ "a domain literal is no domain", "b.example", "a@[192.0.2.1]", false },
	{ "nothing before the @", "b.example", "@b.example", true },
	{ "nothing behind it", "b.example", "a@", false },
};

static void test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct slice address = { table[i].address, strlen(table[i].address) };
		if (demand_pattern_names(table[i].pattern, address) != table[i].names)
			fail_msg("%s: %s on %s", table[i].says, table[i].pattern, table[i].address);
	}
}

static const struct {
	const char *wide, *narrow;
	bool covers;
} pairs[] = {
	{ "*", "*", true },
	{ "*", ".b.example", true },
	{ "b.example", "*", false },
	{ "b.example", "B.example", true },
	{ "b.example", "a@b.EXAMPLE", true },
	{ "b.example", "c.b.example", false },
	{ "b.example", ".b.example", false },
	{ ".b.example", "b.example", false },
	{ ".b.example", "c.b.example", true },
	{ ".b.example", ".c.b.example", true },
	{ ".c.b.example", ".b.example", false },
	{ ".b.example", "a@c.b.example", true },
	{ ".b.example", "a@b.example", false },
	{ "a@b.example", "A@b.example", true },
	{ "a@b.example", "b.example", false },
	{ "a@b.example", "b@b.example", false },
};

static void test_one_pattern_covers_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (demand_pattern_covers(pairs[i].wide, pairs[i].narrow) != pairs[i].covers)
			fail_msg("%s and %s", pairs[i].wide, pairs[i].narrow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_one_pattern_covers_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
