#include "outbox/worker.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "outbox/item.h"
#include "outbox/job.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARALLEL = 4,
	PARALLEL_MAX = 64,    /* submissions; each is a connection to the MTA beside us */
	LOOK_MS = 60 * 1000,  /* without a wake: how soon something added is found */
	AGAIN_MS = 10 * 1000, /* after trouble with the store or the audit */
	SWEEP_S = 3600,
};

/* One job under way. Its place in worker->runs is its place among parallel_max. */
struct run {
	struct outbox_worker *worker;
	struct outbox_job *job; /* NULL: the place is free */
	struct smtp_submit *submit;
	bool at_work;     /* a helper thread is settling it */
	int64_t again_ms; /* to be settled again at that time; 0: not */
	enum rc rc;       /* of the last settling */
};

/* A look into the store, on a helper thread. */
struct scan {
	bool running, again; /* again: something was added meanwhile */
	int64_t now_s;
	size_t busy_count, room;
	uint8_t busy[PARALLEL_MAX][STORE_ID_BYTES];
	size_t row_count; /* copies of due rows, records in the arena */
	struct store_outbox_row rows[2 * PARALLEL_MAX];
	struct arena *arena;
	size_t job_count;
	struct outbox_job *jobs[PARALLEL_MAX];
	int64_t next_s; /* when the next one is due; -1: none waits */
	bool trouble;
	bool passed; /* some rows were stepped over: there may be others behind them */
	int64_t swept_s;
};

struct outbox_worker {
	struct loop *loop;
	struct outbox *outbox;
	struct outbox_worker_settings settings;
	char *server, *helo, *report_from; /* what settings points to */
	outbox_event_fn *event;
	outbox_trouble_fn *trouble;
	void *arg;

	struct loop_timer *timer;
	int64_t look_ms; /* when to look next */
	struct run runs[PARALLEL_MAX];
	struct scan scan;
	pthread_mutex_t events; /* one event at a time */

	atomic_bool posted; /* a wake is on its way */
	unsigned at_work;   /* helper threads at work for us */
	bool stopping;
	void (*done)(void *arg);
	void *done_arg;
};

static int64_t wall_clock(void *arg)
{
	(void)arg;
	return clock_wall_s();
}

static int64_t now_s(const struct outbox_worker *w)
{
	return w->settings.now_s(w->settings.now_arg);
}

static void tell_trouble(struct outbox_worker *w, enum rc rc, const char *words)
{
	pthread_mutex_lock(&w->events);
	w->trouble(w->arg, rc, words);
	pthread_mutex_unlock(&w->events);
}

static void release(struct outbox_worker *w)
{
	loop_timer_free(w->timer);
	pthread_mutex_destroy(&w->events);
	arena_free(w->scan.arena);
	free(w->server);
	free(w->helo);
	free(w->report_from);
	free(w);
}

/* Ends a worker that stops, once nobody is at work for it. */
static bool ended(struct outbox_worker *w)
{
	if (!w->stopping || w->at_work || atomic_load(&w->posted))
		return false;
	void (*done)(void *) = w->done;
	void *arg = w->done_arg;
	for (size_t i = 0; i < PARALLEL_MAX; i++)
		outbox_job_free(&w->runs[i].job);
	release(w);
	if (done)
		done(arg);
	return true;
}

/* ---- on helper threads ---- */

static bool copy_row(void *arg, const struct store_outbox_row *row)
{
	struct scan *scan = arg;
	struct store_outbox_row *copy = &scan->rows[scan->row_count];
	const char *record = arena_text(scan->arena, row->record);

	if (!record)
		return false; /* the rest in the next look */
	*copy = *row;
	copy->record.at = record;
	return ++scan->row_count < sizeof scan->rows / sizeof *scan->rows;
}

static enum rc find_due(struct outbox_worker *w, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct scan *scan = &w->scan;

	enum rc rc = store_begin_reading(w->outbox->store, &tx, why);
	if (rc == RC_OK)
		rc = store_outbox_due(tx, scan->now_s, (unsigned)(scan->busy_count + scan->room),
				      copy_row, scan, why);
	if (rc == RC_OK)
		rc = store_outbox_next(tx, &scan->next_s, why);
	if (rc == RC_ABSENT)
		scan->next_s = -1;
	return rc == RC_ABSENT ? RC_OK : rc;
}

