#include "inspect/lexicon.h"

#include "inspect/exactmake.h"
#include "inspect/fingerprintmake.h"
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

static void make_indexes(const char *exact, const char *print)
{
	const struct slice cells[] = { SLICE("Jane O'Hara"), SLICE("47110815") };
	struct fingerprint_summary known;
	struct fingerprint_make *texts;
	struct exact_summary sum;
	struct exact_make *rows;
	struct fault why;

	assert_int_equal(exact_make_new(2, 2, "", &rows, &why), RC_OK);
	assert_int_equal(exact_make_row(rows, cells, &why), RC_OK);
	assert_int_equal(exact_make_write(rows, exact, &sum, &why), RC_OK);
	exact_make_free(rows);
	assert_int_equal(fingerprint_make_new("", &texts, &why), RC_OK);
	fingerprint_make_text(texts,
			      SLICE("one two three four five six seven eight nine ten eleven"));
	assert_int_equal(fingerprint_make_end(texts, "t", &known, &why), RC_OK);
	assert_int_equal(fingerprint_make_write(texts, print, &why), RC_OK);
	fingerprint_make_free(texts);
}

static void test_an_index_is_opened_once(void **state)
{
	struct scratch scratch;
	struct lexicon l = { 0 };
	struct lexicon_state s = { 0 };
	struct fault why;
	char exact[400], print[400];
	(void)state;

	assert_true(scratch_make(&scratch));
	snprintf(exact, sizeof exact, "%s", scratch_path(&scratch, "exact"));
	snprintf(print, sizeof print, "%s", scratch_path(&scratch, "print"));
	make_indexes(exact, print);
	struct rules_test test = { .place = { "rules.conf", 7 }, .key = "", .index = exact };
	for (unsigned i = 0; i < LEXICON_TESTS_MAX; i++) {
		test.columns = i % 3; /* 0: the index's own */
		assert_int_equal(lexicon_add(&l, LEXICON_EXACT, &test, i, &why), RC_OK);
		assert_int_equal(l.exact_tests[i].need, i % 3 ? i % 3 : 2);
	}
	assert_int_equal(lexicon_add(&l, LEXICON_EXACT, &test, 99, &why), RC_LIMIT);
	assert_string_equal(why.text, "rules.conf:7: more than 64 tests of this detector");
	assert_int_equal(l.exact_count, 1);
	assert_int_equal(lexicon_before(&l), EXACT_SPAN);
	test.index = print;
	assert_int_equal(lexicon_add(&l, LEXICON_FINGERPRINT, &test, 1, &why), RC_OK);
	test.percent = 20;
	assert_int_equal(lexicon_add(&l, LEXICON_FINGERPRINT, &test, 2, &why), RC_OK);
	assert_int_equal(l.print_count, 1);
	assert_int_equal(l.print_tests[0].need, LEXICON_PERCENT);
	assert_int_equal(l.print_tests[1].need, 20);
	assert_true(lexicon_state_init(&s, &l));
	lexicon_state_begin(&s, &l);
	assert_int_equal(s.exact_count, 1);
	assert_int_equal(s.print_count, 2);
	lexicon_state_fini(&s);
	lexicon_fini(&l);
	scratch_remove(&scratch);
}

static void test_an_index_that_does_not_fit_is_told(void **state)
{
	struct scratch scratch;
	struct lexicon l = { 0 };
	struct fault why;
	char exact[400], print[400];
	(void)state;

	assert_true(scratch_make(&scratch));
	snprintf(exact, sizeof exact, "%s", scratch_path(&scratch, "exact"));
	snprintf(print, sizeof print, "%s", scratch_path(&scratch, "print"));
	make_indexes(exact, print);
	struct rules_test test = {
		.place = { "rules.conf", 7 }, .key = "", .index = exact, .columns = 3
	};
	assert_int_equal(lexicon_add(&l, LEXICON_EXACT, &test, 1, &why), RC_INVALID);
	assert_string_equal(why.text, "rules.conf:7: columns is 3, and the index has 2");
	assert_int_equal(lexicon_add(&l, LEXICON_FINGERPRINT, &test, 1, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "rules.conf:7: "));
	assert_non_null(strstr(why.text, "is not of the kind fingerprint"));
	test.index = print;
	assert_int_equal(lexicon_add(&l, LEXICON_EXACT, &test, 1, &why), RC_INVALID);
	test.key = "/nowhere/key";
	assert_int_equal(lexicon_add(&l, LEXICON_FINGERPRINT, &test, 1, &why), RC_INVALID);
	lexicon_fini(&l);
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_kept_by_test),
		cmocka_unit_test(test_an_index_is_opened_once),
		cmocka_unit_test(test_an_index_that_does_not_fit_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
