#include "inspect/compile.h"

#include "support/inspected.h"
#include "support/unit.h"

static enum rc compile(const char *text, struct inspect_rules **out, struct fault *why)
{
	const struct rules *rules = NULL;

	enum rc rc = rules_parse((struct slice){ text, strlen(text) }, "rules.conf", &rules, why);
	if (rc == RC_OK)
		rc = inspect_compile(rules, INSPECT_LIMITS_DEFAULT, out, why);
	rules_unref(rules);
	return rc;
}

static void test_what_is_refused_says_where(void **state)
{
	static const struct {
		const char *name, *test, *why;
	} rows[] = {
		{ "an expression that is broken", "subject = \"a(\";",
		  "rules.conf:2: the expression \"a(\"" },
		{ "one that matches nothing", "body = \"a*\";", "matches the empty string" },
		{ "a header's", "header = \"X\"; value = \"[\";",
		  "rules.conf:2: the expression \"[\"" },
		{ "a value's", "detector = \"payment-card\"; value = \"(\";",
		  "rules.conf:2: the expression \"(\"" },
		{ "an index that is not there",
		  "detector = \"fingerprint\"; index = \"/nowhere/x\";",
		  "rules.conf:2: cannot open /nowhere/x: No such file or directory" },
		{ "near too far",
		  "detector = \"payment-card\"; near = { words = [ \"a\" ]; before = 1001; after = "
		  "0; };",
		  "rules.conf:2: near looks at most 1000 characters away" },
		{ "a scale without its value",
		  "detector = \"sensitivity\"; at_least = \"high\"; order = [ \"low\", \"middle\" "
		  "];",
		  "rules.conf:2: " },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct inspect_rules *r = NULL;
		struct fault why = { 0 };
		char text[512];
		snprintf(text, sizeof text, "markers = ( { name = \"m\"; any = (\n{ %s }\n); } );",
			 rows[i].test);
		assert_int_equal(compile(text, &r, &why), RC_INVALID);
		assert_null(r);
		if (!strstr(why.text, rows[i].why))
			fail_msg("%s: %s", rows[i].name, why.text);
	}
}

static void test_a_detector_is_searched_for_once(void **state)
{
	struct inspect_rules *r = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(
		compile("markers = ( { name = \"a\"; any = ( { detector = \"payment-card\"; },"
			"{ detector = \"payment-card\"; min_unique = 5; where = [ \"subject\" ]; } "
			"); } );",
			&r, &why),
		RC_OK);
	assert_int_equal(r->test_count, 2);
	assert_int_equal(r->pattern_count, 1 + INSPECT_UNREADABLE);
	assert_int_equal(r->patterns[0].test, 0);
	assert_int_equal(r->tests[0].next, 1);
	assert_int_equal(r->tests[1].next, INSPECT_NONE);
	assert_int_equal(r->tests[1].where, RULES_SUBJECT);
	assert_non_null(r->stream); /* for what cannot be read: a number's digits are not matched */
	assert_null(r->block);
	assert_int_equal(r->text_digits, 1u << DIGITS_CARD);
	assert_int_equal(r->block_digits, 1u << DIGITS_CARD);
	assert_int_equal(r->digits[DIGITS_CARD], 0);
	assert_null(r->values);
	assert_null(r->spans);
	inspect_rules_unref(r);
}

static void test_detectors_share_an_expression(void **state)
{
	struct inspect_rules *r = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(compile("markers = ( { name = \"a\"; any = ("
				 "{ detector = \"uk-nhs\"; where = [ \"subject\" ]; },"
				 "{ detector = \"ca-sin\"; where = [ \"body\" ]; },"
				 "{ detector = \"pl-pesel\"; where = [ \"subject\" ]; } ); } );",
				 &r, &why),
			 RC_OK);
	/* One chain, which is searched for in both places. */
	assert_int_equal(r->pattern_count, 3 + INSPECT_UNREADABLE);
	assert_int_equal(r->patterns[0].where, RULES_SUBJECT | RULES_BODY);
	size_t count = 0;
	for (long i = 0; i != INSPECT_NONE; i = r->patterns[i].next)
		count++;
	assert_int_equal(count, 3);
	assert_int_equal(r->text_digits, 1u << DIGITS_ID);
	assert_int_equal(r->block_digits, 1u << DIGITS_ID);
	inspect_rules_unref(r);
}

static void test_what_nobody_asks_for_is_not_compiled(void **state)
{
	struct inspect_rules *r = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(compile("markers = ( { name = \"a\"; any = ( { subject = \"x\"; strip = "
				 "true; } ); } );",
				 &r, &why),
			 RC_OK);
	assert_null(r->stream);
	assert_non_null(r->block);
	assert_non_null(r->spans);
	inspect_rules_unref(inspect_rules_ref(r));
	inspect_rules_unref(r);
	inspect_rules_unref(NULL);
}

static void test_what_observes_strips_nothing(void **state)
{
	struct inspect_rules *r = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(
		compile("mode = \"observe\"; markers = ( { name = \"a\"; any = ( { subject "
			"= \"x\"; strip = true; } ); } );",
			&r, &why),
		RC_OK);
	assert_non_null(r->block);
	assert_null(r->spans);
	inspect_rules_unref(r);
}

static void test_near_widens_the_window(void **state)
{
	struct inspect_rules *r = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(
		compile("markers = ( { name = \"a\"; any = ( { detector = \"payment-card\"; near = "
			"{ words = [ \"CARD\", \"caf\xC3\xA9\" ]; before = 200; after = 300; }; } "
			"); } );",
			&r, &why),
		RC_OK);
	assert_true(r->before >= 200 && r->after >= 300);
	assert_int_equal(r->tests[0].word_count, 2);
	assert_string_equal(r->tests[0].words[0], "card");
	assert_string_equal(r->tests[0].words[1], "caf\xC3\xA9");
	inspect_rules_unref(r);
}

static void test_the_built_in_rules_compile(void **state)
{
	const struct rules *rules = NULL;
	struct inspect_rules *r = NULL;
	struct fault why = { 0 };
	(void)state;

	assert_int_equal(rules_embedded(&rules, &why), RC_OK);
	assert_int_equal(inspect_compile(rules, INSPECT_LIMITS_DEFAULT, &r, &why), RC_OK);
	rules_unref(rules);
	inspect_rules_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_refused_says_where),
		cmocka_unit_test(test_a_detector_is_searched_for_once),
		cmocka_unit_test(test_detectors_share_an_expression),
		cmocka_unit_test(test_what_nobody_asks_for_is_not_compiled),
		cmocka_unit_test(test_what_observes_strips_nothing),
		cmocka_unit_test(test_near_widens_the_window),
		cmocka_unit_test(test_the_built_in_rules_compile),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
