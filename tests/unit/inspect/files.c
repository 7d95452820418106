#include "inspect/files.h"

#include "support/scratch.h"
#include "support/unit.h"

#include <stdio.h>

static struct slice hash_of(struct files *f, const char *text)
{
	files_begin(f, true);
	files_add(f, slice_of(text));
	return files_end(f, SLICE("a")).hash;
}

static void test_a_file_as_it_comes(void **state)
{
	struct files f = { 0 };
	(void)state;

	files_begin(&f, false);
	files_add(&f, SLICE("%PD"));
	files_add(&f, SLICE("F-1.7"));
	struct files_seen seen = files_end(&f, SLICE("a.pdf"));
	assert_int_equal(seen.bytes, 8);
	assert_string_equal(seen.type, "pdf");
	assert_int_equal(seen.hash.len, 0);
	assert_true(slice_is(hash_of(&f, "abc"),
			     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	files_begin(&f, true); /* one that is not ended */
	files_fini(&f);
}

static enum rc read_list(const char *text, struct files_list **out, struct fault *why)
{
	struct scratch scratch;
	assert_true(scratch_make(&scratch));
	const char *path = scratch_path(&scratch, "list");
	struct rules_test test = { .place = { "rules.conf", 7 }, .file = path };

	if (text) {
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	enum rc rc = files_list_read(&test, out, why);
	scratch_remove(&scratch);
	return rc;
}

static void test_lists(void **state)
{
	struct files_list *l = NULL;
	struct files f = { 0 };
	struct fault why;
	(void)state;

	assert_int_equal(
		read_list("# known\n\n"
			  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  "
			  "abc.txt\n"
			  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			  &l, &why),
		RC_OK);
	assert_true(files_list_has(l, hash_of(&f, "abc")));
	assert_true(files_list_has(l, hash_of(&f, "")));
	assert_false(files_list_has(l, hash_of(&f, "abd")));
	assert_false(files_list_has(l, SLICE("")));
	files_list_free(l);
	files_fini(&f);
}

static void test_lists_that_cannot_be_read(void **state)
{
	struct files_list *l = NULL;
	struct fault why;
	(void)state;

	assert_int_equal(read_list("abc\n", &l, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "list:1: a line is a SHA-256 of 64 digits"));
	assert_int_equal(
		read_list("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550\n", &l,
			  &why),
		RC_INVALID);
	assert_int_equal(read_list(NULL, &l, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "rules.conf:7: "));
	assert_null(l);
}

static void test_aspects(void **state)
{
	const struct rules_test size = { .min_bytes = 100 };
	struct files_seen f = { SLICE("a.pdf"), 100, "zip", { 0 } };
	(void)state;

	assert_true(files_holds(FILES_NAME, &size, NULL, &f));
	assert_true(files_holds(FILES_TYPE, &size, NULL, &f));
	assert_true(files_holds(FILES_SIZE, &size, NULL, &f));
	assert_false(files_holds(FILES_HASHED, &size, NULL, &f));
	assert_false(files_holds(FILES_NONE, &size, NULL, &f));
	f = (struct files_seen){ SLICE(""), 99, "zip", { 0 } };
	assert_false(files_holds(FILES_NAME, &size, NULL, &f));
	assert_false(files_holds(FILES_TYPE, &size, NULL, &f));
	assert_false(files_holds(FILES_SIZE, &size, NULL, &f));
	f = (struct files_seen){ SLICE("a.pdf"), 10, "pdf", { 0 } };
	assert_false(files_holds(FILES_TYPE, &size, NULL, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_as_it_comes),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_lists_that_cannot_be_read),
		cmocka_unit_test(test_aspects),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
