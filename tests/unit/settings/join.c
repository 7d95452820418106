#include "settings/join.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define M(name) "markers = ( { name = \"" name "\"; any = ( { body = \"x\"; } ); } );\n"
#define R(name, rest)                                                                              \
	"rules = ( { name = \"" name                                                               \
	"\"; require = \"authenticated\"; otherwise = [ \"hold\" ]; " rest " } );\n"

/* A folder with files in it, for one row. */
struct folder {
	char path[40], sub[50];
	size_t count;
	char *files[80];
};

static void folder_make(struct folder *f)
{
	*f = (struct folder){ .path = "/tmp/postern-join-XXXXXX" };
	assert_non_null(mkdtemp(f->path));
	snprintf(f->sub, sizeof f->sub, "%s/rules.d", f->path);
	assert_int_equal(file_make_folder(f->sub, 0700, NULL), RC_OK);
}

static void folder_put(struct folder *f, const char *name, const char *text)
{
	struct fault why;

	assert_true(f->count < COUNT(f->files));
	assert_true(asprintf(&f->files[f->count], "%s/%s", f->path, name) > 0);
	assert_int_equal(file_replace(f->files[f->count++], slice_of(text), 0600, &why), RC_OK);
}

static void folder_remove(struct folder *f)
{
	for (size_t i = 0; i < f->count; i++) {
		unlink(f->files[i]);
		free(f->files[i]);
	}
	rmdir(f->sub);
	rmdir(f->path);
}

static enum rc read_folder(const struct folder *f, const struct rules **out, struct fault *why)
{
	CLEANUP(cleanup_free) char *path = NULL;

	assert_true(asprintf(&path, "%s/rules.conf", f->path) > 0);
	return rules_read(path, out, why);
}

static void test_lists_are_joined_in_order(void **state)
{
	(void)state;
	struct folder f;
	const struct rules *rules = NULL;
	struct fault why = { "" };

	folder_make(&f);
	folder_put(&f, "rules.conf",
		   "include = [ \"rules.d/b.conf\", \"./rules.d/a.conf\" ];\n" M("own")
			   R("own",
			     "when = { markers = [ \"b\" ]; };") "tests = ( { message = \"m.eml\"; "
								 "from = \"a@b\"; to = \"c@d\"; "
								 "expect = \"hold\"; } );");
	folder_put(&f, "rules.d/a.conf",
		   R("a", "when = { markers = [ \"own\" ]; };") "destinations = ( { domain = "
								"\"d.example\"; assurance = "
								"\"authenticated\"; "
								"match = [ \"h.example\" ]; why = "
								"\"x\"; } );");
	folder_put(
		&f, "rules.d/b.conf",
		"include = [ \"c.conf\" ];\n" M("b")
			R("b", "") "tests = ( { message = \"m.eml\"; from = \"a@b\"; to = \"c@d\"; "
				   "expect = \"hold\"; expect_rule = \"own\"; at = "
				   "\"2026-12-01T09:00:00Z\"; } );");
	folder_put(&f, "rules.d/c.conf", R("c", "when = { to = [ \"./list.txt\" ]; };"));
	folder_put(&f, "rules.d/list.txt", "listed.example\n");
	if (read_folder(&f, &rules, &why) != RC_OK)
		fail_msg("%s", why.text);

	static const char *const order[] = { "own", "b", "c", "a" };
	assert_int_equal(rules->rule_count, COUNT(order));
	for (size_t i = 0; i < COUNT(order); i++)
		assert_string_equal(rules->rules[i].name, order[i]);
	assert_int_equal(rules->marker_count, 2);
	assert_int_equal(rules->destination_count, 1);
	assert_string_equal(rules->rules[2].when.to.at[0], "listed.example");
	assert_non_null(strstr(rules->rules[2].place.file, "/rules.d/c.conf"));
	assert_int_equal(rules->expectation_count, 2);
	assert_null(strstr(rules->expectations[0].message, "rules.d/"));
	assert_non_null(strstr(rules->expectations[1].message, "/rules.d/m.eml"));
	assert_string_equal(rules->expectations[0].rule, "");
	assert_false(rules->expectations[0].timed);
	assert_string_equal(rules->expectations[1].rule, "own");
	assert_true(rules->expectations[1].at_s == 1796115600);
	static const char *const bytes[] = { "\"own\"", "\"a\"", "\"b\"", "\"c\"",
					     "listed.example" };
	for (size_t i = 0; i < COUNT(bytes); i++)
		assert_non_null(
			memmem(rules->source.at, rules->source.len, bytes[i], strlen(bytes[i])));
	rules_unref(rules);
	folder_remove(&f);
}

