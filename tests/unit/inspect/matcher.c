#include "inspect/matcher.h"

#include "base/buf.h"
#include "support/unit.h"

static void hear(void *of, unsigned id, uint64_t from, uint64_t to)
{
	assert_int_equal(buf_addf(of, "%u:%d-%d ", id, (int)from, (int)to), RC_OK);
}

static const struct rules_place place = { "rules.conf", 7 };
static const struct matcher_pattern patterns[] = {
	{ 3, "secure", .place = &place },
	{ 9, "caf\xC3\xA9", .once = true, .place = &place },
	{ 5, "^x$", .lines = true, .place = &place },
};

static struct matcher *compile(enum matcher_mode mode)
{
	struct matcher *m = NULL;
	struct fault why;

	assert_int_equal(matcher_compile(patterns, COUNT(patterns), mode, &m, &why), RC_OK);
	return m;
}

static struct matcher_pool *pool_for(const struct matcher *m)
{
	const struct matcher *const all[] = { NULL, m };
	struct matcher_pool *pool = NULL;

	assert_int_equal(matcher_pool_new(all, 2, &pool), RC_OK);
	return pool;
}

static void test_block(void **state)
{
	struct matcher *m = compile(MATCHER_BLOCK);
	struct matcher_pool *pool = pool_for(m);
	struct matcher_scratch *scratch = matcher_borrow(pool);
	struct buf out = BUF_INIT(256);
	(void)state;

	assert_true(matcher_scan(m, SLICE("SECURE Caf\xC3\x89 caf\xC3\xA9\nx\ny"), scratch, hear,
				 &out));
	assert_string_equal(buf_text(&out), "3:0-6 9:0-12 5:0-20 ");
	buf_clear(&out);
	assert_true(matcher_scan(m, SLICE(""), scratch, hear, &out));
	assert_int_equal(out.len, 0);
	matcher_give_back(pool, scratch);
	matcher_pool_free(pool);
	matcher_free(m);
	buf_free(&out);
}

static void test_spans_tell_the_start(void **state)
{
	struct matcher *m = compile(MATCHER_SPANS);
	struct matcher_pool *pool = pool_for(m);
	struct matcher_scratch *scratch = matcher_borrow(pool);
	struct buf out = BUF_INIT(256);
	(void)state;

	assert_true(matcher_scan(m, SLICE("is secure"), scratch, hear, &out));
	assert_string_equal(buf_text(&out), "3:3-9 ");
	matcher_give_back(pool, scratch);
	matcher_pool_free(pool);
	matcher_free(m);
	buf_free(&out);
}

static void test_a_stream_in_pieces_and_again(void **state)
{
	struct matcher *m = compile(MATCHER_STREAM);
	struct matcher_pool *pool = pool_for(m);
	struct matcher_scratch *scratch = matcher_borrow(pool);
	struct matcher_stream *s = matcher_stream_open(m);
	struct buf out = BUF_INIT(256);
	(void)state;

	for (int round = 0; round < 2; round++) {
		buf_clear(&out);
		assert_true(matcher_stream_scan(s, SLICE("is sec"), scratch, hear, &out));
		assert_true(matcher_stream_scan(s, SLICE("ure\nx"), scratch, hear, &out));
		assert_string_equal(buf_text(&out), "3:0-9 ");
		assert_true(matcher_stream_end(s, scratch, hear, &out));
		assert_string_equal(buf_text(&out), "3:0-9 5:0-11 ");
	}
	matcher_stream_free(s);
	matcher_give_back(pool, scratch);
	matcher_pool_free(pool);
	matcher_free(m);
	buf_free(&out);
}

static void test_the_pool_lends_what_came_back(void **state)
{
	struct matcher *m = compile(MATCHER_BLOCK);
	struct matcher_pool *pool = pool_for(m);
	(void)state;

	struct matcher_scratch *a = matcher_borrow(pool), *b = matcher_borrow(pool);
	assert_true(a && b && a != b);
	matcher_give_back(pool, a);
	assert_ptr_equal(matcher_borrow(pool), a);
	matcher_give_back(pool, a);
	matcher_give_back(pool, b);
	matcher_give_back(pool, NULL);
	matcher_pool_free(pool);
	matcher_free(m);
	matcher_free(NULL);
	matcher_pool_free(NULL);
	matcher_stream_free(NULL);
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *expression, *why;
	} rows[] = {
		{ "a(", "rules.conf:7: the expression \"a(\" does not compile: " },
		{ "(a)\\1", "rules.conf:7: the expression \"(a)\\1\" does not compile: " },
		{ "a*", "rules.conf:7: the expression \"a*\" matches the empty string" },
		{ "(a|)", "rules.conf:7: the expression \"(a|)\" matches the empty string" },
		{ "^", "rules.conf:7: the expression \"^\" matches the empty string" },
		{ "\xFF", "rules.conf:7: the expression \"?\" does not compile: " },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct matcher_pattern two[] = { patterns[0],
						 { 1, rows[i].expression, .place = &place } };
		struct matcher *m = NULL;
		struct fault why = { 0 };
		assert_int_equal(matcher_compile(two, 2, MATCHER_STREAM, &m, &why), RC_INVALID);
		assert_null(m);
		if (strncmp(why.text, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s: %s", rows[i].expression, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_spans_tell_the_start),
		cmocka_unit_test(test_a_stream_in_pieces_and_again),
		cmocka_unit_test(test_the_pool_lends_what_came_back),
		cmocka_unit_test(test_what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
