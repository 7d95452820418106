#include "settings/when.h"

#include "base/buf.h"
#include "support/unit.h"

#define RULE(rest)                                                                                 \
	"rules = ( { name = \"r\"; require = \"authenticated\"; otherwise = [ \"hold\" ];\n" rest  \
	" } );"

static const struct rules *parsed(const char *text)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse(slice_of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s: %s", text, why.text);
	return rules;
}

static void test_conditions_are_typed(void **state)
{
	(void)state;
	const struct rules *rules = parsed(
		RULE("when = { direction = \"inbound\"; size = { min = 10; max = 5000000000L; };"
		     " recipients_min = 20; time = { days = [ \"sat\", \"sun\" ]; from = \"22:30\";"
		     " to = \"06:00\"; zone = \"-03:30\"; }; };"));
	const struct rules_when *when = &rules->rules[0].when;

	assert_int_equal(when->direction, RULES_INBOUND);
	assert_true(when->size.min == 10 && when->size.max == 5000000000u);
	assert_int_equal(when->recipients_min, 20);
	assert_true(when->time.given);
	assert_int_equal(when->time.days, 1 << 6 | 1 << 0);
	assert_int_equal(when->time.from, 22 * 60 + 30);
	assert_int_equal(when->time.to, 6 * 60);
	assert_false(when->time.local);
	assert_int_equal(when->time.east, -(3 * 60 + 30));
	rules_unref(rules);

	rules = parsed(RULE("when = { time = { from = \"08:00\"; }; };"));
	when = &rules->rules[0].when;
	assert_int_equal(when->direction, RULES_ANY_DIRECTION);
	assert_int_equal(when->time.days, 0x7f);
	assert_int_equal(when->time.to, RULES_DAY_MINUTES);
	assert_true(when->time.local);
	rules_unref(rules);
}

static void test_exceptions_are_typed(void **state)
{
	(void)state;
	const struct rules *rules = parsed(
		RULE("exceptions = ( { to = [ \"p.example\" ]; direction = \"outbound\";"
		     " until = \"2028-02-29\"; why = \"ticket 4711\"; },\n"
		     " { from = [ \"a@b.example\" ]; until = \"2027-01-31\"; why = \"x\"; } );"));
	const struct rules_rule *rule = &rules->rules[0];

	assert_int_equal(rule->exception_count, 2);
	assert_string_equal(rule->exceptions[0].when.to.at[0], "p.example");
	assert_int_equal(rule->exceptions[0].when.direction, RULES_OUTBOUND);
	assert_int_equal(rule->exceptions[0].until, 20280229);
	assert_string_equal(rule->exceptions[0].why, "ticket 4711");
	assert_int_equal(rule->exceptions[0].place.line, 2);
	assert_int_equal(rule->exceptions[1].until, 20270131);
	assert_int_equal(rule->exceptions[1].place.line, 3);
	rules_unref(rules);
}

#define EXCEPTION(rest) RULE("exceptions = ( { " rest " } );")
#define WHEN(rest) RULE("when = { " rest " };")

static const struct {
	const char *says, *text, *why;
} wrong[] = {
	{ "an unknown direction", WHEN("direction = \"outward\";"),
	  "f:2: direction is \"outward\": expected one of \"outbound\", \"internal\", "
	  "\"inbound\"" },
	{ "a slip in size", WHEN("size = { least = 1; };"), "f:2: least is not known in size" },
	{ "a size without ends", WHEN("size = { };"), "f:2: size needs min or max" },
	{ "a size of nothing", WHEN("size = { min = 10; max = 9; };"),
	  "f:2: size has a max below its min: nothing is like that" },
	{ "a size of 0", WHEN("size = { min = 0; };"), "f:2: min is 0: expected 1 or more" },
	{ "a number for a size", WHEN("size = 10;"),
	  "f:2: size is { NAME = VALUE; }: this is a number" },
	{ "no recipients", WHEN("recipients_min = 0;"), "f:2: recipients_min is 0: expected 1 to" },
	{ "a time without anything", WHEN("time = { };"), "f:2: time needs days, from or to" },
	{ "a zone alone", WHEN("time = { zone = \"utc\"; };"), "f:2: time needs days, from or to" },
	{ "a day that is none", WHEN("time = { days = [ \"son\" ]; };"),
	  "f:2: days is \"son\"; did you mean \"sun\"?" },
	{ "no days", WHEN("time = { days = [ ]; };"), "f:2: days is an empty list" },
	{ "a time without its colon", WHEN("time = { from = \"8:00\"; };"),
	  "f:2: from is \"8:00\": expected a time such as \"08:30\"" },
	{ "a minute that is none", WHEN("time = { from = \"08:60\"; };"),
	  "f:2: from is \"08:60\": expected" },
	{ "an hour that is none", WHEN("time = { to = \"24:01\"; };"),
	  "f:2: to is \"24:01\": expected" },
	{ "a time that never is", WHEN("time = { from = \"08:00\"; to = \"08:00\"; };"),
	  "f:2: time has no minute between from and to" },
	{ "nor before the day", WHEN("time = { to = \"00:00\"; };"),
	  "f:2: time has no minute between from and to" },
	{ "an unknown zone", WHEN("time = { from = \"08:00\"; zone = \"CET\"; };"),
	  "f:2: zone is \"CET\": expected \"local\", \"utc\" or such as \"+01:00\"" },
	{ "a zone too far off", WHEN("time = { from = \"08:00\"; zone = \"+14:01\"; };"),
	  "f:2: zone is \"+14:01\": expected" },
	{ "an exception for ever", EXCEPTION("to = [ \"p.example\" ]; why = \"x\";"),
	  "f:2: an exception needs until" },
	{ "an exception without a reason",
	  EXCEPTION("to = [ \"p.example\" ]; until = \"2027-01-31\";"),
	  "f:2: an exception needs why" },
	{ "an exception for everybody",
	  EXCEPTION("submission_tls = true; until = \"2027-01-31\"; why = \"x\";"),
	  "f:2: an exception needs from or to: whom it is for" },
	{ "an exception by markers",
	  EXCEPTION("markers = [ \"m\" ]; until = \"2027-01-31\"; why = \"x\";"),
	  "f:2: markers is not known in an exception" },
	{ "a day of no calendar",
	  EXCEPTION("to = [ \"p.example\" ]; until = \"2027-02-29\"; why = \"x\";"),
	  "f:2: until is \"2027-02-29\": expected a day such as \"2027-01-31\"" },
	{ "a day in another order",
	  EXCEPTION("to = [ \"p.example\" ]; until = \"31.01.2027\"; why = \"x\";"),
	  "f:2: until is \"31.01.2027\": expected" },
	{ "a moment for a day",
	  EXCEPTION("to = [ \"p.example\" ]; until = \"2027-01-31T00:00:00Z\"; why = \"x\";"),
	  "f:2: until is \"2027-01-31T00:00:00Z\": expected" },
	{ "a reason of two lines",
	  EXCEPTION("to = [ \"p.example\" ]; until = \"2027-01-31\"; why = \"x\\ny\";"),
	  "f:2: why is \"x?y\": expected one line" },
};

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct rules *rules = NULL;
		struct fault why = { "" };

		if (rules_parse(slice_of(wrong[i].text), "f", &rules, &why) != RC_INVALID)
			fail_msg("%s: taken", wrong[i].says);
		if (strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: \"%s\"", wrong[i].says, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions_are_typed),
		cmocka_unit_test(test_exceptions_are_typed),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