static void test_what_includes_and_observes_observes_all_below(void **state)
{
	(void)state;
	struct folder f;
	const struct rules *rules = NULL;
	struct fault why = { "" };

	folder_make(&f);
	folder_put(&f, "rules.conf", "include = [ \"seen.conf\", \"other.conf\" ];" R("own", ""));
	folder_put(&f, "seen.conf",
		   "include = [ \"below.conf\" ]; mode = \"observe\";" M("strips") R("seen", ""));
	folder_put(&f, "below.conf", "mode = \"enforce\";" R("below", "mode = \"enforce\";"));
	folder_put(&f, "other.conf", R("other", ""));
	if (read_folder(&f, &rules, &why) != RC_OK)
		fail_msg("%s", why.text);
	static const enum rules_mode modes[] = { RULES_ENFORCE, RULES_OBSERVE, RULES_OBSERVE,
						 RULES_ENFORCE };
	for (size_t i = 0; i < COUNT(modes); i++)
		assert_int_equal(rules->rules[i].mode, modes[i]);
	assert_int_equal(rules->mode, RULES_ENFORCE);
	assert_true(rules->observes);
	assert_true(rules->markers[0].observed);
	rules_unref(rules);

	folder_put(&f, "rules.conf",
		   "mode = \"observe\"; include = [ \"other.conf\" ];" R("own", ""));
	assert_int_equal(read_folder(&f, &rules, &why), RC_OK);
	assert_int_equal(rules->mode, RULES_OBSERVE);
	assert_int_equal(rules->rules[0].mode, RULES_OBSERVE);
	assert_int_equal(rules->rules[1].mode, RULES_OBSERVE);
	rules_unref(rules);
	folder_remove(&f);
}

static const struct {
	const char *says, *rules, *a, *b; /* a.conf and b.conf, NULL: not there */
	enum rc rc;
	const char *why; /* behind the folder's path */
} wrong[] = {
	{ "a file that is not there", "\ninclude = [ \"c.conf\" ];", NULL, NULL, RC_INVALID,
	  "/rules.conf:2: " },
	{ "a folder", "\ninclude = [ \"rules.d\" ];", NULL, NULL, RC_INVALID, "/rules.conf:2: " },
	{ "an error in an included file", "include = [ \"a.conf\" ];", "\n\nrule = ( );", NULL,
	  RC_INVALID, "/a.conf:3: rule is not known in the rules file; did you mean rules?" },
	{ "broken syntax in an included file", "include = [ \"a.conf\" ];", "rules = (\n;", NULL,
	  RC_INVALID, "/a.conf:2: syntax error" },
	{ "an unclosed text", "include = [ \"a.conf\" ];", "\nrules = \"x", NULL, RC_INVALID,
	  "/a.conf:2: this text has no closing quote" },
	{ "two markers of one name", "include = [ \"a.conf\" ];\n\n" M("m"), "\n" M("m"), NULL,
	  RC_INVALID, "/a.conf:2: a marker \"m\" stands in " },
	{ "two rules of one name", "include = [ \"a.conf\", \"b.conf\" ];", R("r", ""),
	  "\n" R("r", ""), RC_INVALID, "/b.conf:2: a rule \"r\" stands in " },
	{ "a marker that is in no file", "include = [ \"a.conf\" ];",
	  "\n" R("r", "when = { markers = [ \"m\" ]; };"), NULL, RC_INVALID,
	  "/a.conf:2: markers names \"m\", which is no marker" },
	{ "a file that includes itself", "include = [ \"rules.conf\" ];", NULL, NULL, RC_INVALID,
	  "/rules.conf:1: " },
	{ "a circle of two", "include = [ \"a.conf\" ];", "\ninclude = [ \"./a.conf\" ];", NULL,
	  RC_INVALID, "/a.conf:2: " },
	{ "a circle of three", "include = [ \"a.conf\" ];", "include = [ \"b.conf\" ];",
	  "\n\ninclude = [ \"rules.d/../rules.conf\" ];", RC_INVALID, "/b.conf:3: " },
	{ "a file twice", "include = [ \"a.conf\",\n\"a.conf\" ];", "", NULL, RC_INVALID,
	  "/rules.conf:2: " },
	{ "an empty list", "include = [ ];", NULL, NULL, RC_INVALID,
	  "/rules.conf:1: include is an empty list" },
	{ "a text alone", "include = \"a.conf\";", "", NULL, RC_INVALID,
	  "/rules.conf:1: include is a text: expected a list" },
	{ "a rule that enforces where its file observes",
	  "mode = \"observe\";\n" R("r", "mode = \"enforce\";"), NULL, NULL, RC_INVALID,
	  "/rules.conf:2: this rule says mode = \"enforce\", and its file observes" },
	{ "a mode that is none", "mode = \"test\";", NULL, NULL, RC_INVALID,
	  "/rules.conf:1: mode is \"test\": expected one of \"enforce\", \"observe\"" },
};

