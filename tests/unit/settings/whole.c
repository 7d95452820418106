#include "settings/whole.h"

#include "base/buf.h"
#include "support/unit.h"

/* Names that are not there stand in tests/unit/settings/rules.c. */

#define M(name, tests) "{ name = \"" name "\"; any = ( " tests " ); }"
#define NAMES(name) "{ marker = \"" name "\"; }"
#define R(name, rest)                                                                              \
	"{ name = \"" name "\"; require = \"authenticated\"; otherwise = [ \"hold\" ]; " rest " }"
#define BY(name) "when = { markers = [ \"" name "\" ]; }; "

static const struct rules *parsed(const char *text)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse(slice_of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s: %s", text, why.text);
	return rules;
}

static const struct {
	const char *says, *text, *why;
} wrong[] = {
	{ "a marker that names itself", "markers = (\n" M("a", NAMES("a")) ");",
	  "f:2: the marker \"a\" rests on itself by this test" },
	{ "by way of another", "markers = (" M("a", NAMES("b")) ",\n" M("b", NAMES("a")) ");",
	  "f:2: the marker \"a\" rests on itself by this test" },
	{ "by its not", "markers = ( { name = \"a\"; not = ( " NAMES("a") " ); } );",
	  "f:1: the marker \"a\" rests on itself by this test" },
	{ "a marker that names none", "markers = (\n" M("card", NAMES("crad")) ");",
	  "f:2: a test names \"crad\", which is no marker; did you mean \"card\"?" },
	{ "a test of a marker that says more",
	  "markers = (" M("a", "{ body = \"x\"; }") "," M(
		  "b", "{ marker = \"a\"; min_unique = 2; }") ");",
	  "f:1: a test of a marker says nothing else" },
	{ "a test of a marker and of a body",
	  "markers = (" M("a", "{ marker = \"a\"; body = \"x\"; }") ");",
	  "f:1: a test needs one of detector, header, subject, body, marker, and only one" },
	{ "an expectation of a rule that is none",
	  "tests = ( { message = \"m\"; from = \"a@b\"; to = \"c@d\"; expect = \"hold\";\n"
	  "expect_rule = \"r\"; } );",
	  "f:1: expect_rule names \"r\", which is no rule" },
};

static void test_what_does_not_fit_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct rules *rules = NULL;
		struct fault why = { "" };

		if (rules_parse(slice_of(wrong[i].text), "f", &rules, &why) != RC_INVALID)
			fail_msg("%s: taken", wrong[i].says);
		if (strcmp(why.text, wrong[i].why) != 0)
			fail_msg("%s: \"%s\"", wrong[i].says, why.text);
	}
}

static void test_markers_nest_so_deep_and_no_deeper(void **state)
{
	(void)state;
	for (unsigned deep = RULES_MARKERS_DEPTH_MAX; deep <= RULES_MARKERS_DEPTH_MAX + 1; deep++) {
		struct buf text = BUF_INIT(10000);
		const struct rules *rules = NULL;
		struct fault why = { "" };

		(void)!buf_add_text(&text, "markers = (");
		for (unsigned i = 0; i < deep; i++)
			(void)!buf_addf(&text,
					"{ name = \"%u\"; any = ( { marker = \"%u\"; } ); },", i,
					i + 1);
		(void)!buf_addf(&text, "{ name = \"%u\"; any = ( { body = \"x\"; } ); } );", deep);
		bool fine = deep == RULES_MARKERS_DEPTH_MAX;
		assert_int_equal(rules_parse(buf_slice(&text), "f", &rules, &why),
				 fine ? RC_OK : RC_INVALID);
		if (!fine)
			assert_string_equal(why.text,
					    "f:1: markers name markers more than 16 deep");
		rules_unref(rules);
		buf_free(&text);
	}
}

static void test_markers_stand_behind_those_that_they_name(void **state)
{
	(void)state;
	const struct rules *rules = parsed("markers = (" M("a", NAMES("c") "," NAMES("b")) "," M(
		"b", NAMES("c")) "," M("c", "{ body = \"x\"; }, { body = \"y\"; }") ");");
	size_t place[3];

	for (size_t i = 0; i < 3; i++)
		place[rules->marker_order[i]] = i;
	assert_true(place[2] < place[1] && place[1] < place[0]);
	assert_int_equal(rules->markers[0].tests[0].marker, 2);
	assert_int_equal(rules->markers[0].first_test, 0);
	assert_int_equal(rules->markers[1].first_test, 2);
	assert_int_equal(rules->markers[2].first_test, 3);
	rules_unref(rules);
}

/* What is taken off a Subject must be nothing that only rules that observe asked for. */
static const struct {
	const char *says, *rules;
	bool observes, observed[2]; /* a, and b, which a names */
} modes[] = {
	{ "nobody observes", "rules = (" R("r", BY("a")) ");", false, { false, false } },
	{ "no rule at all", "", false, { false, false } },
	{ "one observes",
	  "rules = (" R("r", BY("a") "mode = \"observe\";") ");",
	  true,
	  { true, true } },
	{ "one observes and one enforces",
	  "rules = (" R("r", BY("a") "mode = \"observe\";") "," R("s", BY("b")) ");",
	  true,
	  { true, false } },
	{ "the other way round",
	  "rules = (" R("r", BY("a") "mode = \"enforce\";") "," R(
		  "s", BY("b") "mode = \"observe\";") ");",
	  true,
	  { false, false } },
	{ "all of the file observes",
	  "mode = \"observe\"; rules = (" R("r", BY("a")) ");",
	  true,
	  { true, true } },
	{ "and it has no rule", "mode = \"observe\";", true, { true, true } },
};

static void test_markers_know_whether_only_observers_ask(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct buf text = BUF_INIT(2000);
		(void)!buf_addf(&text, "markers = (%s); %s",
				M("a", NAMES("b")) "," M("b", "{ body = \"x\"; }"), modes[i].rules);
		const struct rules *rules = parsed(buf_text(&text));

		if (rules->observes != modes[i].observes ||
		    rules->markers[0].observed != modes[i].observed[0] ||
		    rules->markers[1].observed != modes[i].observed[1])
			fail_msg("%s: %d %d %d", modes[i].says, rules->observes,
				 rules->markers[0].observed, rules->markers[1].observed);
		rules_unref(rules);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_does_not_fit_is_named_with_its_line),
		cmocka_unit_test(test_markers_nest_so_deep_and_no_deeper),
		cmocka_unit_test(test_markers_stand_behind_those_that_they_name),
		cmocka_unit_test(test_markers_know_whether_only_observers_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
