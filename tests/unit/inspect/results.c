#include "inspect/results.h"

#include "support/inspected.h"
#include "support/unit.h"

static struct sighting seen(struct slice text, size_t at, size_t len, const char *value)
{
	return (struct sighting){ .where = RULES_BODY,
				  .part = "1",
				  .text = text,
				  .at = at,
				  .len = len,
				  .value = { value, strlen(value) },
				  .shown_first = 2,
				  .shown_last = 2 };
}

static void open_results(struct results *r, struct inspect_rules **rules, const char *test)
{
	struct inspect_limits limits = INSPECT_LIMITS_DEFAULT;
	char text[512];

	limits.findings = 3;
	snprintf(text, sizeof text, "markers = ( { name = \"m\"; any = ( { %s } ); } );", test);
	*rules = inspected_rules(text, limits);
	assert_int_equal(results_init(r, *rules), RC_OK);
}

static void close_results(struct results *r, struct inspect_rules *rules)
{
	results_fini(r);
	results_fini(r);
	inspect_rules_unref(rules);
}

static void test_conditions(void **state)
{
	static const struct {
		const char *name, *test, *value;
		bool hit;
	} rows[] = {
		{ "none", "detector = \"payment-card\";", "41", true },
		{ "excepted", "detector = \"payment-card\"; except = [ \"7\", \"4-1\" ];", "41",
		  false },
		{ "not excepted", "detector = \"payment-card\"; except = [ \"4-1-2\", \"4\" ];",
		  "41", true },
		{ "case in exceptions", "detector = \"sensitivity\"; except = [ \"Private\" ];",
		  "private", false },
		{ "high enough",
		  "detector = \"sensitivity\"; at_least = \"b\"; order = [ \"a\", \"b\", \"c\" ];",
		  "C", true },
		{ "too low",
		  "detector = \"sensitivity\"; at_least = \"b\"; order = [ \"a\", \"b\", \"c\" ];",
		  "a", false },
		{ "off the scale",
		  "detector = \"sensitivity\"; at_least = \"b\"; order = [ \"a\", \"b\", \"c\" ];",
		  "z", true },
		{ "a scale", "detector = \"tlp\"; at_least = \"AMBER\"; scale = \"tlp\";", "RED",
		  true },
		{ "below on a scale", "detector = \"tlp\"; at_least = \"AMBER\"; scale = \"tlp\";",
		  "GREEN", false },
		{ "sure enough, by a word", "detector = \"payment-card\"; confidence = \"high\";",
		  "41", true },
		{ "not sure enough", "detector = \"api-secret\"; confidence = \"high\";", "generic",
		  false },
		{ "broken, when that is wanted", "detector = \"sensitivity\"; invalid = true;", "",
		  true },
		{ "sound, when that is not wanted", "detector = \"sensitivity\"; invalid = true;",
		  "private", false },
		{ "near before",
		  "detector = \"payment-card\"; near = { words = [ \"visa\" ]; before = 5; after = "
		  "0; };",
		  "41", true },
		{ "one character too far",
		  "detector = \"payment-card\"; near = { words = [ \"visa\" ]; before = 4; after = "
		  "0; };",
		  "41", false },
		{ "near after, past two bytes",
		  "detector = \"payment-card\"; near = { words = [ \"amex\" ]; before = 0; after = "
		  "7; };",
		  "41", true },
		{ "after, one character too far",
		  "detector = \"payment-card\"; near = { words = [ \"amex\" ]; before = 0; after = "
		  "6; };",
		  "41", false },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct inspect_rules *rules;
		struct results r;
		open_results(&r, &rules, rows[i].test);
		struct sighting s = seen(SLICE("a Visa 41 \xC3\xA9 amex"), 7, 2, rows[i].value);
		results_add(&r, 0, &s);
		if (results_finish(&r)->hit[0] != rows[i].hit)
			fail_msg("%s", rows[i].name);
		close_results(&r, rules);
	}
}

static void test_unique_values_are_counted(void **state)
{
	struct inspect_rules *rules;
	struct results r;
	(void)state;

	open_results(&r, &rules, "detector = \"payment-card\"; min_unique = 3;");
	for (size_t i = 0; i < 6; i++) {
		static const char *const values[] = { "a", "b", "a", "b", "c", "a" };
		struct sighting s = seen(SLICE("abcdefgh"), i, 1, values[i]);
		results_add(&r, 0, &s);
		assert_int_equal(r.test_hit[0], i >= 4);
	}
	assert_int_equal(results_finish(&r)->total, 6);
	assert_int_equal(r.out.count, 3);
	close_results(&r, rules);
}

