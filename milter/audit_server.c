#include "audit_server.h"

#include "assurance/service.h"
#include "audit/hand.h"
#include "audit/log.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/netstring.h"
#include "loop/loop.h"
#include "outbox/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 16384, FRAME = 16 };

struct client {
	struct audit_server *server;
	struct client *prev, *next;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *idle;
	struct buf in;
	struct slice body; /* of in, once it is whole */
	bool working;
	enum audit_hand_verb verb;
	enum rc rc; /* of the work */
	struct fault why;
};

struct audit_server {
	struct site *site;
	int folder; /* by which its address is short */
	struct loop_listener *listener;
	struct client *clients;
	unsigned count;
};

static void client_close(struct client *c)
{
	struct audit_server *server = c->server;

	loop_watch_free(c->watch);
	loop_timer_free(c->idle);
	close(c->fd);
	buf_free(&c->in);
	if (c->prev)
		c->prev->next = c->next;
	else
		server->clients = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free(c);
	if (--server->count < AUDIT_SERVER_CONNECTIONS_MAX && server->listener)
		loop_listener_pause(server->listener, false);
}

/* The answer is short, and the socket new: it takes all of it, or its reader is gone. */
static void answer(struct client *c)
{
	struct buf body = BUF_INIT(1024), out = BUF_INIT(2048);

	if (audit_hand_encode_answer(c->rc, c->rc == RC_OK ? "" : c->why.text, &body) == RC_OK &&
	    netstring_add(&out, buf_slice(&body)) == RC_OK)
		(void)!write(c->fd, out.at, out.len);
	buf_free(&body);
	buf_free(&out);
	client_close(c);
}

static bool wants_syslog(struct site *site)
{
	struct ruleset *r = site_ruleset(site);
	bool wants = r->settings->audit.syslog;

	ruleset_unref(r);
	return wants;
}

/* On a helper thread. */
static void append(void *arg)
{
	struct client *c = arg;
	struct site *site = c->server->site;
	CLEANUP(cleanup_free) struct audit_handed *handed = malloc(sizeof *handed);

	c->rc = handed ? audit_hand_decode(c->body, handed, &c->why)
		       : fault(&c->why, RC_NOMEM, "out of memory");
	if (c->rc != RC_OK)
		return;
	c->verb = handed->verb;
	if (handed->verb == AUDIT_HAND_WAKE) {
		c->rc = outbox_worker_wake(site->worker);
		return;
	}
	c->rc = audit_log_append(site->audit, handed->records, handed->count, true, &c->why);
	if (c->rc == RC_OK && wants_syslog(site))
		site_syslog(handed->records, handed->count);
}

/* What the records name, now that they are durable. */
static void forget(const struct client *c)
{
	CLEANUP(cleanup_free) struct audit_handed *handed = malloc(sizeof *handed);
	struct fault why;

	if (!handed || audit_hand_decode(c->body, handed, &why) != RC_OK)
		return;
	for (size_t i = 0; i < handed->count; i++) {
		if (!handed->records[i].to)
			continue;
		assurance_service_forget(c->server->site->assurance, handed->records[i].to,
					 c->verb == AUDIT_HAND_FORGET_POLICIES);
		log_line(LOG_NOTE, NULL, "what was found out of %s is forgotten%s",
			 handed->records[i].to,
			 c->verb == AUDIT_HAND_FORGET_POLICIES ? ", and its MTA-STS policy" : "");
	}
}

static void appended(void *arg)
{
	struct client *c = arg;

	c->working = false;
	if (c->rc == RC_OK &&
	    (c->verb == AUDIT_HAND_FORGET || c->verb == AUDIT_HAND_FORGET_POLICIES))
		forget(c);
	if (c->rc != RC_OK)
		log_line(LOG_FAIL, NULL, "handed-over audit records are refused: %s", c->why.text);
	answer(c);
}

static void work(struct client *c)
{
	loop_watch_set(c->watch, 0);
	loop_timer_clear(c->idle);
	c->working = true;
	if (loop_work(c->server->site->loop, append, appended, c) == RC_OK)
		return;
	c->working = false;
	c->rc = fault(&c->why, RC_RETRY, "out of memory");
	answer(c);
}

static bool read_in(struct client *c)
{
	char *space;
	size_t room = c->in.max - c->in.len;

	if (room > STEP)
		room = STEP;
	if (room == 0 || buf_reserve(&c->in, room, &space) != RC_OK)
		return false;
	ssize_t n = read(c->fd, space, room);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	buf_added(&c->in, (size_t)n);
	return n > 0;
}

static void ready(void *arg, unsigned events)
{
	struct client *c = arg;

	(void)events;
	if (!read_in(c)) {
		client_close(c);
		return;
	}
	struct slice rest = buf_slice(&c->in);
	enum rc rc = netstring_take(&rest, AUDIT_HAND_BYTES_MAX, &c->body);
	if (rc == RC_OK)
		work(c);
	else if (rc != RC_ABSENT)
		client_close(c);
}

static void idle(void *arg)
{
	client_close(arg);
}

static void accepted(void *arg, int fd)
{
	struct audit_server *server = arg;
	struct loop *loop = server->site->loop;
	struct client *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct client){ .server = server, .fd = fd, .next = server->clients };
	c->in = BUF_INIT(AUDIT_HAND_BYTES_MAX + FRAME);
	if (server->clients)
		server->clients->prev = c;
	server->clients = c;
	if (++server->count >= AUDIT_SERVER_CONNECTIONS_MAX)
		loop_listener_pause(server->listener, true);
	c->watch = loop_watch_new(loop, fd, ready, c);
	c->idle = loop_timer_new(loop, idle, c);
	if (!c->watch || !c->idle) {
		client_close(c);
		return;
	}
	loop_timer_set(c->idle, AUDIT_SERVER_IDLE_MS);
	loop_watch_set(c->watch, LOOP_READ);
}

static enum rc listen_in(struct audit_server *server, const char *state, struct fault *why)
{
	char address[100];

	server->folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (server->folder < 0)
		return fault(why, RC_RETRY, "cannot open %s: %s", state, strerror(errno));
	snprintf(address, sizeof address, "unix:/proc/self/fd/%d/" AUDIT_HAND_SOCKET,
		 server->folder);
	return loop_listen(server->site->loop, address, "0600", "", accepted, server,
			   &server->listener, why);
}

enum rc audit_server_new(struct site *site, const char *state, struct audit_server **out,
			 struct fault *why)
{
	struct audit_server *server = calloc(1, sizeof *server);

	if (!server)
		return fault(why, RC_NOMEM, "out of memory");
	*server = (struct audit_server){ .site = site, .folder = -1 };
	enum rc rc = listen_in(server, state, why);
	if (rc != RC_OK) {
		cleanup_fd(&server->folder);
		free(server);
		return rc;
	}
	*out = server;
	return RC_OK;
}

void audit_server_free(struct audit_server *server)
{
	bool working = false;

	if (!server)
		return;
	loop_listener_free(server->listener);
	server->listener = NULL;
	cleanup_fd(&server->folder);
	for (struct client *c = server->clients, *next; c; c = next) {
		next = c->next;
		working = working || c->working;
		if (!c->working)
			client_close(c);
	}
	if (!working)
		free(server);
}
