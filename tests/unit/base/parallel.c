#include "base/parallel.h"

#include "base/cleanup.h"
#include "support/unit.h"

#include <stdatomic.h>
#include <time.h>

enum { COUNT_OF_IT = 500 };

static atomic_int done[COUNT_OF_IT], at_once, most_at_once;

static void note(void *arg, size_t i)
{
	int now = atomic_fetch_add(&at_once, 1) + 1, seen = atomic_load(&most_at_once);

	while (now > seen && !atomic_compare_exchange_weak(&most_at_once, &seen, now))
		;
	if (arg)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	atomic_fetch_add(&done[i], 1);
	atomic_fetch_sub(&at_once, 1);
}

static int clear(void **state)
{
	(void)state;
	memset((void *)done, 0, sizeof done);
	at_once = most_at_once = 0;
	return 0;
}

static void test_each_is_done_once(void **state)
{
	const size_t counts[] = { 0, 1, 2, 3, 64, COUNT_OF_IT };

	for (size_t c = 0; c < COUNT(counts); c++) {
		clear(state);
		struct parallel *p = parallel_start(counts[c], note, NULL);
		assert_non_null(p);
		parallel_wait(&p);
		assert_null(p);
		for (size_t i = 0; i < COUNT_OF_IT; i++)
			assert_int_equal(done[i], i < counts[c]);
	}
	struct parallel *none = NULL;
	parallel_wait(&none);
}

static void test_several_at_once(void **state)
{
	static char slowly;

	(void)state;
	struct parallel *p = parallel_start(40, note, &slowly);
	parallel_wait(&p);
	/* The waiting one helps as well. */
	assert_true(most_at_once > 1);
}

/* A scope that is left waits: nobody writes into what is gone. */
static void test_leaving_waits(void **state)
{
	static char slowly;

	(void)state;
	{
		CLEANUP(parallel_wait) struct parallel *p = parallel_start(10, note, &slowly);
		assert_non_null(p);
	}
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(done[i], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each_is_done_once, clear),
		cmocka_unit_test_setup(test_several_at_once, clear),
		cmocka_unit_test_setup(test_leaving_waits, clear),
	};
	return cmocka_run_group_tests_name("base/parallel", tests, NULL, NULL);
}
