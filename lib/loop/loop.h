/* loop/loop.h: one thread that waits for everything: file descriptors, timers,
 * work done elsewhere, and calls posted by other threads.
 *
 * Everything here is called on the loop's thread, but for loop_post() and
 * loop_stop(), which any thread may call. Callbacks run on the loop's thread, one
 * at a time; none may block: what blocks (files, the store) goes to loop_work().
 *
 * Memory   a handle is its owner's until its _free, which may be called from any
 *          callback, its own included; no callback comes after it. Handles are
 *          freed before their loop */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct loop;

typedef void loop_fn(void *arg);

struct loop *loop_new(struct fault *why);     /* NULL: no descriptors or no memory */
void loop_run(struct loop *loop);             /* until loop_stop(), even one called before it */
void loop_stop(struct loop *loop);            /* any thread, and a signal handler */
int64_t loop_now_ms(const struct loop *loop); /* clock_mono_ms() as of this turn */

/* Not while it runs; NULL is fine. Work under way is waited for, but neither its
 * done() nor anything posted runs any more: who must see them stops the loop later. */
void loop_free(struct loop *loop);

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

/* fn gets the events that are ready; errors and hang-ups show as both, again and
 * again until the owner has met them in a read or write or watches no more. fd is
 * made non-blocking, stays the owner's, and can have one watch at a time.
 * NULL: memory, or fd cannot be waited for (a file, closed, watched already). A
 * new watch waits for nothing before loop_watch_set(). */
typedef void loop_watch_fn(void *arg, unsigned events);
struct loop_watch;
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_watch_fn *fn, void *arg);
void loop_watch_set(struct loop_watch *watch, unsigned events); /* 0: none for now */
void loop_watch_free(struct loop_watch *watch); /* before the descriptor is closed; NULL is fine */

/* NULL: memory, or not a signal that can be caught. */
typedef void loop_signal_fn(void *arg, int number);
struct loop_signal;
struct loop_signal *loop_signal_new(struct loop *loop, int number, loop_signal_fn *fn, void *arg);
void loop_signal_free(struct loop_signal *signal); /* NULL is fine */

/* Listens on "unix:/path" (mode as "0660" in octal, group a name or "" for none;
 * a stale socket is replaced, a live one is an error, the folder must be there) or
 * on "HOST:PORT" / "[V6]:PORT" (mode and group do not count; the first address of
 * a HOST that is a name; PORT 0 lets the system choose).
 * accepted() owns fd, which is non-blocking and close-on-exec.
 *   RC_INVALID  the address, mode or group is not one
 *   RC_RETRY    the system says no: in use, no folder, not permitted, no descriptors */
typedef void loop_accept_fn(void *arg, int fd);
struct loop_listener;
enum rc loop_listen(struct loop *loop, const char *address, const char *mode, const char *group,
		    loop_accept_fn *accepted, void *arg, struct loop_listener **out,
		    struct fault *why);

/* For whoever lets a library listen at an absolute path: removes a socket there that a crash
 * left behind. RC_OK also when there is none. RC_INVALID: no such path can be. RC_RETRY: another
 * process listens there, or it is no socket. */
enum rc loop_make_way(const char *path, struct fault *why);

void loop_listener_pause(struct loop_listener *l, bool paused); /* true: accept no more for now */
uint16_t loop_listener_port(const struct loop_listener *l);     /* of TCP; 0 for a unix socket */
void loop_listener_free(struct loop_listener *l); /* unlinks its unix socket; NULL is fine */
