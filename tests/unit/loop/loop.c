#include "loop/loop.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEADLINE_MS = 20000 }; /* a test that hangs fails by this */

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	int count;
	int64_t seen_ms;
	struct loop_timer *timer, *other;
	struct loop_watch *watch;
	int fd;
	int order[8];
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_timer_free(w->deadline);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void stop(void *arg)
{
	loop_stop(((struct world *)arg)->loop);
}

static void timer_comes_not_before_its_time(void **state)
{
	struct world *w = *state;
	int64_t start = clock_mono_ms();

	w->timer = loop_timer_new(w->loop, stop, w);
	loop_timer_set(w->timer, 10000);
	loop_timer_set(w->timer, 30); /* replaces the first */
	loop_run(w->loop);
	int64_t took = clock_mono_ms() - start;
	assert_in_range(took, 29, 9000);
	assert_in_range(loop_now_ms(w->loop), start + 29, clock_mono_ms());
	loop_timer_free(w->timer);
}

static void count_and_free(void *arg)
{
	struct world *w = arg;

	w->count++;
	loop_timer_free(w->timer);
	loop_timer_free(w->other);
	loop_timer_set(w->deadline, 40);
}

static void freed_timers_never_call_back(void **state)
{
	struct world *w = *state;

	/* Both are due in the same turn; the first frees both, its own included. */
	loop_timer_free(w->deadline);
	w->deadline = loop_timer_new(w->loop, stop, w);
	w->timer = loop_timer_new(w->loop, count_and_free, w);
	w->other = loop_timer_new(w->loop, too_late, w);
	loop_timer_set(w->timer, 1);
	loop_timer_set(w->other, 1);
	loop_run(w->loop);
	assert_int_equal(w->count, 1);
}

static void cleared_timer_stays_silent(void **state)
{
	struct world *w = *state;

	w->other = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->other, 1);
	loop_timer_clear(w->other);
	w->timer = loop_timer_new(w->loop, stop, w);
	loop_timer_set(w->timer, 20);
	loop_run(w->loop);
	loop_timer_free(w->other);
	loop_timer_free(w->timer);
	loop_timer_free(NULL);
}

static void stop_before_run_counts_once(void **state)
{
	struct world *w = *state;

	loop_stop(w->loop);
	loop_run(w->loop); /* comes back at once */
	assert_int_equal(loop_post(w->loop, stop, w), RC_OK);
	loop_run(w->loop); /* runs again until the post */
}

enum { THREADS = 4, POSTS = 5000 };

struct poster {
	struct world *w;
	int next, last_seen;
};

struct call {
	struct poster *from;
	int number;
};

static void on_call(void *arg)
{
	struct call *call = arg;
	struct poster *from = call->from;

	assert_int_equal(call->number, from->last_seen + 1); /* in the order posted */
	from->last_seen = call->number;
	if (++from->w->count == THREADS * POSTS)
		loop_stop(from->w->loop);
	free(call);
}

static void *post_many(void *arg)
{
	struct poster *p = arg;

	for (int i = 1; i <= POSTS; i++) {
		struct call *call = malloc(sizeof *call);
		*call = (struct call){ p, i };
		assert_int_equal(loop_post(p->w->loop, on_call, call), RC_OK);
	}
	return NULL;
}

static void posts_of_many_threads_arrive_each_in_order(void **state)
{
	struct world *w = *state;
	struct poster posters[THREADS] = { 0 };
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++) {
		posters[i].w = w;
		assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
	}
	loop_run(w->loop);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(w->count, THREADS * POSTS);
}

static void post_again(void *arg)
{
	struct world *w = arg;

	if (++w->count == 3)
		loop_stop(w->loop);
	else
		assert_int_equal(loop_post(w->loop, post_again, w), RC_OK);
}

static void a_posted_call_may_post(void **state)
{
	struct world *w = *state;

	assert_int_equal(loop_post(w->loop, post_again, w), RC_OK);
	loop_run(w->loop);
	assert_int_equal(w->count, 3);
	assert_int_equal(loop_post(w->loop, post_again, w), RC_OK); /* dropped by loop_free() */
}

struct job {
	struct world *w;
	pthread_t loop_thread;
	int value;
};

static void square(void *arg)
{
	struct job *job = arg;

	assert_false(pthread_equal(job->loop_thread, pthread_self()));
	job->value *= job->value;
}

static void squared(void *arg)
{
	struct job *job = arg;

	assert_true(pthread_equal(job->loop_thread, pthread_self()));
	job->w->count += job->value;
	if (job->w->count == 1 + 4 + 9 + 16)
		loop_stop(job->w->loop);
}

static void work_runs_elsewhere_and_ends_here(void **state)
{
	struct world *w = *state;
	struct job jobs[4];

	for (int i = 0; i < 4; i++) {
		jobs[i] = (struct job){ w, pthread_self(), i + 1 };
		assert_int_equal(loop_work(w->loop, square, squared, &jobs[i]), RC_OK);
	}
	loop_run(w->loop);
	assert_int_equal(w->count, 30);
}

