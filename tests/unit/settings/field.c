#include "settings/field.h"

#include "support/unit.h"

enum colour { RED = 3, GREEN };

struct inner {
	unsigned number;
};

struct thing {
	const char *text, *file;
	struct rules_list texts;
	bool flag;
	unsigned number;
	uint64_t size;
	enum colour colour;
	struct inner inner;
};

static const char *no_x(const char *text)
{
	return strchr(text, 'x') ? "no x" : NULL;
}

static const struct field_word colours[] = { { "red", RED }, { "green", GREEN }, { NULL, 0 } };

static const struct field inner_fields[] = {
	{ "number", field_number, offsetof(struct inner, number), .max = 9, .required = true },
	{ 0 },
};

static const struct field fields[] = {
	{ "text", field_text, offsetof(struct thing, text), .check = no_x, .required = true },
	{ "file", field_file, offsetof(struct thing, file) },
	{ "texts", field_texts, offsetof(struct thing, texts), .check = no_x },
	{ "flag", field_flag, offsetof(struct thing, flag) },
	{ "number", field_number, offsetof(struct thing, number), .min = 2, .max = 5 },
	{ "size", field_size, offsetof(struct thing, size) },
	{ "colour", field_word, offsetof(struct thing, colour), .words = colours },
	{ "inner", field_group, offsetof(struct thing, inner), .fields = inner_fields,
	  .what = "an inner" },
	{ 0 },
};

static enum rc read_thing(const char *text, struct arena *arena, struct thing *thing,
			  struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_parse((struct slice){ text, strlen(text) }, "n", &tree, why);

	if (rc != RC_OK)
		return rc;
	struct reader r = { .tree = tree, .arena = arena, .folder = "/folder", .why = why };
	rc = field_read_all(&r, tree_root(tree), "a thing", fields, thing);
	tree_free(tree);
	return rc;
}

static void test_each_kind_of_field_is_read(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1 << 20);
	struct thing t = { 0 };
	struct fault why = { "" };

	assert_int_equal(read_thing("text = \"t\"; file = \"f\"; texts = [ \"a\", \"b\" ]; "
				    "flag = true; number = 5; size = 8000000000L; "
				    "colour = \"green\"; inner = { number = 0; };",
				    arena, &t, &why),
			 RC_OK);
	assert_string_equal(t.text, "t");
	assert_string_equal(t.file, "/folder/f");
	assert_int_equal(t.texts.count, 2);
	assert_string_equal(t.texts.at[1], "b");
	assert_true(t.flag);
	assert_int_equal(t.number, 5);
	assert_true(t.size == 8000000000u);
	assert_int_equal(t.colour, GREEN);
	assert_int_equal(t.inner.number, 0);

	assert_int_equal(read_thing("text = \"t\"; file = \"/f\";", arena, &t, &why), RC_OK);
	assert_string_equal(t.file, "/f");
	arena_free(arena);
}

static const struct {
	const char *text, *why;
} wrong[] = {
	{ "flag = true;", "n:0: a thing needs text" },
	{ "text = \"\";", "n:1: text must not be empty" },
	{ "text = \"x\";", "n:1: text is \"x\": expected no x" },
	{ "text = [ ];", "n:1: text is a list: expected a text in quotes" },
	{ "texts = [ \"a\", \"x\" ];", "n:1: texts is \"x\": expected no x" },
	{ "texts = \"a\";", "n:1: texts is a text: expected a list" },
	{ "texts = [ ];", "n:1: texts is an empty list" },
	{ "flag = \"yes\";", "n:1: flag is a text: expected true or false" },
	{ "number = 6;", "n:1: number is 6: expected 2 to 5" },
	{ "number = 1;", "n:1: number is 1: expected 2 to 5" },
	{ "number = 2.5;", "n:1: number is a number with a fraction: expected a whole number" },
	{ "size = 0;", "n:1: size is 0: expected 1 or more" },
	{ "size = -1L;", "n:1: size is -1: expected 1 or more" },
	{ "colour = \"gren\";", "n:1: colour is \"gren\"; did you mean \"green\"?" },
	{ "colour = \"mauve\";", "n:1: colour is \"mauve\": expected one of \"red\", \"green\"" },
	{ "colour = 3;", "n:1: colour is a number: expected a word in quotes" },
	{ "\ninner = { };", "n:2: an inner needs number" },
	{ "inner = 3;", "n:1: an inner is { NAME = VALUE; }: this is a number" },
	{ "inner = { nummer = 1; };",
	  "n:1: nummer is not known in an inner; did you mean number?" },
	{ "zzz = 1;", "n:1: zzz is not known in a thing" },
};

static void test_what_is_wrong_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct thing t = { 0 };
		struct fault why = { "" };

		assert_int_equal(read_thing(wrong[i].text, arena, &t, &why), RC_INVALID);
		if (strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: %s", wrong[i].text, why.text);
		arena_free(arena);
	}
}

static void test_memory_that_is_out_is_said(void **state)
{
	(void)state;
	struct arena *arena = arena_new(8);
	struct thing t = { 0 };
	struct fault why = { "" };

	assert_int_equal(read_thing("texts = [ \"a\", \"b\", \"c\" ];", arena, &t, &why), RC_NOMEM);
	assert_string_equal(why.text, "out of memory for the rules");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_field_is_read),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_memory_that_is_out_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
