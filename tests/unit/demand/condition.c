#include "demand/condition.h"

#include "settings/settings.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Times: 2026-11-27 is a Friday; the host lives two hours east of Greenwich. */
#define FRIDAY 1795737600 /* 2026-11-27T00:00:00Z */
#define AT(day, hour, minute) (FRIDAY + (day)*86400 + (hour)*3600 + (minute)*60)

static const char *const ours[] = { "our.example" }, *const internal[] = { "in.example" };
static const struct settings_outbound outbound = { .domains = { 1, ours },
						   .internal_domains = { 1, internal } };

static const struct rules *rules_of(const char *rest)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };
	char text[1000];

	snprintf(text, sizeof text,
		 "rules = ( { name = \"r\"; require = \"authenticated\"; otherwise = [ \"hold\" ]; "
		 "%s } );",
		 rest);
	if (rules_parse(slice_of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s: %s", rest, why.text);
	return rules;
}

#define FROM(text) .from = { text, sizeof(text) - 1 }

static const struct {
	const char *says, *when;
	struct demand_envelope envelope;
	const char *to; /* NULL: b@plain.test */
	bool holds;
} conditions[] = {
	{ "out, from us", "direction = \"outbound\";", { FROM("a@our.example") }, NULL, true },
	{ "out, from elsewhere", "direction = \"outbound\";", { FROM("a@x.test") }, NULL, true },
	{ "out, from nobody", "direction = \"outbound\";", { FROM("") }, NULL, true },
	{ "out is not to us",
	  "direction = \"outbound\";",
	  { FROM("a@our.example") },
	  "b@our.example",
	  false },
	{ "from us to us",
	  "direction = \"internal\";",
	  { FROM("a@our.example") },
	  "b@IN.example.",
	  true },
	{ "a domain below ours is not ours",
	  "direction = \"internal\";",
	  { FROM("a@our.example") },
	  "b@x.our.example",
	  false },
	{ "a bare local part is ours", "direction = \"internal\";", { FROM("a") }, "b", true },
	{ "internal is not from elsewhere",
	  "direction = \"internal\";",
	  { FROM("a@x.test") },
	  "b@our.example",
	  false },
	{ "from elsewhere to us",
	  "direction = \"inbound\";",
	  { FROM("a@x.test") },
	  "b@our.example",
	  true },
	{ "from nobody to us", "direction = \"inbound\";", { FROM("") }, "b@our.example", true },
	{ "inbound is not out", "direction = \"inbound\";", { FROM("a@x.test") }, NULL, false },

	{ "as large as the least", "size = { min = 100; };", { .size_bytes = 100 }, NULL, true },
	{ "smaller", "size = { min = 100; };", { .size_bytes = 99 }, NULL, false },
	{ "as large as the most", "size = { max = 100; };", { .size_bytes = 100 }, NULL, true },
	{ "larger", "size = { max = 100; };", { .size_bytes = 101 }, NULL, false },
	{ "within both", "size = { min = 100; max = 100; };", { .size_bytes = 100 }, NULL, true },

	{ "as many", "recipients_min = 3;", { .recipient_count = 3 }, NULL, true },
	{ "fewer", "recipients_min = 3;", { .recipient_count = 2 }, NULL, false },

	{ "as it begins",
	  "time = { from = \"08:00\"; to = \"18:00\"; };",
	  { .now_s = AT(0, 6, 0) },
	  NULL,
	  true },
	{ "a minute before",
	  "time = { from = \"08:00\"; to = \"18:00\"; };",
	  { .now_s = AT(0, 6, 0) - 1 },
	  NULL,
	  false },
	{ "its last minute",
	  "time = { from = \"08:00\"; to = \"18:00\"; };",
	  { .now_s = AT(0, 15, 59) },
	  NULL,
	  true },
	{ "as it ends",
	  "time = { from = \"08:00\"; to = \"18:00\"; };",
	  { .now_s = AT(0, 16, 0) },
	  NULL,
	  false },
	{ "of another zone",
	  "time = { from = \"08:00\"; to = \"18:00\"; zone = \"utc\"; };",
	  { .now_s = AT(0, 7, 0) },
	  NULL,
	  false },
	{ "that zone's",
	  "time = { from = \"08:00\"; to = \"18:00\"; zone = \"utc\"; };",
	  { .now_s = AT(0, 8, 0) },
	  NULL,
	  true },
	{ "west",
	  "time = { from = \"08:00\"; to = \"09:00\"; zone = \"-03:30\"; };",
	  { .now_s = AT(0, 11, 30) },
	  NULL,
	  true },
	{ "east",
	  "time = { from = \"08:00\"; to = \"09:00\"; zone = \"+05:30\"; };",
	  { .now_s = AT(0, 2, 30) },
	  NULL,
	  true },
	{ "the day", "time = { days = [ \"fri\" ]; };", { .now_s = AT(0, 12, 0) }, NULL, true },
	{ "the host's day, which began before that of UTC",
	  "time = { days = [ \"fri\" ]; };",
	  { .now_s = AT(0, 0, 0) - 3600 },
	  NULL,
	  true },
	{ "and has ended before it",
	  "time = { days = [ \"fri\" ]; };",
	  { .now_s = AT(0, 22, 30) },
	  NULL,
	  false },
	{ "over midnight, before it",
	  "time = { days = [ \"fri\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(0, 21, 0) },
	  NULL,
	  true },
	{ "over midnight, behind it: of the day on which it began",
	  "time = { days = [ \"fri\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(1, 3, 59) },
	  NULL,
	  true },
	{ "over midnight, at its end",
	  "time = { days = [ \"fri\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(1, 4, 0) },
	  NULL,
	  false },
	{ "over midnight, the morning of the day itself",
	  "time = { days = [ \"fri\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(0, 1, 0) },
	  NULL,
	  false },
	{ "from Saturday to Sunday",
	  "time = { days = [ \"sat\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(2, 1, 0) },
	  NULL,
	  true },
	{ "from Sunday to Monday",
	  "time = { days = [ \"sun\" ]; from = \"22:00\"; to = \"06:00\"; };",
	  { .now_s = AT(3, 1, 0) },
	  NULL,
	  true },
	{ "a time that no calendar has protects",
	  "time = { days = [ \"fri\" ]; };",
	  { .now_s = INT64_MAX },
	  NULL,
	  true },

	{ "one of two fails",
	  "size = { min = 100; }; recipients_min = 3;",
	  { .size_bytes = 100, .recipient_count = 2 },
	  NULL,
	  false },
	{ "what cannot be told does not save what fails",
	  "time = { days = [ \"fri\" ]; }; recipients_min = 3;",
	  { .now_s = INT64_MAX, .recipient_count = 2 },
	  NULL,
	  false },
};

static void test_conditions_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(conditions); i++) {
		struct demand_envelope envelope = conditions[i].envelope;
		char when[500];

		snprintf(when, sizeof when, "when = { %s };", conditions[i].when);
		const struct rules *rules = rules_of(when);
		envelope.outbound = &outbound;
		struct slice to = slice_of(conditions[i].to ? conditions[i].to : "b@plain.test");
		if (condition_holds(&rules->rules[0].when, &envelope, to) != conditions[i].holds)
			fail_msg("%s", conditions[i].says);
		rules_unref(rules);
	}
}

