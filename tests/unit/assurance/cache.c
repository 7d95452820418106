#include "assurance/cache.h"

#include "support/unit.h"

static void keep(struct assurance_cache *cache, const char *key, int64_t until)
{
	const struct assurance like = { .domain = key, .level = ASSURANCE_NONE, .until = until };
	const struct assurance *a = assurance_make(&like);

	assurance_cache_keep(cache, key, a);
	assurance_unref(a);
}

static void test_until(void **state)
{
	(void)state;
	struct assurance_cache *cache = assurance_cache_new(10);

	keep(cache, "a.test", 1000);
	assert_string_equal(assurance_cache_find(cache, "a.test", 999)->domain, "a.test");
	assert_null(assurance_cache_find(cache, "b.test", 999));
	assert_null(assurance_cache_find(cache, "a.test", 1000));
	assert_int_equal(assurance_cache_count(cache), 0);

	keep(cache, "a.test", 100000); /* the clock was set back by more than a day */
	assert_null(assurance_cache_find(cache, "a.test", 1000));
	assurance_cache_free(cache);
}

static void test_replaced_and_forgotten(void **state)
{
	(void)state;
	struct assurance_cache *cache = assurance_cache_new(10);

	keep(cache, "a.test", 1000);
	keep(cache, "a.test", 1100);
	assert_int_equal(assurance_cache_count(cache), 1);
	assert_int_equal(assurance_cache_find(cache, "a.test", 999)->until, 1100);
	assurance_cache_forget(cache, "a.test");
	assurance_cache_forget(cache, "a.test");
	assert_null(assurance_cache_find(cache, "a.test", 999));
	keep(cache, "b.test", 1000);
	assurance_cache_clear(cache);
	assert_int_equal(assurance_cache_count(cache), 0);
	assurance_cache_free(cache);
}

static void test_full_drops_what_was_used_longest_ago(void **state)
{
	(void)state;
	struct assurance_cache *cache = assurance_cache_new(3);

	keep(cache, "a.test", 1000);
	keep(cache, "b.test", 1000);
	keep(cache, "c.test", 1000);
	assert_non_null(assurance_cache_find(cache, "a.test", 1));
	keep(cache, "d.test", 1000);
	assert_int_equal(assurance_cache_count(cache), 3);
	assert_null(assurance_cache_find(cache, "b.test", 1));
	assert_non_null(assurance_cache_find(cache, "a.test", 1));
	assert_non_null(assurance_cache_find(cache, "c.test", 1));
	assert_non_null(assurance_cache_find(cache, "d.test", 1));
	assurance_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_replaced_and_forgotten),
		cmocka_unit_test(test_full_drops_what_was_used_longest_ago),
	};
	return cmocka_run_group_tests_name("assurance/cache", tests, NULL, NULL);
}