static bool is_busy(const struct scan *scan, const uint8_t *id)
{
	for (size_t i = 0; i < scan->busy_count; i++)
		if (memcmp(scan->busy[i], id, STORE_ID_BYTES) == 0)
			return true;
	return false;
}

/* A row that nobody can read: out of the way, but left for the operator to see. */
static enum rc set_aside(struct outbox_worker *w, const struct store_outbox_row *row,
			 struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct store_outbox_row stuck = *row;

	stuck.state = STORE_OUTBOX_STUCK;
	stuck.next_s = w->scan.now_s + w->settings.keep_stuck_s;
	enum rc rc = store_begin(w->outbox->store, &tx, why);
	if (rc == RC_OK)
		rc = store_outbox_set(tx, &stuck, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

/* A row whose payload the disk does not give now: tried later, so that it does not stand
 * before all others for ever. */
static enum rc put_off(struct outbox_worker *w, const struct store_outbox_row *row,
		       struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct store_outbox_row later = *row;

	later.next_s = w->scan.now_s + w->settings.retry_max_s;
	enum rc rc = store_begin(w->outbox->store, &tx, why);
	if (rc == RC_OK)
		rc = store_outbox_set(tx, &later, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static enum rc step_over(struct outbox_worker *w, const struct store_outbox_row *row, enum rc rc,
			 struct fault *why)
{
	if (rc == RC_INVALID)
		return set_aside(w, row, why);
	return rc == RC_RETRY ? put_off(w, row, why) : rc;
}

static void load_jobs(struct outbox_worker *w)
{
	struct scan *scan = &w->scan;
	struct fault why;

	for (size_t i = 0; i < scan->row_count && scan->job_count < scan->room; i++) {
		const struct store_outbox_row *row = &scan->rows[i];
		if (is_busy(scan, row->id))
			continue;
		enum rc rc = outbox_job_load(w->outbox, row, &w->settings,
					     &scan->jobs[scan->job_count], &why);
		if (rc == RC_OK) {
			scan->job_count++;
			continue;
		}
		tell_trouble(w, rc, why.text);
		bool passed = step_over(w, row, rc, &why) == RC_OK;
		scan->passed |= passed;
		scan->trouble |= !passed;
	}
}

struct stale {
	size_t count;
	int64_t now_s;
	uint8_t ids[64][STORE_ID_BYTES]; /* more of them go an hour later */
};

static bool note_stale(void *arg, const struct store_outbox_row *row)
{
	struct stale *stale = arg;

	if (row->state == STORE_OUTBOX_STUCK && row->next_s <= stale->now_s)
		memcpy(stale->ids[stale->count++], row->id, STORE_ID_BYTES);
	return stale->count < sizeof stale->ids / sizeof *stale->ids;
}

/* Removes entries that were listed long enough, and payloads that no row names. */
static enum rc sweep(struct outbox_worker *w, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct stale stale = { .now_s = w->scan.now_s };

	enum rc rc = store_begin(w->outbox->store, &tx, why);
	if (rc == RC_OK)
		rc = store_outbox_each(tx, note_stale, &stale, why);
	for (size_t i = 0; rc == RC_OK && i < stale.count; i++)
		rc = store_outbox_remove(tx, stale.ids[i], why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	return rc == RC_OK ? store_blob_sweep(w->outbox->store, w->scan.now_s, NULL, why) : rc;
}

static void scan_work(void *arg)
{
	struct outbox_worker *w = arg;
	struct scan *scan = &w->scan;
	struct fault why;

	enum rc rc = find_due(w, &why);
	if (rc == RC_OK)
		load_jobs(w);
	if (rc == RC_OK && scan->now_s - scan->swept_s >= SWEEP_S) {
		scan->swept_s = scan->now_s;
		rc = sweep(w, &why);
	}
	if (rc == RC_OK)
		return;
	tell_trouble(w, rc, why.text);
	scan->trouble = true;
}

static enum rc one_event(void *arg, const struct outbox_event *event)
{
	struct outbox_worker *w = arg;

	pthread_mutex_lock(&w->events);
	enum rc rc = w->event(w->arg, event);
	pthread_mutex_unlock(&w->events);
	return rc;
}

static void settle_work(void *arg)
{
	struct run *run = arg;
	struct outbox_worker *w = run->worker;
	struct outbox_settling settling = { w->outbox, &w->settings, one_event, w, now_s(w) };
	struct fault why;

	run->rc = outbox_job_settle(run->job, &settling, &why);
	if (run->rc != RC_OK)
		tell_trouble(w, run->rc, why.text);
}

/* ---- on the loop ---- */

static void look(struct outbox_worker *w);

static void set_timer(struct outbox_worker *w)
{
	int64_t now = loop_now_ms(w->loop), at = w->look_ms;

	for (size_t i = 0; i < PARALLEL_MAX; i++)
		if (w->runs[i].again_ms && w->runs[i].again_ms < at)
			at = w->runs[i].again_ms;
	loop_timer_set(w->timer, at > now ? at - now : 1);
}

static void settle_done(void *arg)
{
	struct run *run = arg;
	struct outbox_worker *w = run->worker;

	run->at_work = false;
	w->at_work--;
	if (ended(w))
		return;
	if (w->stopping)
		return;
	if (run->rc != RC_OK) {
		run->again_ms = loop_now_ms(w->loop) + AGAIN_MS;
		set_timer(w);
		return;
	}
	outbox_job_free(&run->job);
	look(w);
}

static void settle(struct run *run)
{
	struct outbox_worker *w = run->worker;

	run->again_ms = 0;
	if (loop_work(w->loop, settle_work, settle_done, run) == RC_OK) {
		run->at_work = true;
		w->at_work++;
		return;
	}
	run->again_ms = loop_now_ms(w->loop) + AGAIN_MS;
	set_timer(w);
}

static void submitted(void *arg, const struct smtp_outcome *outcome)
{
	struct run *run = arg;

	run->submit = NULL;
	outbox_job_answer(run->job, outcome, "");
	settle(run);
}

static void start(struct outbox_worker *w, struct outbox_job *job)
{
	struct run *run = w->runs;

	while (run->job)
		run++; /* scan.room says that one is free */
	*run = (struct run){ .worker = w, .job = job };
	if (!job->answered) {
		run->submit = smtp_submit_start(w->loop, &job->submission, submitted, run);
		if (run->submit)
			return;
		outbox_job_answer(job, NULL, "out of memory");
	}
	settle(run);
}

static void scan_done(void *arg)
{
	struct outbox_worker *w = arg;
	struct scan *scan = &w->scan;

	w->at_work--;
	scan->running = false;
	for (size_t i = 0; w->stopping && i < scan->job_count; i++)
		outbox_job_free(&scan->jobs[i]);
	if (w->stopping) {
		(void)ended(w);
		return;
	}
	for (size_t i = 0; i < scan->job_count; i++)
		start(w, TAKE(scan->jobs[i]));

	int64_t pause_ms = LOOK_MS;
	if (scan->next_s > scan->now_s && scan->next_s - scan->now_s < LOOK_MS / 1000)
		pause_ms = (scan->next_s - scan->now_s) * 1000;
	if (scan->trouble && pause_ms > AGAIN_MS)
		pause_ms = AGAIN_MS;
	w->look_ms = loop_now_ms(w->loop) + pause_ms;
	set_timer(w);
	/* When all places were taken, a settled job looks again; when some were not, what
	 * was due is under way. */
	if (scan->again || scan->passed)
		look(w);
}

/* Looks into the store for what is due, if there is a place for it. */
static void look(struct outbox_worker *w)
{
	struct scan *scan = &w->scan;

	scan->again = scan->running;
	if (scan->running)
		return;
	scan->busy_count = scan->job_count = scan->row_count = 0;
	scan->trouble = scan->passed = false;
	for (size_t i = 0; i < w->settings.parallel_max; i++)
		if (w->runs[i].job)
			memcpy(scan->busy[scan->busy_count++], w->runs[i].job->stored.id,
			       STORE_ID_BYTES);
	scan->room = w->settings.parallel_max - scan->busy_count;
	w->look_ms = loop_now_ms(w->loop) + LOOK_MS;
	set_timer(w);
	if (scan->room == 0)
		return;
	arena_reset(scan->arena);
	scan->now_s = now_s(w);
	if (loop_work(w->loop, scan_work, scan_done, w) != RC_OK)
		return; /* no memory: the timer comes again */
	scan->running = true;
	w->at_work++;
}

static void on_timer(void *arg)
{
	struct outbox_worker *w = arg;
	int64_t now = loop_now_ms(w->loop);

	for (size_t i = 0; i < PARALLEL_MAX; i++)
		if (w->runs[i].again_ms && w->runs[i].again_ms <= now)
			settle(&w->runs[i]);
	if (w->look_ms <= now)
		look(w);
	else
		set_timer(w);
}

static void on_wake(void *arg)
{
	struct outbox_worker *w = arg;

	atomic_store(&w->posted, false);
	if (!ended(w) && !w->stopping)
		look(w);
}

enum rc outbox_worker_wake(struct outbox_worker *w)
{
	if (atomic_exchange(&w->posted, true))
		return RC_OK; /* one is on its way */
	enum rc rc = loop_post(w->loop, on_wake, w);
	if (rc != RC_OK)
		atomic_store(&w->posted, false);
	return rc;
}

/* Fills in the defaults and copies the strings. */
static bool take_settings(struct outbox_worker *w, const struct outbox_worker_settings *given)
{
	struct outbox_worker_settings *s = &w->settings;

	*s = *given;
	s->server = w->server = strdup(given->server);
	s->helo = w->helo = strdup(given->helo && *given->helo ? given->helo : "localhost");
	s->report_from = w->report_from = strdup(given->report_from);
	if (s->parallel_max == 0)
		s->parallel_max = PARALLEL;
	if (s->parallel_max > PARALLEL_MAX)
		s->parallel_max = PARALLEL_MAX;
	s->retry_first_s = s->retry_first_s ? s->retry_first_s : 10;
	s->retry_max_s = s->retry_max_s ? s->retry_max_s : 15 * 60;
	s->report_s = s->report_s ? s->report_s : 4 * 3600;
	s->give_up_s = s->give_up_s ? s->give_up_s : 5 * 86400;
	s->keep_stuck_s = s->keep_stuck_s ? s->keep_stuck_s : 5 * 86400;
	s->now_s = s->now_s ? s->now_s : wall_clock;
	return w->server && w->helo && w->report_from;
}

enum rc outbox_worker_new(struct loop *loop, struct outbox *outbox,
			  const struct outbox_worker_settings *settings, outbox_event_fn *event,
			  outbox_trouble_fn *trouble, void *arg, struct outbox_worker **out,
			  struct fault *why)
{
	struct outbox_worker *w = calloc(1, sizeof *w);

	if (!w)
		return fault(why, RC_NOMEM, "out of memory");
	w->loop = loop;
	w->outbox = outbox;
	w->event = event;
	w->trouble = trouble;
	w->arg = arg;
	pthread_mutex_init(&w->events, NULL);
	atomic_init(&w->posted, false);
	w->timer = loop_timer_new(loop, on_timer, w);
	/* Due rows are held twice for a moment, here and in their jobs. */
	w->scan.arena = arena_new(sizeof w->scan.rows / sizeof *w->scan.rows * STORE_RECORD_MAX);
	if (!take_settings(w, settings) || !w->timer || !w->scan.arena) {
		release(w);
		return fault(why, RC_NOMEM, "out of memory");
	}
	*out = w;
	look(w);
	return RC_OK;
}

void outbox_worker_free(struct outbox_worker *w, void (*done)(void *arg), void *arg)
{
	assert(!w->stopping);
	w->stopping = true;
	w->done = done;
	w->done_arg = arg;
	loop_timer_clear(w->timer);
	for (size_t i = 0; i < PARALLEL_MAX; i++) {
		struct run *run = &w->runs[i];
		smtp_submit_cancel(TAKE(run->submit));
		if (!run->at_work)
			outbox_job_free(&run->job);
	}
	(void)ended(w);
}
