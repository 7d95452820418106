#include "inspect/exactmake.h"

#include "support/scratched.h"
#include "support/unit.h"

static void add(struct exact_make *m, const char *a, const char *b, enum rc want)
{
	const struct slice cells[] = { slice_of(a), slice_of(b) };
	struct fault why = { "" };

	if (exact_make_row(m, cells, &why) != want)
		fail_msg("%s, %s: %s", a, b, why.text);
}

static void test_rows_that_are_kept(void **state)
{
	struct exact_summary sum;
	struct exact_make *m;
	struct fault why;
	(void)state;

	assert_int_equal(exact_make_new(2, 2, "", &m, &why), RC_OK);
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "i"), &sum, &why), RC_ABSENT);
	add(m, "Jane", "4711", RC_OK);
	add(m, "John", "", RC_OK);     /* one value of two */
	add(m, "Same", "same", RC_OK); /* one value, twice */
	add(m, "Xu", "12345", RC_OK);  /* a value that is too short */
	add(m, "J\xFFhn", "1", RC_INVALID);
	add(m, "Rosa", "0815", RC_OK);
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "i"), &sum, &why), RC_OK);
	assert_int_equal(sum.rows, 2);
	assert_int_equal(sum.cells, 4);
	assert_int_equal(sum.thin_rows, 3);
	assert_int_equal(sum.passed_over, 1);
	assert_int_equal(sum.unled_rows, 0);
	exact_make_free(m);
	exact_make_free(NULL);
}

/* Many rows, all of them found again by their numbers. */
static void on_row(void *of, const struct exact_hit *hit)
{
	*(uint32_t *)of = hit->row;
}

static void test_ten_thousand_rows(void **state)
{
	enum { ROWS = 10000 };
	struct exact_state *s = calloc(1, sizeof *s);
	struct exact_summary sum;
	struct exact_make *m;
	struct exact *e;
	struct fault why;
	char text[32];
	(void)state;

	assert_int_equal(exact_make_new(2, 1, "", &m, &why), RC_OK);
	for (unsigned i = 0; i < ROWS; i++) {
		snprintf(text, sizeof text, "%u", 7000000 + 31 * i);
		add(m, "everybody", text, RC_OK);
	}
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "i"), &sum, &why), RC_OK);
	assert_int_equal(sum.rows, ROWS);
	assert_int_equal(exact_open(scratch.path, "", &e, &why), RC_OK);
	s->index = e;
	for (unsigned i = 0; i < ROWS; i++) {
		struct mime_tokens tokens;
		uint32_t row = ROWS;
		snprintf(text, sizeof text, "%u", 7000000 + 31 * i);
		struct slice rest = slice_of(text);
		mime_tokens_begin(&tokens);
		exact_begin(s);
		assert_null(mime_token_take(&tokens, &rest));
		exact_take(s, mime_token_end(&tokens), on_row, &row);
		exact_advance(s, UINT64_MAX, on_row, &row);
		assert_int_equal(row, i);
	}
	exact_make_free(m);
	exact_free(e);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_that_are_kept),
		cmocka_unit_test(test_ten_thousand_rows),
	};
	return cmocka_run_group_tests(tests, scratch_set_up, scratch_drop);
}
