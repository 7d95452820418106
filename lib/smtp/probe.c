#include "smtp/probe.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "loop/loop.h"
#include "smtp/capability.h"
#include "smtp/command.h"
#include "smtp/connect.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static_assert((int)TLS_WAIT_READ == (int)LOOP_READ && (int)TLS_WAIT_WRITE == (int)LOOP_WRITE);

enum step { /* what is awaited */
	    AT_CONNECTION,
	    AT_GREETING,
	    AT_EHLO,
	    AT_STARTTLS,
	    AT_HANDSHAKE,
	    AT_SECOND_EHLO,
	    AT_QUIT, /* the answer to it counts for nothing */
};

struct smtp_probe {
	struct loop *loop;
	struct dns_address addresses[SMTP_PROBE_ADDRESSES_MAX];
	size_t address_count, next_address;
	uint16_t port;
	char helo[SMTP_HELO_MAX + 1];
	struct tls_wish tls;
	int64_t timeout_ms, deadline_ms; /* by the loop's clock */
	smtp_probed_fn *done;
	void *arg;

	enum step step;
	int fd; /* -1: none */
	struct loop_watch *watch;
	struct loop_timer *timer, *share; /* of it all; of one connection */
	struct tls_session *session;      /* from AT_HANDSHAKE on */
	unsigned wants;                   /* what the socket is waited for */
	struct buf in, out;

	bool ended;
	struct smtp_probed result;
	struct fault why;
};

static void probe_free(struct smtp_probe *p)
{
	tls_session_free(p->session);
	loop_watch_free(p->watch);
	loop_timer_free(p->timer);
	loop_timer_free(p->share);
	cleanup_fd(&p->fd);
	buf_free(&p->in);
	buf_free(&p->out);
	free(p);
}

static void finish(struct smtp_probe *p)
{
	if (p->session)
		p->result.tls = tls_session_version(p->session);
	p->result.why = p->result.rc == RC_OK ? "" : p->why.text;
	p->done(p->arg, &p->result);
	probe_free(p);
}

/* Settles it: p->why holds the reason unless rc is RC_OK. */
static void end(struct smtp_probe *p, enum rc rc)
{
	p->ended = true;
	p->result.rc = rc;
}

static const char *awaited(enum step step)
{
	switch (step) {
	case AT_CONNECTION:
		return "a connection";
	case AT_GREETING:
		return "the greeting";
	case AT_EHLO:
		return "the answer to EHLO";
	case AT_STARTTLS:
		return "the answer to STARTTLS";
	case AT_HANDSHAKE:
		return "the TLS handshake";
	case AT_SECOND_EHLO:
		return "the answer to EHLO within TLS";
	case AT_QUIT:
		return "the answer to QUIT";
	}
	return "";
}

/* ---- the dialogue ---- */

static void say(struct smtp_probe *p, const char *command, enum step next)
{
	if (buf_add_text(&p->out, command) != RC_OK)
		end(p, fault(&p->why, RC_RETRY, "no memory for a command"));
	p->step = next;
}

static void say_hello(struct smtp_probe *p, enum step next)
{
	if (smtp_command_hello("EHLO", p->helo, &p->out, &p->why) != RC_OK)
		end(p, RC_RETRY);
	p->step = next;
}

/* A refusal: what it was an answer to, in the server's words. */
static void refused(struct smtp_probe *p, enum rc rc, const struct smtp_reply *reply)
{
	char words[SMTP_WORDS_MAX];

	end(p,
	    fault(&p->why, rc, "%s was \"%s\"", awaited(p->step), smtp_reply_words(reply, words)));
}

static void take_ehlo(struct smtp_probe *p, const struct smtp_reply *reply)
{
	if (reply->code / 100 == 4 || reply->code == 554 || reply->code == 550) {
		refused(p, RC_RETRY, reply); /* us, not the command */
		return;
	}
	p->result.starttls =
		reply->code == 250 && (smtp_capability_read(reply).extensions & SMTP_STARTTLS) != 0;
	if (p->result.starttls)
		say(p, "STARTTLS\r\n", AT_STARTTLS);
	else
		end(p, fault(&p->why, RC_INVALID, "it does not offer STARTTLS"));
}

static void begin_tls(struct smtp_probe *p)
{
	enum rc rc = tls_session_new(p->fd, &p->tls, &p->session, &p->why);

	p->step = AT_HANDSHAKE;
	if (rc != RC_OK)
		end(p, RC_RETRY); /* ours to mend, not the host's */
}

static void take_second_ehlo(struct smtp_probe *p, const struct smtp_reply *reply)
{
	p->result.requiretls = p->result.authenticated && reply->code == 250 &&
			       (smtp_capability_read(reply).extensions & SMTP_REQUIRETLS) != 0;
	if (reply->code == 250)
		say(p, "QUIT\r\n", AT_QUIT);
	else
		refused(p, reply->code / 100 == 4 ? RC_RETRY : RC_INVALID, reply);
}

