#include "reader/pool.h"

#include "base/clock.h"
#include "reader/program.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	JOBS_MAX = 1000, /* of one process: what leaks or fragments goes with it */
};

struct worker {
	struct reader_process process;
	unsigned jobs;
	struct worker *next;
};

struct reader_pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	struct worker *idle;
	unsigned count; /* of processes, idle or at work */
	struct reader_config config;
	char program[READER_PATH_MAX];
};

struct reader_pool *reader_pool_new(const struct reader_config *config)
{
	struct reader_pool *p = calloc(1, sizeof *p);
	pthread_condattr_t attributes;

	if (!p)
		return NULL;
	p->config = *config;
	if (config->program)
		strncpy(p->program, config->program, sizeof p->program - 1);
	else
		reader_program_find(p->program);
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&p->freed, &attributes);
	pthread_condattr_destroy(&attributes);
	return p;
}

static const char *worker_free(struct worker *w)
{
	const char *how = reader_program_end(&w->process);

	free(w);
	return how;
}

void reader_pool_free(struct reader_pool *p)
{
	if (!p)
		return;
	while (p->idle) {
		struct worker *w = p->idle;
		p->idle = w->next;
		(void)worker_free(w);
	}
	pthread_cond_destroy(&p->freed);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* ---- who reads ---- */

static struct timespec at_time(int64_t mono_ms)
{
	return (struct timespec){ .tv_sec = mono_ms / 1000, .tv_nsec = mono_ms % 1000 * 1000000 };
}

/* Waits for a free process, or the right to start one (*out is NULL). False: none
 * until then. */
static bool take(struct reader_pool *p, int64_t deadline_ms, struct worker **out)
{
	struct timespec until = at_time(deadline_ms);
	bool in_time = true;

	pthread_mutex_lock(&p->lock);
	while (!p->idle && p->count >= p->config.processes && in_time)
		in_time = pthread_cond_timedwait(&p->freed, &p->lock, &until) != ETIMEDOUT;
	in_time = p->idle || p->count < p->config.processes;
	*out = p->idle;
	if (p->idle)
		p->idle = p->idle->next;
	else if (in_time)
		p->count++;
	pthread_mutex_unlock(&p->lock);
	return in_time;
}

/* NULL: one has ended, and another may start. */
static void give_back(struct reader_pool *p, struct worker *w)
{
	if (w && w->jobs >= JOBS_MAX) {
		(void)worker_free(w);
		w = NULL;
	}
	pthread_mutex_lock(&p->lock);
	if (w) {
		w->next = p->idle;
		p->idle = w;
	} else {
		p->count--;
	}
	pthread_cond_signal(&p->freed);
	pthread_mutex_unlock(&p->lock);
}

/* Instead of NULL a new process; NULL when there can be none: the right is given back. */
static struct worker *start(struct reader_pool *p, struct worker *w, struct fault *why, enum rc *rc)
{
	*rc = RC_OK;
	if (w)
		return w;
	w = calloc(1, sizeof *w);
	*rc = w ? reader_program_start(p->program, p->config.memory_bytes, &w->process, why)
		: fault(why, RC_NOMEM, "out of memory");
	if (*rc == RC_OK)
		return w;
	free(w);
	give_back(p, NULL);
	return NULL;
}

enum rc reader_pool_try(struct reader_pool *p, struct fault *why)
{
	struct worker *w;
	enum rc rc;

	if (!take(p, clock_mono_ms(), &w))
		return RC_OK; /* all are at work */
	w = start(p, w, why, &rc);
	if (w)
		give_back(p, w);
	return rc;
}

/* ---- one document ---- */

struct talk {
	int fd;
	int64_t deadline_ms;
	const struct reader_job *job;
	const struct reader_heard *heard;
	void *of;
	uint64_t cpu_usec;
	bool in_text, done;
	struct buf out, in;
};

/* What ends a talk early. */
enum end { GOES_ON, TIMED_OUT, HUNG_UP, GARBAGE, NO_MEMORY, UNREADABLE };

static enum end wait_for(const struct talk *t, short events)
{
	struct pollfd fd = { .fd = t->fd, .events = events };
	int64_t left = t->deadline_ms - clock_mono_ms();

	if (left <= 0)
		return TIMED_OUT;
	int n = poll(&fd, 1, left < 60000 ? (int)left : 60000);
	return n < 0 && errno != EINTR ? HUNG_UP : GOES_ON;
}

static enum end send_out(struct talk *t)
{
	struct slice rest = buf_slice(&t->out);

	while (rest.len) {
		ssize_t n = send(t->fd, rest.at, rest.len, MSG_NOSIGNAL);
		if (n > 0) {
			rest = (struct slice){ rest.at + n, rest.len - (size_t)n };
			continue;
		}
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return HUNG_UP;
		enum end end = wait_for(t, POLLOUT);
		if (end != GOES_ON)
			return end;
	}
	buf_clear(&t->out);
	return GOES_ON;
}

static enum end send_frame(struct talk *t, const struct wire_frame *frame)
{
	return wire_add(&t->out, frame) == RC_OK ? send_out(t) : NO_MEMORY;
}

static enum end send_job(struct talk *t)
{
	struct buf body = BUF_INIT(256);
	struct wire_frame job = { .kind = WIRE_JOB,
				  .number = spool_size(t->job->bytes),
				  .name = t->job->name };
	enum end end = NO_MEMORY;

	if (wire_limits_add(&body, &t->job->limits) == RC_OK) {
		job.body = buf_slice(&body);
		end = send_frame(t, &job);
	}
	buf_free(&body);
	return end;
}

static enum end send_bytes(struct talk *t)
{
	enum end end = GOES_ON;
	char *piece = malloc(WIRE_BODY_MAX);
	size_t got = 0;

	for (uint64_t at = 0; piece && end == GOES_ON; at += got) {
		if (spool_read(t->job->bytes, at, piece, WIRE_BODY_MAX, &got, NULL) != RC_OK)
			end = UNREADABLE;
		else if (got == 0)
			break;
		else
			end = send_frame(t, &(struct wire_frame){ .kind = WIRE_DATA,
								  .body = { piece, got } });
	}
	free(piece);
	return piece ? end : NO_MEMORY;
}

/* A path as it is shown: a name in it may be what must not be shown. */
static const char *shown(struct slice path, char *out)
{
	size_t digits = 0;

	for (size_t i = 0; i < path.len; i++) {
		bool digit = path.at[i] >= '0' && path.at[i] <= '9';
		digits = path.at[i] == '/' ? 0 : digits + digit;
		out[i] = digit && digits > 6 ? '?' : path.at[i];
	}
	out[path.len] = '\0';
	return out;
}

static bool hear_file(struct talk *t, const char *path, const struct wire_frame *f)
{
	struct wire_file more;

	if (!wire_file_take(f->body, &more))
		return false;
	t->heard->file(t->of, path,
		       &(struct reader_file){ f->name, f->number, more.type, more.hash });
	return true;
}

/* False: it is out of place. */
static bool hear(struct talk *t, const struct wire_frame *f)
{
	const struct reader_heard *h = t->heard;
	char path[WIRE_PATH_MAX + 1], why[WIRE_NAME_MAX + 1];
	bool in_text = f->kind == WIRE_TEXT || f->kind == WIRE_END;

	if (f->kind != WIRE_OPAQUE && in_text != t->in_text)
		return false;
	shown(f->path, path);
	switch (f->kind) {
	case WIRE_BEGIN:
		t->in_text = true;
		h->begin(t->of, path);
		break;
	case WIRE_TEXT:
		h->text(t->of, f->body);
		break;
	case WIRE_END:
		t->in_text = false;
		h->end(t->of);
		break;
	case WIRE_FILE:
		return hear_file(t, path, f);
	case WIRE_PROPERTY:
		h->property(t->of, path, f->name, f->body);
		break;
	case WIRE_LABEL:
		h->label(t->of, path, f->body);
		break;
	case WIRE_OPAQUE:
		h->opaque(t->of, path, shown(f->name, why));
		break;
	case WIRE_DONE:
		t->done = true;
		t->cpu_usec = f->number;
		break;
	case WIRE_JOB:
	case WIRE_DATA:
	case WIRE_KINDS:
		return false;
	}
	return true;
}

static enum end hear_all(struct talk *t)
{
	struct slice rest = buf_slice(&t->in);
	struct wire_frame f;
	enum rc rc = RC_ABSENT;

	while (!t->done && (rc = wire_take(&rest, true, &f)) == RC_OK) {
		if (!hear(t, &f))
			return GARBAGE;
		/* What is matched here takes time, too, of which little frames cause much. */
		if (clock_mono_ms() > t->deadline_ms)
			return TIMED_OUT;
	}
	if (rc == RC_INVALID || (t->done && rest.len))
		return GARBAGE;
	buf_drop(&t->in, t->in.len - rest.len);
	return GOES_ON;
}

static enum end receive(struct talk *t)
{
	char *space;

	while (!t->done) {
		if (buf_reserve(&t->in, WIRE_BODY_MAX, &space) != RC_OK)
			return NO_MEMORY;
		ssize_t n = recv(t->fd, space, WIRE_BODY_MAX, 0);
		enum end end = GOES_ON;
		if (n > 0) {
			buf_added(&t->in, (size_t)n);
			end = hear_all(t);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			return HUNG_UP;
		} else {
			end = wait_for(t, POLLIN);
		}
		if (end != GOES_ON)
			return end;
	}
	return GOES_ON;
}

static enum end talk(struct talk *t, struct worker *w, bool *sent)
{
	t->fd = w->process.fd;
	w->jobs++;
	enum end end = send_job(t);

	if (end == GOES_ON)
		end = send_bytes(t);
	*sent = end == GOES_ON;
	if (end == GOES_ON)
		end = receive(t);
	if (t->in_text)
		t->heard->end(t->of);
	t->in_text = false;
	return end;
}

static const char *reason(enum end end, const char *died)
{
	switch (end) {
	case GOES_ON:
		break;
	case TIMED_OUT:
		return "inspect-ms";
	case HUNG_UP:
		return died;
	case GARBAGE:
		return "reader-garbage";
	case NO_MEMORY:
		return "memory";
	case UNREADABLE:
		return "spool";
	}
	return "";
}

/* Returns why the document counts as unread; "" when its reader came to its end. */
static const char *read_once(struct reader_pool *p, struct talk *t, bool *again)
{
	struct worker *w;
	bool sent = false;
	enum rc rc;

	if (!take(p, t->deadline_ms, &w))
		return "inspect-ms";
	bool used = w != NULL;
	w = start(p, w, NULL, &rc);
	if (!w)
		return "reader-start";
	enum end end = talk(t, w, &sent);
	if (end == GOES_ON) {
		give_back(p, w);
		return "";
	}
	const char *died = worker_free(w);
	give_back(p, NULL);
	/* It may have been killed while it was idle: that says nothing of the document. */
	*again = used && !sent && end == HUNG_UP;
	return reason(end, died);
}

void reader_pool_read(struct reader_pool *p, const struct reader_job *job,
		      const struct reader_heard *heard, void *of, struct reader_spent *spent)
{
	int64_t from_ms = clock_mono_ms();
	struct talk t = {
		.deadline_ms = from_ms + job->wall_ms,
		.job = job,
		.heard = heard,
		.of = of,
		.out = BUF_INIT(WIRE_FRAME_MAX),
		.in = BUF_INIT(WIRE_FRAME_MAX + WIRE_BODY_MAX),
	};
	bool again = false;
	const char *why = read_once(p, &t, &again);

	if (again) {
		buf_clear(&t.out);
		buf_clear(&t.in);
		why = read_once(p, &t, &again);
	}
	if (*why)
		heard->opaque(of, "", why);
	int64_t took_ms = clock_mono_ms() - from_ms;
	spent->wall_ms = (unsigned)took_ms;
	/* Who did not live to tell has used what it could. */
	spent->cpu_ms = t.done ? (unsigned)(t.cpu_usec / 1000) : (unsigned)took_ms;
	buf_free(&t.out);
	buf_free(&t.in);
}
