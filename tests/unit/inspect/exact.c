#include "inspect/exact.h"

#include "base/buf.h"
#include "inspect/exactmake.h"
#include "support/scratched.h"
#include "support/unit.h"

static const char *const table[][3] = {
	{ "Jane O'Hara", "47110815", "1980-03-05" },
	{ "John Doe", "12345678", "1971-12-24" },
	{ "Jane O'Hara", "11223344", "1990-01-01" },
	{ "Rosa Luz", "99887766", "1980-03-05" },
	{ "Ann", "", "" },
};

static void make(const char *path)
{
	struct exact_summary sum;
	struct exact_make *m;
	struct fault why;

	assert_int_equal(exact_make_new(3, 2, "", &m, &why), RC_OK);
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct slice cells[] = { slice_of(table[i][0]), slice_of(table[i][1]),
					       slice_of(table[i][2]) };
		assert_int_equal(exact_make_row(m, cells, &why), RC_OK);
	}
	assert_int_equal(exact_make_write(m, path, &sum, &why), RC_OK);
	assert_int_equal(sum.rows, 4);
	assert_int_equal(sum.thin_rows, 1);
	exact_make_free(m);
}

static void on_row(void *of, const struct exact_hit *hit)
{
	(void)!buf_addf(of, "%u/%u@%d ", hit->row, hit->columns, (int)hit->at);
}

static void match(struct exact_state *s, const char *text, struct buf *out)
{
	struct slice rest = slice_of(text);
	const struct mime_token *token;
	struct mime_tokens tokens;

	exact_begin(s);
	mime_tokens_begin(&tokens);
	while ((token = mime_token_take(&tokens, &rest)))
		exact_take(s, token, on_row, out);
	if ((token = mime_token_end(&tokens)))
		exact_take(s, token, on_row, out);
	exact_advance(s, UINT64_MAX, on_row, out);
}

static char far[3 * EXACT_SPAN];

static const struct {
	const char *name, *text, *out; /* rows, with how many of their columns */
} rows[] = {
	{ "a whole row", "Jane O'Hara, 4711 0815, born 5.3.1980", "0/3@0 2/1@0 3/1@29 " },
	{ "two of three", "pay 47110815 to jane o'hara", "0/2@4 2/1@16 " },
	{ "one value alone", "account 47110815", "0/1@8 " },
	{ "values of two rows", "John Doe and 47110815", "1/1@0 0/1@13 " },
	{ "a value that two rows share", "1980-03-05", "0/1@0 3/1@0 " },
	{ "one value twice", "47110815 47110815", "0/1@0 " },
	{ "too far apart", far, "1/1@0 " },
	{ "nothing", "hello", "" },
};

static void test_rows_of_a_text(void **state)
{
	struct exact_state *s = calloc(1, sizeof *s);
	struct exact *e;
	struct fault why;
	(void)state;

	memset(far, ' ', sizeof far - 1);
	memcpy(far, "John Doe", 8);
	memcpy(far + 2500, "12345678", 8);
	make(scratch_path(&scratch, "index"));
	assert_int_equal(exact_open(scratch.path, "", &e, &why), RC_OK);
	assert_int_equal(exact_columns(e), 3);
	assert_int_equal(exact_need(e), 2);
	s->index = e;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(1000);
		match(s, rows[i].text, &out);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
	assert_false(s->unread);
	exact_free(e);
	free(s);
}

/* What many share leads to nobody, but counts. */
static void test_values_that_many_share(void **state)
{
	struct exact_summary sum;
	struct exact_make *m;
	struct exact *e;
	struct exact_state *s = calloc(1, sizeof *s);
	struct buf out = BUF_INIT(1000);
	struct fault why;
	char number[16];
	(void)state;

	assert_int_equal(exact_make_new(2, 1, "", &m, &why), RC_OK);
	for (unsigned i = 0; i <= EXACT_SHARED_MAX; i++) {
		snprintf(number, sizeof number, "%u", 100000 + i);
		const struct slice cells[] = { SLICE("London"), slice_of(i ? number : "") };
		assert_int_equal(exact_make_row(m, cells, &why), RC_OK);
	}
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "index"), &sum, &why), RC_OK);
	assert_int_equal(sum.unled_rows, 1);
	assert_int_equal(exact_open(scratch.path, "", &e, &why), RC_OK);
	s->index = e;
	match(s, "London", &out);
	assert_string_equal(buf_text(&out), "");
	match(s, "London, 100007", &out);
	assert_string_equal(buf_text(&out), "7/2@8 ");
	buf_free(&out);
	exact_make_free(m);
	exact_free(e);
	free(s);
}

static void test_too_much_at_once_is_not_passed_over_in_silence(void **state)
{
	struct exact_summary sum;
	struct exact_make *m;
	struct exact *e;
	struct exact_state *s = calloc(1, sizeof *s);
	struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct fault why;
	(void)state;

	assert_int_equal(exact_make_new(1, 1, "", &m, &why), RC_OK);
	const struct slice cells[] = { SLICE("aaa") };
	for (size_t i = 0; i < EXACT_SHARED_MAX; i++)
		assert_int_equal(exact_make_row(m, cells, &why), RC_OK);
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "index"), &sum, &why), RC_OK);
	assert_int_equal(exact_open(scratch.path, "", &e, &why), RC_OK);
	s->index = e;
	for (size_t i = 0; i < EXACT_WORK_MAX / (EXACT_SHARED_MAX * (EXACT_ROW_WORK + 1)); i++)
		(void)!buf_add_text(&text, "aaa ");
	match(s, buf_text(&text), &out);
	assert_false(s->unread);
	match(s, "aaa aaa", &out);
	assert_true(s->unread);
	buf_free(&text);
	buf_free(&out);
	exact_make_free(m);
	exact_free(e);
	free(s);
}

/* A row of many columns costs as much as many rows. */
static void test_wide_rows_are_bounded_by_their_cells(void **state)
{
	enum { VALUES = EXACT_WORK_MAX / EXACT_COLUMNS_MAX / EXACT_SHARED_MAX };
	struct exact_summary sum;
	struct exact_make *m;
	struct exact *e;
	struct exact_state *s = calloc(1, sizeof *s);
	struct buf text = BUF_INIT(1 << 20), out = BUF_INIT(1 << 20);
	struct slice cells[EXACT_COLUMNS_MAX] = { SLICE("aaa") };
	struct fault why;
	(void)state;

	for (size_t i = 1; i < EXACT_COLUMNS_MAX; i++)
		cells[i] = SLICE("bbb ccc");
	assert_int_equal(exact_make_new(EXACT_COLUMNS_MAX, 1, "", &m, &why), RC_OK);
	for (size_t i = 0; i < EXACT_SHARED_MAX; i++)
		assert_int_equal(exact_make_row(m, cells, &why), RC_OK);
	assert_int_equal(exact_make_write(m, scratch_path(&scratch, "index"), &sum, &why), RC_OK);
	assert_int_equal(exact_open(scratch.path, "", &e, &why), RC_OK);
	s->index = e;
	for (size_t i = 0; i < VALUES; i++)
		(void)!buf_add_text(&text, "aaa ");
	match(s, buf_text(&text), &out);
	assert_true(s->unread);
	buf_free(&text);
	buf_free(&out);
	exact_make_free(m);
	exact_free(e);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_of_a_text),
		cmocka_unit_test(test_values_that_many_share),
		cmocka_unit_test(test_too_much_at_once_is_not_passed_over_in_silence),
		cmocka_unit_test(test_wide_rows_are_bounded_by_their_cells),
	};
	return cmocka_run_group_tests(tests, scratch_set_up, scratch_drop);
}