static void test_what_is_wrong_is_named_with_file_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct rules *rules = NULL;
		struct fault why = { "" };
		struct folder f;

		folder_make(&f);
		folder_put(&f, "rules.conf", wrong[i].rules);
		if (wrong[i].a)
			folder_put(&f, "a.conf", wrong[i].a);
		if (wrong[i].b)
			folder_put(&f, "b.conf", wrong[i].b);
		enum rc rc = read_folder(&f, &rules, &why);
		if (rc != wrong[i].rc)
			fail_msg("%s: %d %s", wrong[i].says, rc, why.text);
		if (strncmp(why.text, f.path, strlen(f.path)) != 0 ||
		    strncmp(why.text + strlen(f.path), wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: \"%s\"", wrong[i].says, why.text);
		folder_remove(&f);
	}
}

/* A row of files, each of which includes the next, or one that includes all. */
static enum rc read_many(unsigned count, bool deep, struct fault *why)
{
	struct folder f;
	struct buf text = BUF_INIT(10000);
	const struct rules *rules = NULL;
	char name[20];

	folder_make(&f);
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof name, "%u.conf", i);
		buf_clear(&text);
		if (deep && i + 1 < count)
			(void)!buf_addf(&text, "include = [ \"%u.conf\" ];", i + 1);
		folder_put(&f, name, text.len ? buf_text(&text) : "");
	}
	buf_clear(&text);
	(void)!buf_add_text(&text, "include = [ \"0.conf\"");
	for (unsigned i = 1; !deep && i < count; i++)
		(void)!buf_addf(&text, ", \"%u.conf\"", i);
	(void)!buf_add_text(&text, " ];");
	folder_put(&f, "rules.conf", buf_text(&text));
	enum rc rc = read_folder(&f, &rules, why);
	rules_unref(rules);
	folder_remove(&f);
	buf_free(&text);
	return rc;
}

static void test_files_are_so_many_and_so_deep(void **state)
{
	(void)state;
	struct fault why = { "" };

	assert_int_equal(read_many(RULES_FILES_MAX, false, &why), RC_OK);
	assert_int_equal(read_many(RULES_FILES_MAX + 1, false, &why), RC_LIMIT);
	assert_non_null(strstr(why.text, "/rules.conf:1: "));
	assert_non_null(strstr(why.text, "/64.conf is one included file too many"));
	assert_int_equal(read_many(RULES_FILES_DEPTH_MAX, true, &why), RC_OK);
	assert_int_equal(read_many(RULES_FILES_DEPTH_MAX + 1, true, &why), RC_LIMIT);
	assert_non_null(strstr(why.text, "/7.conf:1: "));
	assert_non_null(strstr(why.text, "/8.conf lies too deep"));
}

static void test_lists_have_a_most_together(void **state)
{
	(void)state;
	struct folder f;
	struct buf text = BUF_INIT(1 << 20);
	const struct rules *rules = NULL;
	struct fault why = { "" };

	(void)!buf_add_text(&text, "rules = (");
	for (int i = 0; i < RULES_RULES_MAX; i++)
		(void)!buf_addf(&text,
				"%s{ name = \"%d\"; require = \"requiretls\"; "
				"otherwise = [ \"hold\" ]; }",
				i ? "," : "", i);
	(void)!buf_add_text(&text, ");");
	folder_make(&f);
	folder_put(&f, "a.conf", buf_text(&text));
	folder_put(&f, "rules.conf", "include = [ \"a.conf\" ];");
	assert_int_equal(read_folder(&f, &rules, &why), RC_OK);
	rules_unref(rules);
	folder_put(&f, "rules.conf", "include = [ \"a.conf\" ]; " R("one more", ""));
	assert_int_equal(read_folder(&f, &rules, &why), RC_LIMIT);
	assert_string_equal(why.text, "rules has 1001 entries in all files: expected at most 1000");
	folder_remove(&f);
	buf_free(&text);
}

static void test_text_from_memory_includes_nothing(void **state)
{
	(void)state;
	const struct rules *rules = NULL;
	struct fault why = { "" };

	assert_int_equal(rules_parse(SLICE("\ninclude = [ \"a.conf\" ];"), "f", &rules, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "f:2: no file can be included here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists_are_joined_in_order),
		cmocka_unit_test(test_what_includes_and_observes_observes_all_below),
		cmocka_unit_test(test_what_is_wrong_is_named_with_file_and_line),
		cmocka_unit_test(test_files_are_so_many_and_so_deep),
		cmocka_unit_test(test_lists_have_a_most_together),
		cmocka_unit_test(test_text_from_memory_includes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
