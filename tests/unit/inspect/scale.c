#include "inspect/scale.h"

#include "support/unit.h"

static const char *const steps_b[] = { "b", "beta" }, *const steps_a[] = { "a" },
			 *const steps_tlp[] = { "RED" };
static const struct rules_list ours[] = { { 1, steps_a }, { 2, steps_b } },
			       other_tlp[] = { { 1, steps_tlp } };
static const struct rules_scale scales[] = { { "ours", 2, ours, { "r", 1 } },
					     { "tlp", 1, other_tlp, { "r", 2 } } };

static const struct {
	const char *name, *scale, *at_least, *value;
	bool allows;
} rows[] = {
	{ "above", "au", "PROTECTED", "SECRET", true },
	{ "the same, in other letters", "au", "protected", "PROTECTED", true },
	{ "below", "au", "PROTECTED", "OFFICIAL:Sensitive", false },
	{ "an old level", "au", "PROTECTED", "CONFIDENTIAL", true },
	{ "an old level below", "au", "PROTECTED", "UNCLASSIFIED", false },
	{ "what nobody knows cannot be called low", "au", "PROTECTED", "ULTRA", true },
	{ "what broke its grammar neither", "au", "PROTECTED", "", true },
	{ "UK", "uk", "SECRET", "OFFICIAL-SENSITIVE", false },
	{ "UK, the highest", "uk", "SECRET", "TOP SECRET", true },
	{ "a NATO label", "nato", "NATO SECRET", "NATO/COSMIC TOP SECRET", true },
	{ "a NATO label below", "nato", "SECRET", "NATO/RESTRICTED", false },
	{ "a NATO marking", "nato", "NATO/SECRET", "nato secret", true },
	{ "sensitivity", "sensitivity", "private", "personal", false },
	{ "our own", "ours", "beta", "b", true },
	{ "our own, below", "ours", "b", "a", false },
	{ "our own of a ready-made one's name", "tlp", "RED", "AMBER", true },
};

static void test_steps(void **state)
{
	const struct rules rules = { .scale_count = 2, .scales = scales };
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rules_test t = { .scale = rows[i].scale, .at_least = rows[i].at_least };
		const struct rules_scale *scale = NULL;
		struct fault why = { "" };
		if (scale_for(&rules, &t, &scale, &why) != RC_OK || !scale ||
		    scale_allows(&t, scale, slice_of(rows[i].value)) != rows[i].allows)
			fail_msg("%s: %s", rows[i].name, why.text);
	}
}

static void test_an_order_of_its_own(void **state)
{
	static const char *const order[] = { "low", "high" };
	const struct rules rules = { 0 };
	struct rules_test t = { .scale = "", .at_least = "high", .order = { 2, order } };
	const struct rules_scale *scale = &scales[0];
	struct fault why;
	(void)state;

	assert_int_equal(scale_for(&rules, &t, &scale, &why), RC_OK);
	assert_null(scale);
	assert_false(scale_allows(&t, NULL, SLICE("LOW")));
	assert_true(scale_allows(&t, NULL, SLICE("High")));
	assert_true(scale_knows(&t, NULL, SLICE("LOW")));
	assert_true(scale_allows(&t, NULL, SLICE("other")));
	assert_false(scale_knows(&t, NULL, SLICE("other")));
	t.at_least = "";
	assert_true(scale_allows(&t, NULL, SLICE("low")));
}

static void test_what_is_missing_is_told(void **state)
{
	const struct rules rules = { 0 };
	struct rules_test t = { .scale = "ours", .at_least = "a", .place = { "rules.conf", 7 } };
	const struct rules_scale *scale;
	struct fault why;
	(void)state;

	assert_int_equal(scale_for(&rules, &t, &scale, &why), RC_INVALID);
	assert_string_equal(why.text, "rules.conf:7: there is no scale \"ours\"");
	t.scale = "tlp";
	assert_int_equal(scale_for(&rules, &t, &scale, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "rules.conf:7: at_least is \"a\", which the scale does not list");
}

/* Each value of a ready-made scale stands there once, and each step is told from the next. */
static void test_ready_made_ones_are_sound(void **state)
{
	const struct rules_scale *s;
	(void)state;

	for (size_t i = 0; (s = scale_at(i)); i++)
		for (size_t k = 0; k + 1 < s->count; k++) {
			struct rules_test t = { .scale = s->name,
						.at_least = s->steps[k + 1].at[0] };
			for (size_t v = 0; v < s->steps[k].count; v++)
				assert_false(scale_allows(&t, s, slice_of(s->steps[k].at[v])));
			for (size_t v = 0; v < s->steps[k + 1].count; v++)
				assert_true(scale_allows(&t, s, slice_of(s->steps[k + 1].at[v])));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_an_order_of_its_own),
		cmocka_unit_test(test_what_is_missing_is_told),
		cmocka_unit_test(test_ready_made_ones_are_sound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
