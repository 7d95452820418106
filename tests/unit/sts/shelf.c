#include "sts/shelf.h"

#include "store/store.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <time.h>

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.d.test\nmax_age: 604800\n"

struct bench {
	struct scratch scratch;
	struct store *store;
	int64_t now_s;
};

static struct sts_shelf_change *caught;

/* What the cache wants written is caught, as the daemon's queue does. */
static void save(void *arg, const char *domain, struct slice record, int64_t until_s)
{
	struct sts_shelf_change *change = calloc(1, sizeof *change);

	(void)arg;
	snprintf(change->domain, sizeof change->domain, "%s", domain);
	change->until_s = until_s;
	change->record = BUF_INIT(STS_STORED_MAX);
	assert_int_equal(buf_add_slice(&change->record, record), RC_OK);
	change->next = caught;
	caught = change;
}

static void release(void)
{
	for (struct sts_shelf_change *next; caught; caught = next) {
		next = caught->next;
		buf_free(&caught->record);
		free(caught);
	}
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	struct fault why;

	*state = b;
	b->now_s = time(NULL);
	return scratch_make(&b->scratch) && store_open(scratch_path(&b->scratch, "state"),
						       &b->store, &why) == RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	store_close(b->store);
	scratch_remove(&b->scratch);
	free(b);
	release();
	return 0;
}

static void on_damaged(void *arg, const char *reason)
{
	unsigned *count = arg;

	assert_non_null(strstr(reason, "cannot be used"));
	++*count;
}

static struct sts_cache *load(struct bench *b, unsigned *damaged)
{
	struct sts_cache *cache = sts_cache_new(NULL);
	struct fault why = { 0 };

	*damaged = 0;
	assert_int_equal(sts_shelf_load(b->store, cache, b->now_s, on_damaged, damaged, &why),
			 RC_OK);
	return cache;
}

static void fill(struct bench *b)
{
	const struct sts_cache_store hooks = { .save = save };
	struct sts_cache *cache = sts_cache_new(&hooks);
	struct fault why;

	assert_int_equal(sts_cache_keep(cache, "d.test", "7", SLICE(ENFORCE), b->now_s, &why),
			 RC_OK);
	assert_int_equal(sts_cache_keep(cache, "e.test", "8", SLICE(ENFORCE), b->now_s, &why),
			 RC_OK);
	assert_int_equal(sts_shelf_write(b->store, caught, &why), RC_OK);
	sts_cache_free(cache);
}

static void test_survives(void **state)
{
	struct bench *b = *state;
	unsigned damaged;

	fill(b);
	struct sts_cache *cache = load(b, &damaged);
	assert_int_equal(damaged, 0);
	assert_int_equal(sts_cache_count(cache), 2);
	assert_string_equal(sts_cache_find(cache, "d.test", b->now_s).stored->id, "7");
	assert_string_equal(sts_cache_find(cache, "e.test", b->now_s).stored->id, "8");
	sts_cache_free(cache);
}

static void test_removed(void **state)
{
	struct bench *b = *state;
	struct sts_shelf_change gone = { .domain = "d.test", .removed = true };
	struct fault why;
	unsigned damaged;

	fill(b);
	assert_int_equal(sts_shelf_write(b->store, &gone, &why), RC_OK);
	struct sts_cache *cache = load(b, &damaged);
	assert_int_equal(sts_cache_count(cache), 1);
	assert_int_equal(sts_cache_find(cache, "d.test", b->now_s).standing, STS_UNKNOWN);
	sts_cache_free(cache);
}

static void test_damaged(void **state)
{
	struct bench *b = *state;
	struct fault why;
	unsigned damaged;

	fill(b);
	caught->record.at[caught->record.len - 2] ^= 1;
	assert_int_equal(sts_shelf_write(b->store, caught, &why), RC_OK);
	struct sts_cache *cache = load(b, &damaged);
	assert_int_equal(damaged, 1);
	assert_int_equal(sts_cache_find(cache, caught->domain, b->now_s).standing, STS_UNREADABLE);
	assert_int_equal(sts_cache_find(cache, caught->next->domain, b->now_s).standing, STS_LIVE);
	sts_cache_free(cache);
}

static void test_nothing_there(void **state)
{
	unsigned damaged;
	struct sts_cache *cache = load(*state, &damaged);

	assert_int_equal(sts_cache_count(cache), 0);
	sts_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_survives, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_there, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("sts/shelf", tests, NULL, NULL);
}