static void test_a_marker_that_does_not_hold_tells_nothing(void **state)
{
	struct inspect_rules *rules;
	struct results r;
	struct sighting s = seen(SLICE("abcdefgh"), 2, 4, "cdef");
	(void)state;

	open_results(&r, &rules, "detector = \"payment-card\"; min_unique = 2;");
	results_add(&r, 0, &s);
	const struct inspect_findings *f = results_finish(&r);
	assert_int_equal(f->count, 0);
	assert_int_equal(f->total, 0);
	close_results(&r, rules);
}

static void test_the_same_place_is_told_once(void **state)
{
	struct inspect_rules *rules;
	struct results r;
	struct sighting s = seen(SLICE("abcdefgh"), 2, 4, "cdef");
	(void)state;

	open_results(&r, &rules, "detector = \"payment-card\";");
	results_add(&r, 0, &s);
	results_add(&r, 0, &s);
	const struct inspect_findings *f = results_finish(&r);
	assert_int_equal(f->total, 1);
	assert_string_equal(f->at[0].evidence, "c**f");
	assert_int_equal(f->at[0].offset, 2);
	close_results(&r, rules);
}

static void test_opaque_entries(void **state)
{
	struct inspect_rules *rules;
	struct results r;
	(void)state;

	open_results(&r, &rules, "detector = \"payment-card\";");
	results_add_opaque(&r, "1", "zip");
	results_add_opaque(&r, "1", "zip");
	results_add_opaque(&r, "2", "zip");
	assert_int_equal(results_finish(&r)->opaque_count, 2);
	for (int i = 0; i < 2 * RESULTS_OPAQUE_MAX; i++) {
		char part[16];
		snprintf(part, sizeof part, "3.%d", i);
		results_add_opaque(&r, part, "depth");
	}
	assert_int_equal(results_finish(&r)->opaque_count, RESULTS_OPAQUE_MAX);
	close_results(&r, rules);
}

static void test_an_unread_header_counts_however_much_else_is_unread(void **state)
{
	struct inspect_rules *rules;
	struct results r;
	(void)state;

	open_results(&r, &rules, "subject = \"x\";");
	for (int i = 0; i < 2 * RESULTS_OPAQUE_MAX; i++) {
		char part[16];
		snprintf(part, sizeof part, "3.%d", i);
		results_add_opaque(&r, part, "depth");
	}
	assert_false(results_finish(&r)->most[0]);
	results_add_opaque(&r, "", "memory");
	assert_true(results_finish(&r)->most[0]);
	close_results(&r, rules);
}

/* A test of `not` lifts protection: what is not known to be high does not. */
static const struct {
	const char *says, *values[3]; /* of the test in not */
	unsigned min_unique;
	bool seen, sure;
} lifted[] = {
	{ "nothing there", { NULL }, 1, true, true },
	{ "what lifts it", { "RED" }, 1, false, false },
	{ "too low for that", { "GREEN" }, 1, true, true },
	{ "a value that no scale knows", { "PURPLE" }, 1, true, false },
	{ "and one that it knows", { "PURPLE", "RED" }, 1, false, false },
	{ "two, as many as must be", { "RED", "AMBER" }, 2, false, false },
	{ "two, one of them not known", { "RED", "PURPLE" }, 2, true, false },
	{ "three, one of them not known", { "PURPLE", "AMBER", "RED" }, 2, true, false },
};

static void test_what_a_not_names_is_told_by_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lifted); i++) {
		struct inspect_rules *rules;
		struct results r;
		struct sighting s = seen(SLICE("abcdefgh"), 2, 4, "cdef");
		char text[300];

		snprintf(text, sizeof text,
			 "markers = ( { name = \"m\"; any = ( { body = \"x\"; } ); not = ( { "
			 "detector = \"tlp\"; at_least = \"AMBER\"; scale = \"tlp\"; min_unique = "
			 "%u; } ); } );",
			 lifted[i].min_unique);
		rules = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		assert_int_equal(results_init(&r, rules), RC_OK);
		results_add(&r, 0, &s);
		for (size_t k = 0; k < 3 && lifted[i].values[k]; k++) {
			s = seen(SLICE("TLP:RED"), k, 3, lifted[i].values[k]);
			results_add(&r, 1, &s);
		}
		const struct inspect_findings *f = results_finish(&r);
		if (f->hit[0] != lifted[i].seen || f->sure[0] != lifted[i].sure ||
		    f->count != lifted[i].seen)
			fail_msg("%s: %d %d %zu", lifted[i].says, f->hit[0], f->sure[0], f->count);
		close_results(&r, rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_unique_values_are_counted),
		cmocka_unit_test(test_a_marker_that_does_not_hold_tells_nothing),
		cmocka_unit_test(test_the_same_place_is_told_once),
		cmocka_unit_test(test_opaque_entries),
		cmocka_unit_test(test_an_unread_header_counts_however_much_else_is_unread),
		cmocka_unit_test(test_what_a_not_names_is_told_by_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
