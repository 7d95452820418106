#include "settings/option.h"

#include "support/unit.h"

#include <stdio.h>

static void test_an_option_is_found_by_its_whole_path(void **state)
{
	(void)state;
	assert_non_null(option_find("milter.listen"));
	assert_string_equal(option_find("state")->path, "state");
	assert_null(option_find("milter"));
	assert_null(option_find("listen"));
	assert_null(option_find(""));
	assert_true(option_is_group("milter"));
	assert_false(option_is_group("state"));
	assert_false(option_is_group("milt"));
}

static const struct {
	const char *wrote, *meant;
} slips[] = {
	{ "milter.lisen", "milter.listen" },
	{ "milter.lsiten", "milter.listen" },
	{ "miltre.listen", "milter.listen" },
	{ "tls-policy.mode", "tls_policy.mode" },
	{ "limits.message_byte", "limits.message_bytes" },
	{ "state", "state" },
	{ "stat", "state" },
	{ "Store", "store" },
	{ "limit", "limits" },
	{ "outbond", "outbound" },
	{ "servers", "resolver.servers" },
	{ "portal.servers", "resolver.servers" },
	{ "zebra", NULL },
	{ "x", NULL },
	{ "", NULL },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789", NULL },
};

static void test_a_slip_is_answered_with_what_was_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(slips); i++) {
		const char *meant = option_suggest(slips[i].wrote);
		if (!meant != !slips[i].meant || (meant && strcmp(meant, slips[i].meant) != 0))
			fail_msg("%s: %s", slips[i].wrote, meant ? meant : "nothing");
	}
}

static void test_every_group_is_suggested(void **state)
{
	(void)state;
	char slip[64];

	for (size_t i = 0; i < option_count; i++) {
		size_t len = strcspn(options[i].path, ".");
		if (options[i].path[len] == '\0')
			continue;
		snprintf(slip, sizeof slip, "%.*sx", (int)len, options[i].path);
		const char *meant = option_suggest(slip);
		if (!meant || strlen(meant) != len || strncmp(meant, slip, len) != 0)
			fail_msg("%s: %s", slip, meant ? meant : "nothing");
	}
}

static void test_the_nearest_word_is_near(void **state)
{
	(void)state;
	const char *const words[] = { "defer", "refuse", "divert" };

	assert_string_equal(option_nearest("deffer", words, 3), "defer");
	assert_string_equal(option_nearest("dviert", words, 3), "divert");
	assert_null(option_nearest("deliver", words, 3));
	assert_null(option_nearest("hold", words, 3));
	assert_null(option_nearest("defer", words, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_option_is_found_by_its_whole_path),
		cmocka_unit_test(test_a_slip_is_answered_with_what_was_meant),
		cmocka_unit_test(test_every_group_is_suggested),
		cmocka_unit_test(test_the_nearest_word_is_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