static void take_reply(struct smtp_probe *p, const struct smtp_reply *reply)
{
	switch (p->step) {
	case AT_GREETING:
		if (reply->code == 220)
			say_hello(p, AT_EHLO);
		else
			refused(p, RC_RETRY, reply);
		return;
	case AT_EHLO:
		take_ehlo(p, reply);
		return;
	case AT_STARTTLS:
		if (reply->code == 220)
			begin_tls(p);
		else
			refused(p, reply->code / 100 == 4 ? RC_RETRY : RC_INVALID, reply);
		return;
	case AT_SECOND_EHLO:
		take_second_ehlo(p, reply);
		return;
	case AT_CONNECTION:
	case AT_HANDSHAKE:
	case AT_QUIT:
		return;
	}
}

/* Each command waits for its reply, and one reply is all that may be there: what
 * stands behind it was said before it was asked for. */
static void take_replies(struct smtp_probe *p)
{
	struct slice in = buf_slice(&p->in);
	enum step step = p->step;
	struct smtp_reply reply;
	enum rc rc = smtp_reply_take(&in, &reply, &p->why);

	if (rc == RC_ABSENT)
		return;
	if (rc != RC_OK) {
		end(p, RC_RETRY); /* this is not SMTP: who knows what is there */
		return;
	}
	if (in.len > 0 && step == AT_STARTTLS) {
		end(p, fault(&p->why, RC_INVALID,
			     "something was put in between STARTTLS and TLS: \"%.*s\"",
			     in.len < 60 ? (int)in.len : 60, in.at));
		return;
	}
	if (in.len > 0) {
		end(p, fault(&p->why, RC_INVALID, "it answers what it was not asked, behind %s",
			     awaited(step)));
		return;
	}
	take_reply(p, &reply);
	buf_clear(&p->in);
}

/* ---- bytes ---- */

static void lost(struct smtp_probe *p, const char *how)
{
	end(p, fault(&p->why, RC_RETRY, "it broke off before %s: %s", awaited(p->step), how));
}

/* RC_OK: *done bytes; RC_ABSENT: none now; anything else has ended it. */
static enum rc read_some(struct smtp_probe *p, char *into, size_t room, size_t *done)
{
	struct fault why;

	if (p->session) {
		enum rc rc = tls_session_read(p->session, into, room, done, &p->wants, &why);
		if (rc != RC_OK && rc != RC_ABSENT)
			lost(p, why.text);
		return rc;
	}
	ssize_t n = recv(p->fd, into, room, 0);
	if (n > 0) {
		*done = (size_t)n;
		return RC_OK;
	}
	p->wants = LOOP_READ;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return RC_ABSENT;
	lost(p, n == 0 ? "closed by the server" : strerrordesc_np(errno));
	return RC_RETRY;
}

static enum rc write_some(struct smtp_probe *p, size_t *done)
{
	struct fault why;

	if (p->session) {
		enum rc rc =
			tls_session_write(p->session, buf_slice(&p->out), done, &p->wants, &why);
		if (rc != RC_OK && rc != RC_ABSENT)
			lost(p, why.text);
		return rc;
	}
	ssize_t n = send(p->fd, p->out.at, p->out.len, MSG_NOSIGNAL);
	if (n > 0) {
		*done = (size_t)n;
		return RC_OK;
	}
	p->wants = LOOP_WRITE;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return RC_ABSENT;
	lost(p, strerrordesc_np(errno));
	return RC_RETRY;
}

static bool receive(struct smtp_probe *p)
{
	char *space;
	size_t n = 0;

	/* SMTP_REPLY_MAX and one read more: smtp_reply_take() gives up first. */
	if (buf_reserve(&p->in, SMTP_REPLY_LINE_MAX, &space) != RC_OK) {
		end(p, fault(&p->why, RC_RETRY, "no memory for a reply"));
		return false;
	}
	if (read_some(p, space, SMTP_REPLY_LINE_MAX, &n) != RC_OK)
		return false;
	buf_added(&p->in, n);
	take_replies(p);
	return true;
}

static bool flush(struct smtp_probe *p)
{
	size_t n = 0;

	if (write_some(p, &n) != RC_OK)
		return false;
	buf_drop(&p->out, n);
	return true;
}

static bool shake(struct smtp_probe *p)
{
	enum rc rc = tls_session_shake(p->session, &p->wants, &p->why);

	if (rc == RC_OK) {
		p->result.authenticated = tls_session_is_authenticated(p->session);
		say_hello(p, AT_SECOND_EHLO);
	} else if (rc != RC_ABSENT) {
		end(p, rc);
	}
	return rc == RC_OK;
}

