#include "inspect/fingerprintmake.h"

#include "support/scratched.h"
#include "support/unit.h"

static const char *const enough = "one two three four five six seven eight nine ten eleven twelve "
				  "thirteen fourteen fifteen sixteen seventeen eighteen nineteen";

static void test_documents_that_are_kept(void **state)
{
	struct fingerprint_summary sum;
	struct fingerprint_make *m;
	struct fingerprint *f;
	struct fault why;
	char name[200];
	(void)state;

	assert_int_equal(fingerprint_make_new("", &m, &why), RC_OK);
	assert_int_equal(fingerprint_make_write(m, scratch_path(&scratch, "i"), &why), RC_ABSENT);
	fingerprint_make_text(m, slice_of("only a few words"));
	assert_int_equal(fingerprint_make_end(m, "a", &sum, &why), RC_ABSENT);
	assert_string_equal(why.text, "it has 4 words, too few to know it by");
	fingerprint_make_text(m, slice_of("one two three four five six seven eight nine ten"));
	assert_int_equal(fingerprint_make_end(m, "a", &sum, &why), RC_ABSENT);
	fingerprint_make_text(m, slice_of(enough));
	memset(name, 'n', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(fingerprint_make_end(m, name, &sum, &why), RC_OK);
	assert_int_equal(sum.words, 19);
	assert_int_equal(sum.kept, 16);
	/* The same, but no run goes on over the end of a text. */
	fingerprint_make_text(m, slice_of(enough));
	fingerprint_make_break(m);
	fingerprint_make_text(m, slice_of(enough));
	assert_int_equal(fingerprint_make_end(m, "b", &sum, &why), RC_OK);
	assert_int_equal(sum.words, 38);
	assert_int_equal(sum.kept, 16);
	assert_int_equal(fingerprint_make_write(m, scratch_path(&scratch, "i"), &why), RC_OK);
	fingerprint_make_free(m);
	assert_int_equal(fingerprint_open(scratch.path, "", &f, &why), RC_OK);
	assert_int_equal(fingerprint_count(f), 2);
	assert_int_equal(strlen(fingerprint_name(f, 0)), FINGERPRINT_NAME - 1);
	fingerprint_free(f);
}

static void test_bounds(void **state)
{
	struct fingerprint_summary sum;
	struct fingerprint_make *m;
	struct fault why;
	enum rc rc = RC_OK;
	size_t count = 0;
	(void)state;

	assert_int_equal(fingerprint_make_new("", &m, &why), RC_OK);
	while (rc == RC_OK && count <= FINGERPRINT_TEXTS_MAX) {
		fingerprint_make_text(m, slice_of(enough));
		rc = fingerprint_make_end(m, "a", &sum, &why);
		count++;
	}
	assert_int_equal(rc, RC_LIMIT);
	assert_int_equal(count, FINGERPRINT_TEXTS_MAX + 1);
	fingerprint_make_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_that_are_kept),
		cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests(tests, scratch_set_up, scratch_drop);
}
