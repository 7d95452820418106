#include "metrics/serve.h"

#include "loop/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct client {
	struct metrics_server *server;
	struct client *next, **at;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct buf in, out;
	bool answering;
};

struct metrics_server {
	struct loop *loop;
	struct loop_listener *listener;
	struct metrics *metrics;
	metrics_refresh_fn *refresh;
	void *arg;
	struct client *clients;
	unsigned count;
};

static void client_close(struct client *c)
{
	struct metrics_server *server = c->server;

	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	loop_watch_free(c->watch);
	loop_timer_free(c->timer);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
	if (--server->count < METRICS_CLIENTS_MAX && server->listener)
		loop_listener_pause(server->listener, false);
}

static void on_late(void *arg)
{
	client_close(arg);
}

static void answer(struct client *c)
{
	struct metrics_server *server = c->server;
	struct slice head = buf_slice(&c->in);
	struct buf text = BUF_INIT(METRICS_TEXT_MAX);
	const char *status = "200 OK";

	c->answering = true;
	if (slice_drop_prefix(&head, "GET /metrics ")) {
		if (server->refresh)
			server->refresh(server->arg);
		if (metrics_format(server->metrics, &text) != RC_OK) {
			buf_clear(&text);
			status = "500 Internal Server Error";
		}
	} else {
		status = slice_drop_prefix(&head, "GET ") ? "404 Not Found" : "400 Bad Request";
	}
	(void)buf_addf(&c->out,
		       "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
		       "Content-Length: %zu\r\nConnection: close\r\n\r\n",
		       status, text.len);
	(void)buf_add_slice(&c->out, buf_slice(&text));
	buf_free(&text);
}

/* False: it is done with, or gone. */
static bool send_out(struct client *c)
{
	while (c->out.len) {
		ssize_t n = write(c->fd, c->out.at, c->out.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		buf_drop(&c->out, (size_t)n);
	}
	return false;
}

/* False: the client is to be closed. */
static bool take_in(struct client *c)
{
	char *space;

	if (buf_reserve(&c->in, 512, &space) != RC_OK)
		return false; /* more than a request may have */
	ssize_t n = read(c->fd, space, 512);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	buf_added(&c->in, (size_t)n);
	if (memmem(c->in.at, c->in.len, "\r\n\r\n", 4))
		answer(c);
	return true;
}

static void on_ready(void *arg, unsigned events)
{
	struct client *c = arg;

	(void)events;
	if (!c->answering && !take_in(c)) {
		client_close(c);
		return;
	}
	if (!c->answering)
		return;
	if (!send_out(c))
		client_close(c);
	else
		loop_watch_set(c->watch, LOOP_WRITE);
}

static void on_accept(void *arg, int fd)
{
	struct metrics_server *server = arg;
	struct client *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct client){ .server = server,
			      .fd = fd,
			      .next = server->clients,
			      .at = &server->clients,
			      .in = BUF_INIT(METRICS_REQUEST_MAX),
			      .out = BUF_INIT(METRICS_TEXT_MAX + 512) };
	if (c->next)
		c->next->at = &c->next;
	server->clients = c;
	if (++server->count >= METRICS_CLIENTS_MAX)
		loop_listener_pause(server->listener, true);
	c->watch = loop_watch_new(server->loop, fd, on_ready, c);
	c->timer = loop_timer_new(server->loop, on_late, c);
	if (!c->watch || !c->timer) {
		client_close(c);
		return;
	}
	loop_timer_set(c->timer, METRICS_CLIENT_MS);
	loop_watch_set(c->watch, LOOP_READ);
}

enum rc metrics_serve(struct loop *loop, const char *listen, const char *mode, const char *group,
		      struct metrics *metrics, metrics_refresh_fn *refresh, void *arg,
		      struct metrics_server **out, struct fault *why)
{
	struct metrics_server *server = calloc(1, sizeof *server);

	if (!server)
		return fault(why, RC_NOMEM, "out of memory");
	*server = (struct metrics_server){
		.loop = loop, .metrics = metrics, .refresh = refresh, .arg = arg
	};
	enum rc rc =
		loop_listen(loop, listen, mode, group, on_accept, server, &server->listener, why);
	if (rc != RC_OK) {
		free(server);
		return rc;
	}
	*out = server;
	return RC_OK;
}

void metrics_serve_end(struct metrics_server *server)
{
	if (!server)
		return;
	loop_listener_free(server->listener);
	server->listener = NULL;
	while (server->clients)
		client_close(server->clients);
	free(server);
}
