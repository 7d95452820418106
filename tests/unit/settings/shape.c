#include "settings/shape.h"

#include "support/unit.h"

/* The whole grammar is shown through tests/unit/settings/rules.c; here stand the
 * words, which must be those of the contract, and the bounds. */

static void test_words_are_those_of_the_contract(void **state)
{
	(void)state;
	static const char *const rungs[] = { "encrypt", "rewrite", "divert",
					     "hold",    "defer",   "refuse" };

	for (unsigned i = 0; i < COUNT(rungs); i++)
		assert_string_equal(rules_rung_name((enum rules_rung)i), rungs[i]);
	assert_int_equal(COUNT(rungs), RULES_RUNGS_MAX);
	assert_string_equal(rules_factor_name(RULES_FACTOR_PHRASE), "phrase");
	assert_string_equal(rules_factor_name(RULES_FACTOR_CODE), "code");
	assert_string_equal(rules_factor_name(RULES_FACTOR_LINK), "link");
	assert_string_equal(rules_require_name(RULES_REQUIRE_NONE), "");
	assert_string_equal(rules_require_name(RULES_REQUIRE_AUTHENTICATED), "authenticated");
	assert_string_equal(rules_require_name(RULES_REQUIRE_REQUIRETLS), "requiretls");
}

static enum rc shaped(struct buf *text, struct rules *rules, struct arena *arena, struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_parse(buf_slice(text), "n", &tree, why);

	if (rc != RC_OK)
		return rc;
	struct reader r = { .tree = tree, .arena = arena, .folder = "/folder", .why = why };
	struct shape shape = { .include_count = 0 };
	rc = shape_read(&r, &shape);
	*rules = shape.rules;
	tree_free(tree);
	return rc;
}

static void test_a_list_has_a_most(void **state)
{
	(void)state;
	for (int over = 0; over <= 1; over++) {
		struct buf text = BUF_INIT(1 << 20);
		struct arena *arena = arena_new(16 << 20);
		struct rules rules = { 0 };
		struct fault why = { "" };

		(void)!buf_add_text(&text, "rules = (");
		for (int i = 0; i < RULES_RULES_MAX + over; i++)
			(void)!buf_addf(&text,
					"%s{ name = \"%d\"; require = \"requiretls\"; "
					"otherwise = [ \"hold\" ]; }",
					i ? "," : "", i);
		(void)!buf_add_text(&text, ");");
		assert_int_equal(buf_state(&text), RC_OK);
		assert_int_equal(shaped(&text, &rules, arena, &why), over ? RC_INVALID : RC_OK);
		if (over)
			assert_string_equal(why.text,
					    "n:1: rules has 1001 entries: expected at most 1000");
		else
			assert_int_equal(rules.rule_count, RULES_RULES_MAX);
		arena_free(arena);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_those_of_the_contract),
		cmocka_unit_test(test_a_list_has_a_most),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
