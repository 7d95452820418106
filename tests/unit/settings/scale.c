#include "settings/scale.h"

#include "support/unit.h"

#include <stdio.h>

static enum rc read_one(const char *scale, struct arena *arena, struct rules_scale *out,
			struct fault *why)
{
	char text[500];
	struct tree *tree;

	snprintf(text, sizeof text, "s = { %s };", scale);
	enum rc rc = tree_parse(slice_of(text), "n", &tree, why);
	if (rc != RC_OK)
		return rc;
	struct reader r = { .tree = tree, .arena = arena, .folder = "/folder", .why = why };
	*out = (struct rules_scale){ 0 };
	rc = scale_read(&r, config_setting_get_member(tree_root(tree), "s"), out);
	tree_free(tree);
	return rc;
}

static void test_steps_of_one_value_or_more(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct rules_scale s;
	struct fault why;
	(void)state;

	assert_int_equal(read_one("name = \"ours\"; order = ( \"a\", [ \"b\", \"B2\" ], \"c\" );",
				  arena, &s, &why),
			 RC_OK);
	assert_string_equal(s.name, "ours");
	assert_int_equal(s.count, 3);
	assert_int_equal(s.steps[0].count, 1);
	assert_string_equal(s.steps[1].at[1], "B2");
	assert_int_equal(s.place.line, 1);
	assert_int_equal(read_one("name = \"x\"; order = [ \"a\", \"b\" ];", arena, &s, &why),
			 RC_OK);
	assert_int_equal(s.count, 2);
	arena_free(arena);
}

static const struct {
	const char *name, *text, *why;
} wrong[] = {
	{ "no name", "order = [ \"a\" ];", "n:1: a scale needs name" },
	{ "no order", "name = \"x\";", "n:1: a scale needs order" },
	{ "no list", "name = \"x\"; order = \"a\";", "n:1: order is a text: expected ( VALUE" },
	{ "no step", "name = \"x\"; order = [ ];", "n:1: order has 0 steps" },
	{ "an empty step", "name = \"x\"; order = ( \"a\", [ ] );", "n:1: order is an empty list" },
	{ "a number", "name = \"x\"; order = ( 1 );", "n:1: order" },
	{ "a value twice in a step", "name = \"x\"; order = ( [ \"a\", \"A\" ] );",
	  "n:1: order has \"A\" twice" },
	{ "a value in two steps", "name = \"x\"; order = ( [ \"a\", \"b\" ], \"c\", \"B\" );",
	  "n:1: order has \"B\" twice" },
};

static void test_what_is_no_scale_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct rules_scale s;
		struct fault why = { "" };
		if (read_one(wrong[i].text, arena, &s, &why) != RC_INVALID ||
		    strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: %s", wrong[i].name, why.text);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_of_one_value_or_more),
		cmocka_unit_test(test_what_is_no_scale_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
