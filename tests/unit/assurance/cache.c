#include "assurance/cache.h"

#include "support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void keep(struct assurance_cache *cache, const char *key, int64_t until)
{
	const struct assurance like = { .domain = key, .level = ASSURANCE_NONE, .until = until };
	const struct assurance *a = assurance_make(&like);

	assurance_cache_keep(cache, key, a);
	assurance_unref(a);
}

/* As the cache has it; the reference is let go at once, since the cache holds its own. */
static const struct assurance *find(struct assurance_cache *cache, const char *key, int64_t now_s)
{
	const struct assurance *a = assurance_cache_find(cache, key, now_s);

	assurance_unref(a);
	return a;
}

static void test_until(void **state)
{
	(void)state;
	struct assurance_cache *cache = assurance_cache_new(10);

	keep(cache, "a.test", 1000);
	assert_string_equal(find(cache, "a.test", 999)->domain, "a.test");
	assert_null(find(cache, "b.test", 999));
	assert_null(find(cache, "a.test", 1000));
	assert_int_equal(assurance_cache_count(cache), 0);

	keep(cache, "a.test", 100000); /* the clock was set back by more than a day */
	assert_null(find(cache, "a.test", 1000));
	assurance_cache_free(cache);
}

static void test_replaced_and_forgotten(void **state)
{
	(void)state;
	struct assurance_cache *cache = assurance_cache_new(10);

	keep(cache, "a.test", 1000);
	keep(cache, "a.test", 1100);
	assert_int_equal(assurance_cache_count(cache), 1);
	assert_int_equal(find(cache, "a.test", 999)->until, 1100);
	assurance_cache_forget(cache, "a.test");
	assurance_cache_forget(cache, "a.test");
	assert_null(find(cache, "a.test", 999));
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
	assert_non_null(find(cache, "a.test", 1));
	keep(cache, "d.test", 1000);
	assert_int_equal(assurance_cache_count(cache), 3);
	assert_null(find(cache, "b.test", 1));
	assert_non_null(find(cache, "a.test", 1));
	assert_non_null(find(cache, "c.test", 1));
	assert_non_null(find(cache, "d.test", 1));
	assurance_cache_free(cache);
}

static void name_of(unsigned i, char out[static 32])
{
	snprintf(out, 32, "d%u.test", i);
}

static void test_those_shut_come_back_as_they_were(void **state)
{
	(void)state;
	enum { MANY = 3 * ASSURANCE_CACHE_OPEN };
	struct assurance_cache *cache = assurance_cache_new(MANY);
	char name[32];

	for (unsigned i = 0; i < MANY; i++) {
		name_of(i, name);
		keep(cache, name, 1000 + i);
	}
	assert_int_equal(assurance_cache_count(cache), MANY);
	for (unsigned i = 0; i < 2 * MANY; i++) { /* each is shut again by those after it */
		name_of(i % MANY, name);
		const struct assurance *a = find(cache, name, 1);
		assert_non_null(a);
		assert_string_equal(a->domain, name);
		assert_int_equal(a->until, 1000 + i % MANY);
	}
	for (unsigned i = 0; i < MANY; i += 2) {
		name_of(i, name);
		assurance_cache_forget(cache, name);
	}
	assert_int_equal(assurance_cache_count(cache), MANY / 2);
	assert_null(find(cache, "d0.test", 1));
	assert_non_null(find(cache, "d1.test", 1));
	assurance_cache_free(cache);
}

/* One writes, as the loop does; the others read, as sessions do. */
struct shared {
	struct assurance_cache *cache;
	atomic_bool over;
};

static void *read_on(void *arg)
{
	struct shared *shared = arg;
	char name[32];

	for (unsigned i = 0; !atomic_load(&shared->over); i++) {
		name_of(i % 2000, name);
		const struct assurance *a = assurance_cache_find(shared->cache, name, 1);
		if (a && strcmp(a->domain, name) != 0)
			abort();
		assurance_unref(a);
	}
	return NULL;
}

static void test_readers_beside_a_writer(void **state)
{
	(void)state;
	struct shared shared = { .cache = assurance_cache_new(1000) };
	pthread_t readers[3];
	char name[32];

	atomic_init(&shared.over, false);
	for (size_t i = 0; i < COUNT(readers); i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_on, &shared), 0);
	for (unsigned i = 0; i < 6000; i++) {
		name_of(i % 2000, name);
		keep(shared.cache, name, 1000);
		if (i % 7 == 0)
			assurance_cache_forget(shared.cache, name);
	}
	atomic_store(&shared.over, true);
	for (size_t i = 0; i < COUNT(readers); i++)
		assert_int_equal(pthread_join(readers[i], NULL), 0);
	assert_in_range(assurance_cache_count(shared.cache), 1, 1000);
	assurance_cache_free(shared.cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_replaced_and_forgotten),
		cmocka_unit_test(test_full_drops_what_was_used_longest_ago),
		cmocka_unit_test(test_those_shut_come_back_as_they_were),
		cmocka_unit_test(test_readers_beside_a_writer),
	};
	return cmocka_run_group_tests_name("assurance/cache", tests, NULL, NULL);
}
