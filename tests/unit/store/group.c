#include "store/group.h"

#include "support/unit.h"

#include <stdatomic.h>
#include <time.h>

enum { THREADS = 2 * GROUP_MAX };

static struct group_line line;
static atomic_int inside, commits, in_line;
static int order[THREADS], ended; /* under the turn */

static int set_up(void **state)
{
	(void)state;
	group_line_init(&line);
	inside = commits = in_line = ended = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	group_line_fini(&line);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct transaction {
	int number;
	enum group_part part;
	enum rc commit; /* what the database says, should it be the last */
	enum rc rc;
	struct fault why;
	pthread_t thread;
	atomic_bool through;
	struct transaction *waits, *waits_not; /* when it commits: who is told before the end */
};

static void transact(struct transaction *t)
{
	group_enter(&line);
	assert_int_equal(atomic_fetch_add(&inside, 1), 0);
	if (!line.open)
		assert_int_equal(group_open(&line, NULL), RC_OK);
	order[ended++] = t->number;
	atomic_fetch_sub(&inside, 1);
	if (group_pass(&line, t->part, &t->rc, &t->why))
		return;
	struct fault why;
	atomic_fetch_add(&commits, 1);
	t->rc = t->commit == RC_OK ? RC_OK : fault(&why, t->commit, "store failed: here");
	t->why = t->rc == RC_OK ? (struct fault){ "" } : why;
	group_settle(&line, t->rc, &why);
	while (t->waits_not && !t->waits_not->through)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_true(!t->waits || !t->waits->through);
	group_end(&line);
}

static void *thread_main(void *arg)
{
	atomic_fetch_add(&in_line, 1);
	transact(arg);
	((struct transaction *)arg)->through = true;
	return NULL;
}

static void wait_for_line(int count)
{
	for (int seen = 0; seen < count;) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		pthread_mutex_lock(&line.lock);
		seen = 0;
		/* Only the length shows, through the public struct: the next pointer is first. */
		for (void **w = (void **)line.first; w; w = (void **)*w)
			seen++;
		pthread_mutex_unlock(&line.lock);
	}
}

static void start_in_line(struct transaction *all, int count)
{
	for (int i = 0; i < count; i++) {
		all[i].number = i;
		assert_int_equal(pthread_create(&all[i].thread, NULL, thread_main, &all[i]), 0);
		wait_for_line(i + 1);
	}
}

static void join(struct transaction *all, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(pthread_join(all[i].thread, NULL), 0);
}

static void test_alone_it_commits_at_once(void **state)
{
	struct transaction t = { .part = GROUP_JOINS };

	(void)state;
	transact(&t);
	assert_int_equal(t.rc, RC_OK);
	assert_int_equal(commits, 1);
	assert_null(line.open);
}

static void test_those_in_line_share_a_commit_in_their_order(void **state)
{
	struct transaction all[5] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++)
		all[i].part = GROUP_JOINS;
	group_enter(&line);
	start_in_line(all, COUNT(all));
	group_end(&line); /* without a group: the turn goes to the first */
	join(all, COUNT(all));
	assert_int_equal(commits, 1);
	for (int i = 0; i < (int)COUNT(all); i++) {
		assert_int_equal(order[i], i);
		assert_int_equal(all[i].rc, RC_OK);
	}
}

static void test_a_group_is_bounded(void **state)
{
	static struct transaction all[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		all[i] = (struct transaction){ .part = GROUP_JOINS };
	group_enter(&line);
	start_in_line(all, THREADS);
	group_end(&line);
	join(all, THREADS);
	assert_int_equal(commits, THREADS / GROUP_MAX);
}

static void test_all_in_a_group_fail_when_its_commit_does(void **state)
{
	struct transaction all[3] = {
		{ .part = GROUP_JOINS },
		{ .part = GROUP_ERASES },
		{ .part = GROUP_JOINS, .commit = RC_RETRY },
	};

	(void)state;
	group_enter(&line);
	start_in_line(all, COUNT(all));
	group_end(&line);
	join(all, COUNT(all));
	assert_int_equal(commits, 1);
	for (size_t i = 0; i < COUNT(all); i++) {
		assert_int_equal(all[i].rc, RC_RETRY);
		assert_string_equal(all[i].why.text, "store failed: here");
	}
}

/* The database took all back by itself: nobody behind may believe that the group stands. */
static void test_a_settled_group_is_not_passed_on(void **state)
{
	struct transaction next = { .part = GROUP_JOINS };
	struct fault why = { "store is full: really" }, told;
	enum rc rc = RC_OK;

	(void)state;
	group_enter(&line);
	assert_int_equal(group_open(&line, NULL), RC_OK);
	start_in_line(&next, 1);
	group_settle(&line, RC_RETRY, &why);
	group_settle(&line, RC_OK, &why); /* the first one counts */
	assert_false(group_pass(&line, GROUP_NOTHING, &rc, &told));
	assert_int_equal(line.open->rc, RC_RETRY);
	group_end(&line);
	join(&next, 1);
	assert_int_equal(next.rc, RC_OK);
	assert_int_equal(commits, 1);
}

/* Who deleted waits until the log is emptied, which comes after the commit. */
static void test_who_erased_waits_longer(void **state)
{
	struct transaction all[3] = { { .part = GROUP_ERASES },
				      { .part = GROUP_JOINS },
				      { .part = GROUP_JOINS } };

	(void)state;
	all[2].waits = &all[0];
	all[2].waits_not = &all[1];
	group_enter(&line);
	start_in_line(all, COUNT(all));
	group_end(&line);
	join(all, COUNT(all));
	assert_int_equal(commits, 1);
}

static void test_an_abandoned_one_waits_only_for_others_before_it(void **state)
{
	struct transaction next[2] = { { .part = GROUP_JOINS }, { .part = GROUP_NOTHING } };
	enum rc rc = RC_RETRY;

	(void)state;
	group_enter(&line);
	assert_int_equal(group_open(&line, NULL), RC_OK);
	start_in_line(next, COUNT(next));
	/* Nothing of others was there to be read: it is through at once, and passes on. */
	assert_true(group_pass(&line, GROUP_NOTHING, &rc, NULL));
	assert_int_equal(rc, RC_OK);
	join(next, COUNT(next));
	assert_int_equal(commits, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_alone_it_commits_at_once),
		TEST(test_those_in_line_share_a_commit_in_their_order),
		TEST(test_a_group_is_bounded),
		TEST(test_all_in_a_group_fail_when_its_commit_does),
		TEST(test_a_settled_group_is_not_passed_on),
		TEST(test_who_erased_waits_longer),
		TEST(test_an_abandoned_one_waits_only_for_others_before_it),
	};
	return cmocka_run_group_tests_name("store/group", tests, NULL, NULL);
}
