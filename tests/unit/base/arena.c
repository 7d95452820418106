#include "base/arena.h"

#include "support/unit.h"

static void test_zeroed_aligned_and_apart(void **state)
{
	(void)state;
	struct arena *a = arena_new(1 << 20);
	char *last = NULL;

	for (size_t size = 1; size < 3000; size += 7) {
		char *at = arena_alloc(a, size);
		assert_non_null(at);
		assert_int_equal((uintptr_t)at % 16, 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(at[i], 0);
		memset(at, 'x', size);
		assert_ptr_not_equal(at, last);
		last = at;
	}
	arena_free(a);
}

static void test_the_maximum_holds_and_reset_gives_it_back(void **state)
{
	(void)state;
	struct arena *a = arena_new(10000);

	for (int round = 0; round < 3; round++) {
		size_t got = 0;
		while (arena_alloc(a, 100))
			got += 100;
		assert_in_range(got, 7000, 10000);
		assert_null(arena_alloc(a, 20000));
		arena_reset(a);
	}
	arena_free(a);
}

static void test_products_are_checked(void **state)
{
	(void)state;
	struct arena *a = arena_new(SIZE_MAX);

	assert_null(arena_array(a, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(a, SIZE_MAX));
	arena_free(a);
}

static void test_text(void **state)
{
	(void)state;
	struct arena *a = arena_new(4096);

	assert_string_equal(arena_text(a, SLICE("abc")), "abc");
	assert_string_equal(arena_text(a, (struct slice){ 0 }), "");
	assert_string_equal(arena_format(a, "%s-%d", "n", 7), "n-7");
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zeroed_aligned_and_apart),
		cmocka_unit_test(test_the_maximum_holds_and_reset_gives_it_back),
		cmocka_unit_test(test_products_are_checked),
		cmocka_unit_test(test_text),
	};
	return cmocka_run_group_tests_name("base/arena", tests, NULL, NULL);
}