/* One move; false when the socket must be waited for, for p->wants. */
static bool move(struct smtp_probe *p)
{
	if (p->out.len > 0)
		return flush(p);
	if (p->step == AT_HANDSHAKE)
		return shake(p);
	if (p->step == AT_QUIT) {
		end(p, RC_OK); /* its answer would tell nothing */
		return false;
	}
	return receive(p);
}

/* ---- the connection ---- */

static void connect_next(struct smtp_probe *p);

static void on_events(void *arg, unsigned events)
{
	struct smtp_probe *p = arg;

	(void)events; /* each move sees for itself */
	if (p->step == AT_CONNECTION) {
		if (smtp_connect_result(p->fd, &p->why) != RC_OK) {
			connect_next(p);
			return;
		}
		loop_timer_clear(p->share);
		p->step = AT_GREETING;
	}
	while (!p->ended && move(p))
		continue;
	if (p->ended)
		finish(p);
	else
		loop_watch_set(p->watch, p->wants);
}

/* Begins with the next address that can be begun with. When there is none, the
 * timer tells: nothing is called back from within smtp_probe_start(). */
static void connect_next(struct smtp_probe *p)
{
	char number[INET6_ADDRSTRLEN], server[INET6_ADDRSTRLEN + 16];

	loop_watch_free(p->watch);
	p->watch = NULL;
	cleanup_fd(&p->fd);
	p->fd = -1;
	while (p->next_address < p->address_count) {
		int64_t left_ms = p->deadline_ms - loop_now_ms(p->loop);
		int64_t share_ms = left_ms / (int64_t)(p->address_count - p->next_address);
		const struct dns_address *a = &p->addresses[p->next_address++];

		if (!inet_ntop(a->family, a->bytes, number, sizeof number))
			continue;
		snprintf(server, sizeof server, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u", number,
			 p->port);
		if (smtp_connect(server, &p->fd, &p->why) != RC_OK)
			continue;
		p->watch = loop_watch_new(p->loop, p->fd, on_events, p);
		if (!p->watch) {
			cleanup_fd(&p->fd);
			p->fd = -1;
			(void)fault(&p->why, RC_NOMEM, "no memory for a connection");
			continue;
		}
		loop_watch_set(p->watch, LOOP_WRITE);
		loop_timer_set(p->share, share_ms > 0 ? share_ms : 0);
		return;
	}
	end(p, RC_RETRY);
	loop_timer_set(p->timer, 0);
}

static void on_share_over(void *arg)
{
	struct smtp_probe *p = arg;

	(void)fault(&p->why, RC_RETRY, "no connection to port %u in time", p->port);
	connect_next(p);
}

static void on_deadline(void *arg)
{
	struct smtp_probe *p = arg;

	if (!p->ended)
		end(p, fault(&p->why, RC_RETRY, "waited %g s in all, at last for %s",
			     (double)p->timeout_ms / 1000, awaited(p->step)));
	finish(p);
}

struct smtp_probe *smtp_probe_start(struct loop *loop, const struct smtp_probe_wish *wish,
				    smtp_probed_fn *done, void *arg)
{
	struct smtp_probe *p = calloc(1, sizeof *p);
	size_t helo_len = strlen(wish->helo);

	if (!p)
		return NULL;
	p->loop = loop;
	p->port = wish->port;
	p->tls = wish->tls;
	p->timeout_ms = wish->timeout_ms;
	p->deadline_ms = loop_now_ms(loop) + wish->timeout_ms;
	p->done = done;
	p->arg = arg;
	p->fd = -1;
	p->in = BUF_INIT(SMTP_REPLY_MAX + SMTP_REPLY_LINE_MAX);
	p->out = BUF_INIT(SMTP_COMMAND_MAX);
	p->result.tls = "";
	p->address_count = wish->address_count < SMTP_PROBE_ADDRESSES_MAX
				   ? wish->address_count
				   : SMTP_PROBE_ADDRESSES_MAX;
	memcpy(p->addresses, wish->addresses, p->address_count * sizeof *p->addresses);
	p->timer = loop_timer_new(loop, on_deadline, p);
	p->share = loop_timer_new(loop, on_share_over, p);
	if (!p->timer || !p->share) {
		probe_free(p);
		return NULL;
	}
	loop_timer_set(p->timer, wish->timeout_ms);
	(void)fault(&p->why, RC_RETRY, "it has no address");
	/* Too long a name is none: EHLO will say so. */
	if (helo_len < sizeof p->helo)
		memcpy(p->helo, wish->helo, helo_len + 1);
	connect_next(p);
	return p;
}

void smtp_probe_cancel(struct smtp_probe *p)
{
	if (p)
		probe_free(p);
}