static void test_a_direction_that_cannot_be_told_protects(void **state)
{
	(void)state;
	const struct rules *rules = rules_of("when = { direction = \"inbound\"; };");
	struct demand_envelope envelope = { FROM("a@our.example") };

	assert_true(condition_holds(&rules->rules[0].when, &envelope, SLICE("b@plain.test")));
	rules_unref(rules);
}

#define EXCEPT(rest) "exceptions = ( { to = [ \"plain.test\" ]; why = \"x\"; " rest " } );"
#define TODAY EXCEPT("until = \"2026-11-27\";")

static const struct {
	const char *says, *exceptions;
	struct demand_envelope envelope;
	const char *to; /* NULL: b@plain.test */
	int which;      /* -1: none applies */
} exceptions[] = {
	{ "in date", EXCEPT("until = \"2027-01-31\";"), { .now_s = AT(0, 12, 0) }, NULL, 0 },
	{ "the last minute of its last day", TODAY, { .now_s = AT(0, 21, 59) }, NULL, 0 },
	{ "the first of the next, by the host's clock",
	  TODAY,
	  { .now_s = AT(0, 22, 0) },
	  NULL,
	  -1 },
	{ "long past", TODAY, { .now_s = AT(400, 0, 0) }, NULL, -1 },
	{ "for another", TODAY, { .now_s = AT(0, 12, 0) }, "b@x.test", -1 },
	{ "all must hold",
	  EXCEPT("until = \"2026-11-27\"; from = [ \"b@our.example\" ];"),
	  { FROM("a@our.example"), .now_s = AT(0, 12, 0) },
	  NULL,
	  -1 },
	{ "all hold",
	  EXCEPT("until = \"2026-11-27\"; from = [ \"a@our.example\" ];"),
	  { FROM("a@our.example"), .now_s = AT(0, 12, 0) },
	  NULL,
	  0 },
	{ "what cannot be told lifts nothing",
	  EXCEPT("until = \"2026-11-27\"; direction = "
		 "\"outbound\";"),
	  { .now_s = AT(0, 12, 0) },
	  NULL,
	  -1 },
	{ "a day that cannot be told lifts nothing",
	  EXCEPT("until = \"9999-12-31\";"),
	  { .now_s = INT64_MAX },
	  NULL,
	  -1 },
	{ "the first that applies",
	  "exceptions = ( { to = [ \"plain.test\" ]; until = \"2026-11-26\"; why = \"x\"; }, "
	  "{ to = [ \"x.test\" ]; until = \"2026-12-26\"; why = \"x\"; }, "
	  "{ to = [ \"*\" ]; until = \"2026-12-26\"; why = \"x\"; }, "
	  "{ to = [ \"*\" ]; until = \"2026-12-27\"; why = \"x\"; } );",
	  { .now_s = AT(0, 12, 0) },
	  NULL,
	  2 },
	{ "there is none", "", { .now_s = AT(0, 12, 0) }, NULL, -1 },
};

static void test_exceptions_apply_while_in_date(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(exceptions); i++) {
		const struct rules *rules = rules_of(exceptions[i].exceptions);
		struct slice to = slice_of(exceptions[i].to ? exceptions[i].to : "b@plain.test");
		const struct rules_exception *e =
			condition_exception(&rules->rules[0], &exceptions[i].envelope, to);

		if ((e ? (int)(e - rules->rules[0].exceptions) : -1) != exceptions[i].which)
			fail_msg("%s", exceptions[i].says);
		rules_unref(rules);
	}
}

static void test_days_are_the_host_s(void **state)
{
	(void)state;
	assert_int_equal(condition_day(AT(0, 21, 59)), 20261127);
	assert_int_equal(condition_day(AT(0, 22, 0)), 20261128);
	assert_int_equal(condition_day(AT(34, 21, 59)), 20261231);
	assert_int_equal(condition_day(INT64_MAX), 0);
	assert_int_equal(condition_day(INT64_MIN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions_hold),
		cmocka_unit_test(test_a_direction_that_cannot_be_told_protects),
		cmocka_unit_test(test_exceptions_apply_while_in_date),
		cmocka_unit_test(test_days_are_the_host_s),
	};

	setenv("TZ", "XYZ-2", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
