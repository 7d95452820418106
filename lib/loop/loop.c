#include "loop/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

struct posted {
	struct posted *next;
	loop_fn *fn;
	void *arg;
};

struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	atomic_bool stopping;
	bool freeing; /* loop_free() has begun: callbacks of owners come no more */
	pthread_mutex_t lock;
	struct posted *first, **last; /* under lock */
};

static void run_posted(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct posted *p = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);

	while (p) {
		struct posted *next = p->next;
		loop_fn *fn = p->fn;
		void *arg = p->arg;
		free(p);
		fn(arg);
		p = next;
	}
}

static void on_wake(uv_async_t *wake)
{
	struct loop *loop = wake->data;

	if (loop->freeing)
		return;
	run_posted(loop);
	if (atomic_load(&loop->stopping))
		uv_stop(&loop->uv);
}

struct loop *loop_new(struct fault *why)
{
	struct loop *loop = calloc(1, sizeof *loop);
	if (!loop) {
		(void)fault(why, RC_NOMEM, "no memory for an event loop");
		return NULL;
	}

	int bad = uv_loop_init(&loop->uv);
	if (bad) {
		(void)fault(why, RC_RETRY, "no event loop: %s", uv_strerror(bad));
		free(loop);
		return NULL;
	}
	bad = uv_async_init(&loop->uv, &loop->wake, on_wake);
	if (bad) {
		(void)fault(why, RC_RETRY, "no event loop: %s", uv_strerror(bad));
		uv_loop_close(&loop->uv);
		free(loop);
		return NULL;
	}
	loop->wake.data = loop;
	loop->last = &loop->first;
	pthread_mutex_init(&loop->lock, NULL);
	return loop;
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stopping))
		uv_run(&loop->uv, UV_RUN_DEFAULT);
	atomic_store(&loop->stopping, false);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	uv_async_send(&loop->wake);
}

/* A handle that its owner forgot is closed but not freed, so that a tool that
 * looks for leaks names it. */
static void close_forgotten(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	loop->freeing = true;
	uv_walk(&loop->uv, close_forgotten, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT); /* closes what is closing, waits for work */
	(void)uv_loop_close(&loop->uv);

	for (struct posted *p = loop->first, *next; p; p = next) {
		next = p->next;
		free(p);
	}
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

int64_t loop_now_ms(const struct loop *loop)
{
	return (int64_t)uv_now(&loop->uv);
}

enum rc loop_post(struct loop *loop, loop_fn *fn, void *arg)
{
	struct posted *p = malloc(sizeof *p);
	if (!p)
		return RC_NOMEM;
	*p = (struct posted){ .fn = fn, .arg = arg };

	pthread_mutex_lock(&loop->lock);
	bool first = !loop->first;
	*loop->last = p;
	loop->last = &p->next;
	/* Under the lock: once the loop could see the call, it could run it and be
	 * freed by it before a later send. One wake-up serves all that wait. */
	if (first)
		uv_async_send(&loop->wake);
	pthread_mutex_unlock(&loop->lock);
	return RC_OK;
}

struct work {
	uv_work_t uv;
	struct loop *loop;
	loop_fn *work, *done;
	void *arg;
};

static void on_work(uv_work_t *uv)
{
	struct work *w = uv->data;

	w->work(w->arg);
}

static void on_worked(uv_work_t *uv, int status)
{
	struct work *w = uv->data;
	struct work copy = *w;

	(void)status; /* never cancelled */
	free(w);
	if (!copy.loop->freeing)
		copy.done(copy.arg);
}

enum rc loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *arg)
{
	struct work *w = malloc(sizeof *w);
	if (!w)
		return RC_NOMEM;

