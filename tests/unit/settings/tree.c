#include "settings/tree.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static const struct {
	const char *says, *text;
	enum rc rc;
	const char *why;
} texts[] = {
	{ "nothing", "", RC_OK, "" },
	{ "one setting", "a = 1;", RC_OK, "" },
	{ "comments of all kinds", "# a @ \"\n// b \" {\n/* c \" ( */ a = 1;", RC_OK, "" },
	{ "signs within a text", "a = \"@ /* # { \\\" 99999999999\";", RC_OK, "" },
	{ "a number of 31 bits", "a = 2147483647;", RC_OK, "" },
	{ "one more", "a = 2147483648;", RC_INVALID, "n:1: this number is too large" },
	{ "below zero", "\na = -99999999999;", RC_INVALID, "n:2: this number is too large" },
	{ "with its L", "a = 99999999999L;", RC_OK, "" },
	{ "with its L, and still too large", "a = 99999999999999999999L;", RC_INVALID,
	  "n:1: this number is too large" },
	{ "in hexadecimal", "a = 0x7FFFFFFF;", RC_OK, "" },
	{ "one more in hexadecimal", "a = 0x80000000;", RC_INVALID,
	  "n:1: this number is too large" },
	{ "more digits in hexadecimal", "a = 0x100000000;", RC_INVALID,
	  "n:1: this number is too large" },
	{ "a fraction", "a = 12345678901.5;", RC_OK, "" },
	{ "a name with digits", "a99999999999 = 1;", RC_OK, "" },
	{ "a comment that never ends", "a = 1;\n/* b", RC_INVALID, "n:2: this comment never ends" },
	{ "a text that never ends", "a = \"b\nc", RC_INVALID,
	  "n:1: this text has no closing quote" },
	{ "an include", "@include \"x\"", RC_INVALID, "n:1: no file can be included here" },
	{ "an include that is none", "@inklude \"x\"", RC_INVALID, "n:1: @ begins nothing but" },
	{ "an include without its name", "@include \"x", RC_INVALID,
	  "n:1: expected @include \"FILE\"" },
	{ "twice the same", "a = 1;\na = 2;", RC_INVALID, "n:2: duplicate setting name" },
	{ "no syntax", "a = ;", RC_INVALID, "n:1: syntax error" },
};

static void test_texts_that_mislead_the_library_are_caught(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct tree *tree = NULL;
		struct fault why = { "" };
		enum rc rc = tree_parse(of(texts[i].text), "n", &tree, &why);

		if (rc != texts[i].rc || strncmp(why.text, texts[i].why, strlen(texts[i].why)) != 0)
			fail_msg("%s: %d %s", texts[i].says, (int)rc, why.text);
		assert_int_equal(rc == RC_OK, tree != NULL);
		tree_free(tree);
	}
}

static void test_a_nul_is_no_end(void **state)
{
	(void)state;
	struct tree *tree;
	struct fault why;

	assert_int_equal(tree_parse((struct slice){ "a = 1;\0b", 8 }, "n", &tree, &why),
			 RC_INVALID);
	assert_non_null(strstr(why.text, "NUL"));
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(100000);
	struct tree *tree;
	struct fault why;

	assert_int_equal(buf_add_text(&text, "a = "), RC_OK);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(buf_add_text(&text, "( "), RC_OK);
	assert_int_equal(tree_parse(buf_slice(&text), "n", &tree, &why), RC_LIMIT);
	assert_string_equal(why.text, "n:1: too many braces within braces");
	buf_free(&text);
}

/* ---- files ---- */

static char folder[] = "/tmp/postern-tree-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	struct fault why;

	assert_int_equal(file_replace(path_of(name), of(text), 0600, &why), RC_OK);
}

static enum rc read_top(struct tree **tree, struct fault *why)
{
	return tree_read(path_of("top.conf"), tree, why);
}

static void test_includes_are_relative_and_keep_their_lines(void **state)
{
	(void)state;
	struct tree *tree;
	struct fault why = { "" };

	put("top.conf", "a = 1;\n@include \"more.conf\"\nc = 3;\n");
	put("more.conf", "\n\nb = 2;\n");
	assert_int_equal(read_top(&tree, &why), RC_OK);

	const config_setting_t *b = config_setting_get_member(tree_root(tree), "b");
	const config_setting_t *c = config_setting_get_member(tree_root(tree), "c");
	assert_int_equal(tree_line(b), 3);
	assert_string_equal(tree_file(tree, b), path_of("more.conf"));
	assert_int_equal(tree_line(c), 3);
	assert_int_equal(tree_source(tree).len,
			 strlen("a = 1;\n@include \"more.conf\"\nc = 3;\n\n\nb = 2;\n"));
	assert_int_equal(tree_fault(tree, b, &why, "b is %d", 2), RC_INVALID);
	assert_non_null(strstr(why.text, "/more.conf:3: b is 2"));
	assert_string_equal(tree_file(tree, c), path_of("top.conf"));
	assert_string_equal(tree_type_name(b), "a number");
	tree_free(tree);
}

static const struct {
	const char *says, *top, *more;
	enum rc rc;
	const char *why;
} includes[] = {
	{ "a file that is not there", "\n@include \"none.conf\"\n", "", RC_INVALID,
	  "top.conf:2: there is no file " },
	{ "a folder, at which the library would exit", "@include \"folder\"\n", "", RC_INVALID,
	  "folder is not a file" },
	{ "a file of an absolute name", "@include \"/etc/passwd\"\n", "", RC_INVALID,
	  "top.conf:1: an included file is named relative to this one" },
	{ "a file that includes itself", "@include \"more.conf\"\n", "@include \"more.conf\"\n",
	  RC_LIMIT, "more.conf:1: too many included files, or one includes itself" },
	{ "a fault in an included file", "@include \"more.conf\"\n", "\na = 99999999999;\n",
	  RC_INVALID, "/more.conf:2: this number is too large" },
	{ "broken syntax in an included file", "@include \"more.conf\"\n", "\na = = 1;\n",
	  RC_INVALID, "/more.conf:2: syntax error" },
	{ "a name that ends in another's",
	  "@include \"folder/../more.conf\"\n@include "
	  "\"more.conf\"\n",
	  "\n=\n", RC_INVALID, "/folder/../more.conf:2: syntax error" },
};

static void test_includes_that_cannot_be(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path_of("folder"), 0700), 0);
	for (size_t i = 0; i < COUNT(includes); i++) {
		struct tree *tree = NULL;
		struct fault why = { "" };

		put("top.conf", includes[i].top);
		put("more.conf", includes[i].more);
		enum rc rc = read_top(&tree, &why);
		if (rc != includes[i].rc || !strstr(why.text, includes[i].why))
			fail_msg("%s: %d %s", includes[i].says, (int)rc, why.text);
		assert_null(tree);
	}
	rmdir(path_of("folder"));
}

static void test_absent_and_too_large(void **state)
{
	(void)state;
	struct tree *tree;
	struct fault why;

	assert_int_equal(tree_read(path_of("none.conf"), &tree, &why), RC_ABSENT);
	put("top.conf", "a = 1;\n");
	assert_int_equal(truncate(path_of("top.conf"), 2 << 20), 0);
	assert_int_equal(read_top(&tree, &why), RC_LIMIT);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path_of("top.conf"));
	unlink(path_of("more.conf"));
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_that_mislead_the_library_are_caught),
		cmocka_unit_test(test_a_nul_is_no_end),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_includes_are_relative_and_keep_their_lines),
		cmocka_unit_test(test_includes_that_cannot_be),
		cmocka_unit_test(test_absent_and_too_large),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
