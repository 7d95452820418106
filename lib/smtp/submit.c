#include "smtp/submit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "loop/loop.h"
#include "smtp/connect.h"
#include "smtp/dialogue.h"
#include "smtp/stuff.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	PIECE = 32 * 1024,        /* bytes of the message per turn, so that others get theirs */
	OUT_MAX = 2 * PIECE + 16, /* every byte a dot at a line's start, and the end */
	CONNECT_MS = 30 * 1000,
};

struct smtp_submit {
	struct loop *loop;
	struct smtp_submission submission;
	smtp_done *done;
	void *arg;

	struct smtp_dialogue dialogue;
	struct smtp_stuff stuff;
	size_t sent; /* of submission.message */
	bool ended;  /* the final dot stands in out, or is sent */

	int fd; /* -1: none */
	bool connected;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct buf in, out;
};

static void submit_free(struct smtp_submit *s)
{
	loop_watch_free(s->watch);
	loop_timer_free(s->timer);
	cleanup_fd(&s->fd);
	buf_free(&s->in);
	buf_free(&s->out);
	smtp_dialogue_fini(&s->dialogue);
	free(s);
}

static void finish(struct smtp_submit *s)
{
	s->done(s->arg, smtp_dialogue_outcome(&s->dialogue));
	submit_free(s);
}

static void lost(struct smtp_submit *s, int error)
{
	struct fault why;

	(void)fault(&why, RC_RETRY, "connection lost while waiting for %s: %s",
		    smtp_dialogue_awaits(&s->dialogue),
		    error ? strerrordesc_np(error) : "closed by the server");
	smtp_dialogue_break(&s->dialogue, why.text);
}

/* The next piece of the message, as the caller gives it: *piece, empty before,
 * stays so at the end. It borrows from room or from the submission. */
static enum rc next_piece(struct smtp_submit *s, char *room, struct slice *piece, struct fault *why)
{
	const struct smtp_submission *sub = &s->submission;
	size_t len = 0;

	if (sub->read) {
		enum rc rc = sub->read(sub->read_arg, room, PIECE, &len);

		if (rc != RC_OK)
			return fault(why, RC_RETRY, "the message could not be read");
		*piece = (struct slice){ room, len };
		return RC_OK;
	}
	len = sub->message.len - s->sent;
	if (len == 0)
		return RC_OK;
	*piece = (struct slice){ sub->message.at + s->sent, len < PIECE ? len : PIECE };
	s->sent += piece->len;
	return RC_OK;
}

/* Puts more of the message into s->out, and behind the last of it the dot. */
static void fill(struct smtp_submit *s)
{
	char room[PIECE];
	struct slice piece = { 0 };
	struct fault why;

	enum rc rc = next_piece(s, room, &piece, &why);
	if (rc == RC_OK && piece.len > 0)
		rc = smtp_stuff_add(&s->stuff, piece, &s->out, &why);
	else if (rc == RC_OK)
		rc = smtp_stuff_end(&s->stuff, &s->out, &why);

	if (rc == RC_INVALID)
		smtp_dialogue_refuse(&s->dialogue, why.text);
	else if (rc != RC_OK)
		smtp_dialogue_break(&s->dialogue, why.text);
	else
		s->ended = piece.len == 0;
}

/* Takes the replies that have arrived. A reply to a command that was not sent
 * yet means that we and the server no longer agree on who answers what. */
static void take_replies(struct smtp_submit *s)
{
	struct smtp_dialogue *d = &s->dialogue;
	struct slice in = buf_slice(&s->in);
	struct smtp_reply reply;
	struct fault why;

	while (d->step != SMTP_AT_END) {
		enum rc rc = smtp_reply_take(&in, &reply, &why);

		if (rc == RC_ABSENT)
			break;
		if (rc != RC_OK) {
			smtp_dialogue_break(d, why.text);
			return;
		}
		if (s->out.len > 0 && d->step != SMTP_AT_MESSAGE && d->step != SMTP_AT_QUIT) {
			smtp_dialogue_break(d, "the server answered what it was not asked");
			return;
		}
		smtp_dialogue_reply(d, &reply, &s->out);
		loop_timer_set(s->timer, smtp_dialogue_wait_ms(d));
	}
	buf_drop(&s->in, s->in.len - in.len);
}

static void receive(struct smtp_submit *s)
{
	char *space;

	/* SMTP_REPLY_MAX and one read more: smtp_reply_take() gives up first. */
	if (buf_reserve(&s->in, SMTP_REPLY_LINE_MAX, &space) != RC_OK) {
		smtp_dialogue_break(&s->dialogue, "no memory for a reply");
		return;
	}
	ssize_t n = recv(s->fd, space, SMTP_REPLY_LINE_MAX, 0);
	if (n > 0) {
		buf_added(&s->in, (size_t)n);
		take_replies(s);
	} else if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
		lost(s, n == 0 ? 0 : errno);
	}
}

