#include "settings/pattern.h"

#include "support/unit.h"

static const struct {
	const char *(*check)(const char *text);
	const char *text;
	bool fine;
} table[] = {
	{ pattern_check, "*", true },
	{ pattern_check, "our.example", true },
	{ pattern_check, ".our.example", true },
	{ pattern_check, "jo@our.example", true },
	{ pattern_check, "jo+tag@our.example", true },
	{ pattern_check, "j\xc3\xb6@our.example", true },
	{ pattern_check, "\"a@b\"@our.example", true },
	{ pattern_check, "", false },
	{ pattern_check, "**", false },
	{ pattern_check, "*.our.example", false },
	{ pattern_check, "@our.example", false },
	{ pattern_check, "jo@", false },
	{ pattern_check, "jo@.our.example", false },
	{ pattern_check, "<jo@our.example>", false },
	{ pattern_check, "jo doe@our.example", false },
	{ pattern_check, "..our.example", false },
	{ pattern_check,
	  "b\xc3\xbc"
	  "cher.example",
	  false },

	{ pattern_check_host, "mx1.partner.example", true },
	{ pattern_check_host, ".partner.example", true },
	{ pattern_check_host, "*.partner.example", false },
	{ pattern_check_host, "", false },

	{ pattern_check_relay, "[relay.example]:587", true },
	{ pattern_check_relay, "relay.example", true },
	{ pattern_check_relay, ".example", false },
	{ pattern_check_relay, "smtp:relay.example", false },
	{ pattern_check_relay, "", false },

	{ pattern_check_destination, ".partner.example", true },
	{ pattern_check_destination, "..example", false },
	{ pattern_check_destination, "partner.example", true },
	{ pattern_check_destination, "[relay.example]", true },
	{ pattern_check_destination, "[relay.example]:587", true },
	{ pattern_check_destination, "relay.example:587", true },
	{ pattern_check_destination, "[192.0.2.1]", true },
	{ pattern_check_destination, "[2001:db8::1]:25", true },
	{ pattern_check_destination, "[relay.example", false },
	{ pattern_check_destination, "[relay.example]587", false },
	{ pattern_check_destination, "relay.example:0", false },
	{ pattern_check_destination, "relay.example:", false },
	{ pattern_check_destination, "[]", false },
	{ pattern_check_destination, "", false },
};

static void test_each_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		if ((table[i].check(table[i].text) == NULL) != table[i].fine)
			fail_msg("row %zu, \"%s\"", i, table[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_shape) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
