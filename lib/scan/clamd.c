#include "scan/clamd.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "scan/reply.h"
#include "smtp/connect.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CHUNK = 64 * 1024,
	PREFIX = 4,
	IN_MAX = 4 * SCAN_REPLY_MAX, /* two answers, and room for odd ones */
	VERSION = 1,                 /* the numbers of our commands */
	INSTREAM = 2,
};

static const char commands[] = "zIDSESSION\0zVERSION\0zINSTREAM";

struct talk {
	int fd;
	int64_t deadline_ms;
	const struct spool *message; /* NULL: an empty one */
	uint64_t at;
	bool all_said; /* the closing zero is in out */
	bool cut;      /* clamd listens no more; it may have said why */
	bool answered;
	size_t out_len, out_sent, in_len;
	char out[PREFIX + CHUNK], in[IN_MAX];
	struct scan_reply answer; /* of INSTREAM, its words in name */
	struct scan_result result;
};

static void copy(char *to, size_t room, struct slice words)
{
	size_t len = words.len < room - 1 ? words.len : room - 1;

	memcpy(to, words.at, len);
	to[len] = '\0';
}

/* The next chunk, or the zero that ends them. */
static enum rc fill(struct talk *t, struct fault *why)
{
	size_t got = 0;
	enum rc rc = RC_OK;

	if (t->message)
		rc = spool_read(t->message, t->at, t->out + PREFIX, CHUNK, &got, why);
	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < PREFIX; i++)
		t->out[i] = (char)(got >> (8 * (PREFIX - 1 - i)));
	t->at += got;
	t->out_len = PREFIX + got;
	t->out_sent = 0;
	t->all_said = got == 0;
	return RC_OK;
}

static enum rc say(struct talk *t, struct fault *why)
{
	if (t->out_sent == t->out_len) {
		enum rc rc = fill(t, why);
		if (rc != RC_OK)
			return rc;
	}
	ssize_t n = send(t->fd, t->out + t->out_sent, t->out_len - t->out_sent, MSG_NOSIGNAL);
	if (n >= 0)
		t->out_sent += (size_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		t->cut = true;
	return RC_OK;
}

static enum rc take_answers(struct talk *t, struct fault *why)
{
	struct slice rest = { t->in, t->in_len };
	struct scan_reply reply;
	enum rc rc;

	while ((rc = scan_reply_take(&rest, &reply, why)) == RC_OK) {
		if (reply.number == VERSION && reply.kind == SCAN_REPLY_OTHER)
			copy(t->result.engine, sizeof t->result.engine, reply.words);
		else if (reply.number == INSTREAM && !t->answered) {
			t->answer = reply;
			t->answered = true;
			copy(t->result.name, sizeof t->result.name, reply.words);
		} else
			return fault(why, RC_RETRY, "the scanner said: %.*s",
				     SLICE_ARG(reply.words));
	}
	memmove(t->in, rest.at, rest.len);
	t->in_len = rest.len;
	return rc == RC_ABSENT ? RC_OK : fault(why, RC_RETRY, "the scanner's answer is none");
}

static enum rc hear(struct talk *t, struct fault *why)
{
	ssize_t n = recv(t->fd, t->in + t->in_len, sizeof t->in - t->in_len, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return RC_OK;
	if (n > 0) {
		t->in_len += (size_t)n;
		return take_answers(t, why);
	}
	if (t->answered)
		return RC_OK;
	return fault(why, RC_RETRY, "the scanner broke off%s%s", n < 0 ? ": " : "",
		     n < 0 ? strerrordesc_np(errno) : "");
}

static enum rc wait_for(struct talk *t, short *events, struct fault *why)
{
	int64_t left_ms = t->deadline_ms - clock_mono_ms();
	struct pollfd ready = { .fd = t->fd, .events = *events };

	if (left_ms <= 0)
		return fault(why, RC_RETRY, "the scanner did not answer in time");
	if (poll(&ready, 1, left_ms < INT_MAX ? (int)left_ms : INT_MAX) < 0 && errno != EINTR)
		return fault(why, RC_RETRY, "cannot wait for the scanner: %s",
			     strerrordesc_np(errno));
	*events = ready.revents;
	return RC_OK;
}

/* Listens while it speaks: clamd says that a message is too long in the midst of it. */
static enum rc converse(struct talk *t, struct fault *why)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK && !t->answered) {
		bool done = t->cut || (t->all_said && t->out_sent == t->out_len);
		short events = (short)(POLLIN | (done ? 0 : POLLOUT));

		rc = wait_for(t, &events, why);
		if (rc == RC_OK && (events & (POLLIN | POLLHUP | POLLERR)))
			rc = hear(t, why);
		if (rc == RC_OK && !t->answered && !done && (events & POLLOUT))
			rc = say(t, why);
	}
	return rc;
}

static enum rc connect_to(struct talk *t, const char *server, struct fault *why)
{
	enum rc rc = smtp_connect(server, &t->fd, why);

	for (short events = 0; rc == RC_OK && !events;) {
		events = POLLOUT;
		rc = wait_for(t, &events, why);
	}
	return rc == RC_OK ? smtp_connect_result(t->fd, why) : rc;
}

static enum rc judge(struct talk *t, struct scan_result *out, struct fault *why)
{
	struct scan_result *r = &t->result;

	switch (t->answer.kind) {
	case SCAN_REPLY_TOO_LONG:
		return fault(why, RC_LIMIT, "the message is too long for the virus scanner");
	case SCAN_REPLY_OTHER:
		return fault(why, RC_RETRY, "the scanner said: %s", r->name);
	case SCAN_REPLY_CLEAN:
		r->name[0] = '\0';
		break;
	case SCAN_REPLY_FOUND:
		r->found = true;
		break;
	}
	if (!t->all_said && !r->found)
		return fault(why, RC_RETRY, "the scanner answered before it had all");
	if (r->engine[0] == '\0' || strstr(r->engine, "UNAVAILABLE"))
		copy(r->engine, sizeof r->engine, SLICE("ClamAV"));
	*out = *r;
	return RC_OK;
}

enum rc scan_message(const char *server, int64_t deadline_ms, const struct spool *message,
		     struct scan_result *out, struct fault *why)
{
	CLEANUP(cleanup_free) struct talk *t = calloc(1, sizeof *t);

	if (!t)
		return fault(why, RC_NOMEM, "out of memory");
	t->fd = -1;
	t->deadline_ms = deadline_ms;
	t->message = message;
	memcpy(t->out, commands, sizeof commands);
	t->out_len = sizeof commands;
	enum rc rc = connect_to(t, server, why);
	if (rc == RC_OK)
		rc = converse(t, why);
	cleanup_fd(&t->fd);
	return rc == RC_OK ? judge(t, out, why) : rc;
}

enum rc scan_engine(const char *server, int64_t deadline_ms, struct scan_result *out,
		    struct fault *why)
{
	return scan_message(server, deadline_ms, NULL, out, why);
}
