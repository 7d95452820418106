#include "store/folder.h"

#include "support/anomaly.h"
#include "support/unit.h"

#include <fcntl.h>
#include <time.h>

enum { THREADS = 8, NAMES = 25 };

static struct folder folder;

static int set_up(void **state)
{
	(void)state;
	folder_init(&folder);
	folder.fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	anomaly_steps = 0;
	return folder.fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	anomaly_at = anomaly_errno = 0;
	folder_fini(&folder);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void test_alone_each_asks_the_disk(void **state)
{
	(void)state;
	for (int n = 1; n <= 3; n++) {
		assert_int_equal(folder_sync(&folder), 0);
		assert_int_equal(anomaly_steps, n);
	}
}

static void test_failure_is_told_once_and_not_for_ever(void **state)
{
	(void)state;
	anomaly_at = 1;
	anomaly_errno = EIO;
	assert_int_equal(folder_sync(&folder), EIO);
	assert_int_equal(folder_sync(&folder), 0);
}

static void *sync_often(void *arg)
{
	for (int i = 0; i < NAMES; i++)
		if (folder_sync(&folder) != 0)
			return arg;
	return NULL;
}

static void test_threads_share_syncs(void **state)
{
	pthread_t threads[THREADS];
	void *failed;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sync_often, &folder), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	assert_true(anomaly_steps >= NAMES && anomaly_steps <= THREADS * NAMES);
	assert_int_equal(folder.begun, anomaly_steps);
}

static void *sync_once_more(void *arg)
{
	*(int *)arg = folder_sync(&folder);
	return NULL;
}

/* A sync is under way, as far as the folder knows: those who come now must not be content
 * with it, and all of them with the next one. */
static void test_one_under_way_does_not_count(void **state)
{
	int results[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	folder.running = true;
	folder.begun = 1;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sync_once_more, &results[i]), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	assert_int_equal(anomaly_steps, 0);
	anomaly_at = 1;
	anomaly_errno = ENOSPC; /* and its failure is that of all who wait for it */
	pthread_mutex_lock(&folder.lock);
	folder.running = false;
	folder.done = 1;
	pthread_cond_broadcast(&folder.synced);
	pthread_mutex_unlock(&folder.lock);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(results[i], ENOSPC);
	}
	assert_int_equal(anomaly_steps, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_alone_each_asks_the_disk),
		TEST(test_failure_is_told_once_and_not_for_ever),
		TEST(test_threads_share_syncs),
		TEST(test_one_under_way_does_not_count),
	};
	return cmocka_run_group_tests_name("store/folder", tests, NULL, NULL);
}
