#include "assurance/memory.h"

#include "loop/loop.h"
#include "store/store.h"
#include "sts/shelf.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <time.h>

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.d.test\nmax_age: 604800\n"

struct bench {
	struct scratch scratch;
	struct store *store;
	struct loop *loop;
	struct assurance_memory *memory;
	struct sts_cache *cache;
	int64_t now_s;
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	struct fault why;

	*state = b;
	b->now_s = time(NULL);
	if (!scratch_make(&b->scratch) ||
	    store_open(scratch_path(&b->scratch, "state"), &b->store, &why) != RC_OK)
		return -1;
	b->loop = loop_new(&why);
	b->memory = assurance_memory_new(b->loop, b->store, NULL, NULL);
	const struct sts_cache_store hooks = assurance_memory_hooks(b->memory);
	b->cache = sts_cache_new(&hooks);
	return b->cache ? 0 : -1;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	sts_cache_free(b->cache);
	loop_free(b->loop);
	store_close(b->store);
	scratch_remove(&b->scratch);
	free(b);
	return 0;
}

static void keep(struct bench *b, const char *domain)
{
	struct fault why;

	assert_int_equal(sts_cache_keep(b->cache, domain, "7", SLICE(ENFORCE), b->now_s, &why),
			 RC_OK);
}

static size_t stored(struct bench *b)
{
	struct sts_cache *cache = sts_cache_new(NULL);
	struct fault why;

	assert_int_equal(sts_shelf_load(b->store, cache, b->now_s, NULL, NULL, &why), RC_OK);
	size_t count = sts_cache_count(cache);
	sts_cache_free(cache);
	return count;
}

static void stop(void *arg)
{
	struct bench *b = arg;

	if (stored(b) == 3)
		loop_stop(b->loop);
}

static void again(void *arg)
{
	struct bench *b = arg;

	loop_stop(b->loop);
	fail_msg("nothing was written in 30 s");
}

struct poll {
	struct bench *bench;
	struct loop_timer *timer;
};

static void look(void *arg)
{
	struct poll *poll = arg;

	stop(poll->bench);
	loop_timer_set(poll->timer, 10);
}

static void test_written_while_the_loop_runs(void **state)
{
	struct bench *b = *state;
	struct poll poll = { .bench = b };
	struct loop_timer *deadline = loop_timer_new(b->loop, again, b);
	struct fault why;

	poll.timer = loop_timer_new(b->loop, look, &poll);
	loop_timer_set(poll.timer, 10);
	loop_timer_set(deadline, 30000);
	keep(b, "a.test");
	keep(b, "b.test");
	keep(b, "gone.test");
	sts_cache_forget(b->cache, "gone.test");
	keep(b, "c.test");
	loop_run(b->loop);
	loop_timer_free(poll.timer);
	loop_timer_free(deadline);
	assert_int_equal(assurance_memory_close(b->memory, &why), RC_OK);
	assert_int_equal(stored(b), 3);
}

static void test_written_at_the_end(void **state)
{
	struct bench *b = *state;
	struct fault why;

	keep(b, "a.test");
	keep(b, "b.test");
	assert_int_equal(assurance_memory_close(b->memory, &why), RC_OK);
	assert_int_equal(stored(b), 2);
	assert_int_equal(assurance_memory_close(NULL, &why), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_written_while_the_loop_runs, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_written_at_the_end, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("assurance/memory", tests, NULL, NULL);
}