static void set_flag(void *arg)
{
	usleep(20000);
	atomic_store((atomic_bool *)arg, true);
}

static void never(void *arg)
{
	(void)arg;
	fail_msg("done() came after loop_free()");
}

static void free_waits_for_work_and_says_nothing(void **state)
{
	atomic_bool worked = false;
	struct loop *loop = loop_new(NULL);

	(void)state;
	assert_int_equal(loop_work(loop, set_flag, never, &worked), RC_OK);
	loop_free(loop);
	assert_true(worked);
	loop_free(NULL);
}

static void on_readable(void *arg, unsigned events)
{
	struct world *w = arg;
	char byte;

	assert_true(events & LOOP_READ);
	if (read(w->fd, &byte, 1) == 0) { /* hang-up */
		loop_watch_free(w->watch);
		loop_stop(w->loop);
		return;
	}
	w->count += byte;
}

static void watch_tells_bytes_and_hang_up(void **state)
{
	struct world *w = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w->fd = pair[0];
	w->watch = loop_watch_new(w->loop, pair[0], on_readable, w);
	assert_non_null(w->watch);
	assert_true(fcntl(pair[0], F_GETFL) & O_NONBLOCK);
	loop_watch_set(w->watch, LOOP_READ);
	assert_int_equal(write(pair[1], "\1\2", 2), 2);
	close(pair[1]);
	loop_run(w->loop);
	assert_int_equal(w->count, 3);
	close(pair[0]);
}

static void on_writable(void *arg, unsigned events)
{
	struct world *w = arg;

	assert_int_equal(events, LOOP_WRITE);
	loop_watch_set(w->watch, 0);
	if (++w->count == 1)
		loop_timer_set(w->timer, 20);
}

static void watch_of_nothing_is_silent(void **state)
{
	struct world *w = *state;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w->timer = loop_timer_new(w->loop, stop, w);
	w->watch = loop_watch_new(w->loop, pair[0], on_writable, w);
	loop_watch_set(w->watch, LOOP_READ | LOOP_WRITE);
	loop_run(w->loop);
	assert_int_equal(w->count, 1);
	loop_watch_free(w->watch);
	loop_watch_free(NULL);
	loop_timer_free(w->timer);
	close(pair[0]);
	close(pair[1]);
}

static void on_refused(void *arg, unsigned events)
{
	struct world *w = arg;
	char byte;

	assert_int_equal(events, LOOP_READ | LOOP_WRITE);
	assert_int_equal(recv(w->fd, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNREFUSED);
	if (++w->count == 2)
		loop_stop(w->loop);
	else
		assert_int_equal(send(w->fd, "x", 1, 0), 1);
}

static void watch_survives_an_error_on_its_descriptor(void **state)
{
	struct world *w = *state;
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int gone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* A port that was free a moment ago refuses datagrams. */
	assert_int_equal(bind(gone, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(gone, (struct sockaddr *)&at, &len), 0);
	close(gone);
	w->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(w->fd, (struct sockaddr *)&at, sizeof at), 0);
	w->watch = loop_watch_new(w->loop, w->fd, on_refused, w);
	loop_watch_set(w->watch, LOOP_READ);
	assert_int_equal(send(w->fd, "x", 1, 0), 1);
	loop_run(w->loop);
	loop_watch_free(w->watch);
	close(w->fd);
}

static void files_cannot_be_watched(void **state)
{
	struct world *w = *state;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_null(loop_watch_new(w->loop, fd, on_readable, w));
	close(fd);
}

static void on_usr1(void *arg, int number)
{
	struct world *w = arg;

	w->count = number;
	loop_stop(w->loop);
}

static void signals_arrive_as_calls(void **state)
{
	struct world *w = *state;
	struct loop_signal *s = loop_signal_new(w->loop, SIGUSR1, on_usr1, w);

	assert_non_null(s);
	assert_int_equal(raise(SIGUSR1), 0);
	loop_run(w->loop);
	assert_int_equal(w->count, SIGUSR1);
	loop_signal_free(s);
	loop_signal_free(NULL);
	assert_null(loop_signal_new(w->loop, SIGKILL, on_usr1, w));
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(timer_comes_not_before_its_time),
		ROW(freed_timers_never_call_back),
		ROW(cleared_timer_stays_silent),
		ROW(stop_before_run_counts_once),
		ROW(posts_of_many_threads_arrive_each_in_order),
		ROW(a_posted_call_may_post),
		ROW(work_runs_elsewhere_and_ends_here),
		ROW(free_waits_for_work_and_says_nothing),
		ROW(watch_tells_bytes_and_hang_up),
		ROW(watch_of_nothing_is_silent),
		ROW(watch_survives_an_error_on_its_descriptor),
		ROW(files_cannot_be_watched),
		ROW(signals_arrive_as_calls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
