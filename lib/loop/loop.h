/* loop/loop.h: one thread that waits for everything: file descriptors, timers,
 * work done elsewhere, and calls posted by other threads.
 *
 * Everything here is called on the loop's thread, but for loop_post() and
 * loop_stop(), which any thread may call. Callbacks run on the loop's thread, one
 * at a time; none may block: what blocks (files, the store) goes to loop_work().
 *
 * Memory   a handle is its owner's until its _free, which may be called from any
 *          callback, its own included; no callback comes after it */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct loop;

typedef void loop_fn(void *arg);

struct loop *loop_new(struct fault *why);     /* NULL: no descriptors or no memory */
void loop_run(struct loop *loop);             /* until loop_stop() */
void loop_stop(struct loop *loop);            /* any thread */
void loop_free(struct loop *loop);            /* not while it runs; NULL is fine */
int64_t loop_now_ms(const struct loop *loop); /* clock_mono_ms() as of this turn */

/* Runs fn(arg) on the loop's thread, in the order posted. Any thread.
 * RC_NOMEM: not posted. */
enum rc loop_post(struct loop *loop, loop_fn *fn, void *arg);

/* Runs work(arg) on a helper thread, then done(arg) on the loop's thread.
 * RC_NOMEM: neither runs. */
enum rc loop_work(struct loop *loop, loop_fn *work, loop_fn *done, void *arg);

struct loop_timer;
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *arg); /* NULL: memory */
void loop_timer_set(struct loop_timer *timer, int64_t after_ms); /* once; replaces the earlier */
void loop_timer_clear(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL is fine */

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

/* fn gets the events that are ready; errors and hang-ups show as both. */
typedef void loop_watch_fn(void *arg, unsigned events);
struct loop_watch;
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *arg);
void loop_watch_set(struct loop_watch *watch, unsigned events); /* 0: none for now */
void loop_watch_free(struct loop_watch *watch); /* before the descriptor is closed; NULL is fine */

typedef void loop_signal_fn(void *arg, int number);
struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *loop, int number, loop_signal_fn *fn, void *arg);
void loop_signal_free(struct loop_signal *signal);

/* "unix:/path" (mode as "0660" in octal, group a name or "" for none; a stale
 * socket is replaced, a live one is an error) or "HOST:PORT" / "[V6]:PORT".
 * accepted() owns fd, which is non-blocking and close-on-exec. */
typedef void loop_accept_fn(void *arg, int fd);
struct loop_listener;
enum rc loop_listen(struct loop *loop, const char *address, const char *mode, const char *group,
		    loop_accept_fn *accepted, void *arg, struct loop_listener **out,
		    struct fault *why);
void loop_listener_pause(struct loop_listener *l, bool paused); /* true: accept no more for now */
void loop_listener_free(struct loop_listener *l); /* closes, and unlinks a unix socket */
