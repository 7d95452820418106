#include "assurance/pins.h"

#include "support/unit.h"

static const char *const one_name[] = { "mx1.partner.test" };
static const char *const bad_name[] = { "mx1:partner.test" };

static struct assurance_destination destination(const char *text)
{
	struct assurance_destination d;

	assert_int_equal(
		assurance_destination_parse((struct slice){ text, strlen(text) }, &d, NULL), RC_OK);
	return d;
}

static void test_found(void **state)
{
	(void)state;
	const struct assurance_pin pins[] = {
		{ "Partner.Test", ASSURANCE_AUTHENTICATED, 1, one_name, "contract 2026-14" },
		{ "[relay.test]:587", ASSURANCE_AUTHENTICATED, 0, NULL, NULL },
	};
	struct assurance_pins *made = NULL;
	struct assurance_destination partner = destination("partner.test");
	struct assurance_destination relay = destination("[relay.test]:587");
	struct fault why;

	assert_int_equal(assurance_pins_make(pins, 2, &made, &why), RC_OK);
	assert_true(assurance_pins_have(made, &partner));
	const struct assurance *a = assurance_pins_find(made, &partner, 1000);
	assert_int_equal(a->level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(a->by, ASSURANCE_BY_PIN);
	assert_int_equal(a->match_count, 1);
	assert_string_equal(a->match[0], "mx1.partner.test");
	assert_non_null(strstr(a->reasons[0], "contract 2026-14"));
	assert_true(a->until > 1000);
	assurance_unref(a);

	a = assurance_pins_find(made, &relay, 1000);
	assert_int_equal(a->match_count, 2);
	assert_string_equal(a->match[0], "relay.test");
	assert_string_equal(a->match[1], ".relay.test");
	assurance_unref(a);

	static const char *const others[] = { "sub.partner.test", "partner.test:26",
					      "[partner.test]", "relay.test", "test" };
	for (size_t i = 0; i < COUNT(others); i++) {
		struct assurance_destination other = destination(others[i]);
		assert_false(assurance_pins_have(made, &other));
		assert_null(assurance_pins_find(made, &other, 1000));
	}
	assurance_pins_free(made);
}

static const struct {
	const char *sentence;
	struct assurance_pin pins[2];
	const char *why;
} wrong[] = {
	{ "no domain", { { "a b", ASSURANCE_AUTHENTICATED, 1, one_name, "" } }, "" },
	{ "a name that would add an attribute",
	  { { "d.test", ASSURANCE_AUTHENTICATED, 1, bad_name, "" } },
	  "no name to match" },
	{ "twice",
	  { { "d.test", ASSURANCE_AUTHENTICATED, 1, one_name, "" },
	    { "D.test.", ASSURANCE_AUTHENTICATED, 1, one_name, "" } },
	  "pinned twice" },
	{ "an address without names",
	  { { "[192.0.2.1]", ASSURANCE_AUTHENTICATED, 0, NULL, "" } },
	  "needs names" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct assurance_pins *made = NULL;
		struct fault why = { 0 };

		print_message("   %s\n", wrong[i].sentence);
		assert_int_equal(assurance_pins_make(wrong[i].pins, wrong[i].pins[1].domain ? 2 : 1,
						     &made, &why),
				 RC_INVALID);
		assert_null(made);
		assert_non_null(strstr(why.text, wrong[i].why));
		assert_true(*why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests_name("assurance/pins", tests, NULL, NULL);
}