/* A server that wants no more may have said why before it closed. */
static void cannot_send(struct smtp_submit *s, int error)
{
	if (s->dialogue.step == SMTP_AT_MESSAGE)
		receive(s);
	if (s->dialogue.step != SMTP_AT_END)
		lost(s, error);
}

/* Writes what stands in s->out as far as the server takes it. Until the last
 * byte of the final dot is the system's, the server cannot have the message. */
static void flush(struct smtp_submit *s)
{
	while (s->out.len > 0) {
		ssize_t n = send(s->fd, s->out.at, s->out.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0) {
			cannot_send(s, errno);
			return;
		}
		buf_drop(&s->out, (size_t)n);
		loop_timer_set(s->timer, smtp_dialogue_wait_ms(&s->dialogue));
	}
	if (s->dialogue.step == SMTP_AT_MESSAGE && s->ended) {
		smtp_dialogue_dot(&s->dialogue);
		loop_timer_set(s->timer, smtp_dialogue_wait_ms(&s->dialogue));
	}
}

static void on_events(void *arg, unsigned events)
{
	struct smtp_submit *s = arg;
	struct smtp_dialogue *d = &s->dialogue;
	struct fault why;

	if (!s->connected) {
		if (smtp_connect_result(s->fd, &why) != RC_OK) {
			smtp_dialogue_break(d, why.text);
			finish(s);
			return;
		}
		s->connected = true;
		loop_timer_set(s->timer, smtp_dialogue_wait_ms(d));
	}
	if (events & LOOP_READ)
		receive(s);
	if (d->step == SMTP_AT_MESSAGE && !s->ended && s->out.len == 0)
		fill(s);
	if (d->step != SMTP_AT_END)
		flush(s);
	if (d->step == SMTP_AT_END) {
		finish(s);
		return;
	}
	loop_watch_set(s->watch,
		       LOOP_READ |
			       (s->out.len > 0 || d->step == SMTP_AT_MESSAGE ? LOOP_WRITE : 0u));
}

static void on_timer(void *arg)
{
	struct smtp_submit *s = arg;
	struct smtp_dialogue *d = &s->dialogue;
	struct fault why;

	if (d->step != SMTP_AT_END) { /* else it ended before it began, see start() */
		int64_t ms =
			s->connected ? smtp_dialogue_wait_ms(d) : s->submission.times.connect_ms;

		(void)fault(&why, RC_RETRY, "waited %g s for %s", (double)ms / 1000,
			    s->connected ? smtp_dialogue_awaits(d) : "the connection");
		smtp_dialogue_break(d, why.text);
	}
	finish(s);
}

/* Whatever fails here is told by the timer: done() never comes from within
 * smtp_submit_start(). */
static void start(struct smtp_submit *s)
{
	struct fault why;

	if (s->dialogue.step == SMTP_AT_END) {
		loop_timer_set(s->timer, 0);
		return;
	}
	if (smtp_connect(s->submission.server, &s->fd, &why) != RC_OK) {
		smtp_dialogue_break(&s->dialogue, why.text);
		loop_timer_set(s->timer, 0);
		return;
	}
	s->watch = loop_watch_new(s->loop, s->fd, on_events, s);
	if (!s->watch) {
		smtp_dialogue_break(&s->dialogue, "no memory for a connection");
		loop_timer_set(s->timer, 0);
		return;
	}
	loop_watch_set(s->watch, LOOP_WRITE);
	loop_timer_set(s->timer, s->submission.times.connect_ms);
}

struct smtp_submit *smtp_submit_start(struct loop *loop, const struct smtp_submission *submission,
				      smtp_done *done, void *arg)
{
	struct smtp_submit *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->loop = loop;
	s->submission = *submission;
	if (s->submission.times.connect_ms <= 0)
		s->submission.times.connect_ms = CONNECT_MS;
	s->done = done;
	s->arg = arg;
	s->fd = -1;
	s->in = BUF_INIT(SMTP_REPLY_MAX + SMTP_REPLY_LINE_MAX);
	s->out = BUF_SECRET(OUT_MAX); /* it may carry codes and phrases */
	if (smtp_dialogue_init(&s->dialogue, &s->submission) != RC_OK ||
	    !(s->timer = loop_timer_new(loop, on_timer, s))) {
		submit_free(s);
		return NULL;
	}
	start(s);
	return s;
}

void smtp_submit_cancel(struct smtp_submit *s)
{
	if (s)
		submit_free(s);
}
