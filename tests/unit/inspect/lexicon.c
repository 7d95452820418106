#include "inspect/lexicon.h"

#include "support/scratch.h"
#include "support/unit.h"

static void test_words_are_kept_by_test(void **state)
{
	struct scratch scratch;
	struct lexicon l = { 0 };
	struct lexicon_state s = { 0 };
	struct fault why;
	(void)state;

	assert_true(scratch_make(&scratch));
	const char *path = scratch_path(&scratch, "list");
	struct rules_test test = { .place = { "rules.conf", 7 }, .file = path };
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("falcon\n", file);
	fclose(file);

	assert_int_equal(lexicon_add(&l, LEXICON_NONE, &test, 0, &why), RC_OK);
	assert_false(lexicon_is_there(&l));
	assert_int_equal(lexicon_add(&l, LEXICON_WORDS, &test, 3, &why), RC_OK);
	assert_int_equal(lexicon_add(&l, LEXICON_WORDS, &test, 5, &why), RC_OK);
	assert_true(lexicon_is_there(&l));
	assert_int_equal(words_count(l.words), 2);
	test.file = "/nowhere/list";
	assert_int_equal(lexicon_add(&l, LEXICON_WORDS, &test, 6, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "rules.conf:7: "));
	scratch_remove(&scratch);
	lexicon_fini(&l);
	assert_false(lexicon_is_there(&l));
	lexicon_state_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_kept_by_test),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
