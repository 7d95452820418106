#include "inspect/window.h"

#include "support/unit.h"

enum { BEFORE = 16, AFTER = 8 };

static void put(struct window *w, const char *text, size_t len)
{
	size_t room;
	char *space = window_space(w, &room);

	assert_true(room >= len);
	memcpy(space, text, len);
	window_added(w, len);
}

static void test_what_is_kept(void **state)
{
	struct window w;
	size_t room;
	(void)state;

	assert_int_equal(window_init(&w, BEFORE, AFTER), RC_OK);
	window_begin(&w);
	put(&w, "0123456789", 10);
	assert_true(slice_is(window_fresh(&w), "0123456789"));
	window_scanned(&w);
	assert_int_equal(window_fresh(&w).len, 0);
	assert_int_equal(w.base, 0);
	for (int i = 0; i < 100; i++) {
		put(&w, "abcdefghij", 10);
		window_scanned(&w);
	}
	assert_int_equal(w.base + window_text(&w).len, 1010);
	assert_true(slice_is(window_text(&w), "ghijabcdefghijabcdefghij"));
	window_space(&w, &room);
	assert_int_equal(room, WINDOW_NEW);
	window_begin(&w);
	assert_int_equal(w.base + window_text(&w).len, 0);
	window_fini(&w);
}

static void test_candidates_wait_for_text(void **state)
{
	struct window w;
	struct window_candidate c;
	(void)state;

	assert_int_equal(window_init(&w, BEFORE, AFTER), RC_OK);
	window_begin(&w);
	put(&w, "0123456789", 10);
	assert_int_equal(window_add_candidate(&w, 1, 2), RC_OK);
	assert_int_equal(window_add_candidate(&w, 2, 9), RC_OK);
	assert_int_equal(window_add_candidate(&w, 3, 10), RC_OK);
	assert_true(window_is_ready(&w, 2));
	assert_false(window_is_ready(&w, 3));
	assert_true(window_take_candidate(&w, false, &c));
	assert_int_equal(c.id, 1);
	assert_false(window_take_candidate(&w, false, &c));
	put(&w, "0123456", 7);
	assert_true(window_take_candidate(&w, false, &c));
	assert_int_equal(c.id, 2);
	assert_false(window_take_candidate(&w, false, &c));
	assert_true(window_take_candidate(&w, true, &c));
	assert_int_equal(c.id, 3);
	assert_false(window_take_candidate(&w, true, &c));
	window_fini(&w);
}

static void test_candidates_have_a_limit(void **state)
{
	struct window w;
	(void)state;

	assert_int_equal(window_init(&w, BEFORE, AFTER), RC_OK);
	for (int i = 0; i < WINDOW_CANDIDATES; i++)
		assert_int_equal(window_add_candidate(&w, 0, 0), RC_OK);
	assert_int_equal(window_add_candidate(&w, 0, 0), RC_LIMIT);
	window_fini(&w);
	window_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_kept),
		cmocka_unit_test(test_candidates_wait_for_text),
		cmocka_unit_test(test_candidates_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