	*w = (struct work){ .loop = loop, .work = work, .done = done, .arg = arg };
	w->uv.data = w;
	if (uv_queue_work(&loop->uv, &w->uv, on_work, on_worked) == 0)
		return RC_OK;
	free(w);
	return RC_NOMEM;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* The memory outlives the handle until libuv has let go of it. */
static void close_handle(uv_handle_t *handle)
{
	uv_close(handle, on_closed);
}

struct loop_timer {
	uv_timer_t uv;
	loop_fn *fn;
	void *arg;
};

static void on_timer(uv_timer_t *uv)
{
	struct loop_timer *timer = uv->data;

	timer->fn(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	struct loop_timer *timer = calloc(1, sizeof *timer);
	if (!timer)
		return NULL;

	timer->fn = fn;
	timer->arg = arg;
	(void)uv_timer_init(&loop->uv, &timer->uv); /* cannot fail */
	timer->uv.data = timer;
	return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t after_ms)
{
	/* libuv counts from the turn's beginning: after a long callback, or before
	 * the loop runs, the timer would be early by as much. */
	uv_update_time(timer->uv.loop);
	(void)uv_timer_start(&timer->uv, on_timer, after_ms > 0 ? (uint64_t)after_ms : 0, 0);
}

void loop_timer_clear(struct loop_timer *timer)
{
	(void)uv_timer_stop(&timer->uv);
}

void loop_timer_free(struct loop_timer *timer)
{
	if (timer)
		close_handle((uv_handle_t *)&timer->uv);
}

struct loop_watch {
	uv_poll_t uv;
	loop_watch_fn *fn;
	void *arg;
	unsigned wanted;
	bool stopped; /* by libuv, whatever is wanted */
};

static void on_ready(uv_poll_t *uv, int status, int events)
{
	struct loop_watch *watch = uv->data;
	unsigned ready = 0;

	if (status < 0) {
		/* libuv has stopped watching; the owner learns the error from its next
		 * read or write, and may go on (UDP: one refused datagram). */
		ready = LOOP_READ | LOOP_WRITE;
		watch->stopped = true;
		loop_watch_set(watch, watch->wanted);
	} else {
		ready |= events & UV_READABLE ? LOOP_READ : 0U;
		ready |= events & UV_WRITABLE ? LOOP_WRITE : 0U;
	}
	watch->fn(watch->arg, ready);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *arg)
{
	struct loop_watch *watch = calloc(1, sizeof *watch);
	if (!watch)
		return NULL;

	watch->fn = fn;
	watch->arg = arg;
	if (uv_poll_init(&loop->uv, &watch->uv, fd) != 0) {
		free(watch);
		return NULL;
	}
	watch->uv.data = watch;
	return watch;
}

void loop_watch_set(struct loop_watch *watch, unsigned events)
{
	int uv = 0;

	if (events == watch->wanted && !watch->stopped)
		return; /* else libuv would ask the kernel for the same again */
	watch->wanted = events;
	watch->stopped = false;
	uv |= events & LOOP_READ ? UV_READABLE : 0;
	uv |= events & LOOP_WRITE ? UV_WRITABLE : 0;
	if (uv == 0)
		(void)uv_poll_stop(&watch->uv);
	else
		(void)uv_poll_start(&watch->uv, uv, on_ready); /* fails only when closing */
}

void loop_watch_free(struct loop_watch *watch)
{
	if (watch)
		close_handle((uv_handle_t *)&watch->uv);
}

struct loop_signal {
	uv_signal_t uv;
	loop_signal_fn *fn;
	void *arg;
};

static void on_signal(uv_signal_t *uv, int number)
{
	struct loop_signal *signal = uv->data;

	signal->fn(signal->arg, number);
}

struct loop_signal *loop_signal_new(struct loop *loop, int number, loop_signal_fn *fn, void *arg)
{
	struct loop_signal *signal = calloc(1, sizeof *signal);
	if (!signal)
		return NULL;

	signal->fn = fn;
	signal->arg = arg;
	if (uv_signal_init(&loop->uv, &signal->uv) != 0) {
		free(signal);
		return NULL;
	}
	signal->uv.data = signal;
	if (uv_signal_start(&signal->uv, on_signal, number) != 0) {
		close_handle((uv_handle_t *)&signal->uv);
		return NULL;
	}
	return signal;
}

void loop_signal_free(struct loop_signal *signal)
{
	if (signal)
		close_handle((uv_handle_t *)&signal->uv);
}
