#include "policy_server.h"

#include "assurance/map.h"
#include "base/netstring.h"
#include "loop/loop.h"
#include "metrics/metrics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAME = NETSTRING_DIGITS_MAX + 2, STEP = 16384 };

struct slot { /* one request, in the order of arrival */
	struct client *client;
	struct assurance_get *get;
	enum assurance_map map;
	bool ready;
	struct buf reply;
};

struct client {
	struct policy_server *server;
	struct client *prev, *next;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *idle; /* goes off when last_ms may be too long ago */
	int64_t last_ms;         /* when it was last heard of */
	struct buf in, out;
	bool ended; /* it sends no more: answer what was asked, then close */
	bool busy;  /* within serve(): a reply that comes at once must not flush */
	unsigned first, count;
	struct slot slots[POLICY_SERVER_PIPELINE];
};

struct policy_server {
	struct loop *loop;
	struct loop_listener *listener;
	struct policy_server_config config;
	struct client *clients;
	unsigned count;
};

static void client_close(struct client *c)
{
	struct policy_server *server = c->server;

	for (unsigned i = 0; i < POLICY_SERVER_PIPELINE; i++) {
		assurance_service_cancel(c->slots[i].get);
		buf_free(&c->slots[i].reply);
	}
	loop_watch_free(c->watch);
	loop_timer_free(c->idle);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	if (c->prev)
		c->prev->next = c->next;
	else
		server->clients = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free(c);
	if (--server->count < server->config.connections_max && server->listener)
		loop_listener_pause(server->listener, false);
}

/* Whether all that could be written was. */
static bool write_out(struct client *c)
{
	size_t at = 0;

	while (at < c->out.len) {
		ssize_t n = write(c->fd, c->out.at + at, c->out.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return false;
		at += (size_t)n;
	}
	buf_drop(&c->out, at);
	return true;
}

static void count_reply(struct metrics *metrics, const struct buf *reply)
{
	/* As METRICS_MAPS has them: each begins with another letter. */
	static const char first[] = { 'O', 'T', 'N', 'P' };
	const char *at = reply->len ? memchr(first, reply->at[0], sizeof first) : NULL;

	if (at)
		metrics_count(metrics, METRICS_MAPS, (unsigned)(at - first));
}

/* The answers that are ready and whose turn it is. */
static bool collect(struct client *c)
{
	while (c->count && c->slots[c->first].ready && c->out.len < POLICY_SERVER_OUT_MAX) {
		struct slot *s = &c->slots[c->first];
		count_reply(c->server->config.metrics, &s->reply);
		if (netstring_add(&c->out, buf_slice(&s->reply)) != RC_OK)
			return false;
		buf_clear(&s->reply);
		s->ready = false;
		c->first = (c->first + 1) % POLICY_SERVER_PIPELINE;
		c->count--;
	}
	return true;
}

static void slot_say(struct slot *s, const char *text)
{
	buf_clear(&s->reply);
	/* The longest text is far below the maximum; out of memory leaves an empty
	 * reply, which Postfix takes for a broken server and defers. */
	(void)buf_add_text(&s->reply, text);
	s->ready = true;
}

static void serve(struct client *c);

static void answered(void *arg, const struct assurance *assurance)
{
	struct slot *s = arg;

	s->get = NULL;
	buf_clear(&s->reply);
	if (assurance_map_reply(s->map, assurance, &s->reply) != RC_OK)
		slot_say(s, "TEMP the answer does not fit; see the log of Postern");
	s->ready = true;
	if (!s->client->busy)
		serve(s->client);
}

static void look_up(struct slot *s, struct slice key)
{
	char name[1024];

	if (key.len == 0 || key.len >= sizeof name || memchr(key.at, '\0', key.len)) {
		slot_say(s, "PERM that is not a destination");
		return;
	}
	if (key.at[0] == '.') { /* a parent label: we promise for whole names only */
		slot_say(s, "NOTFOUND ");
		return;
	}
	memcpy(name, key.at, key.len);
	name[key.len] = '\0';
	struct assurance_get *get =
		assurance_service_get(s->client->server->config.service, name, answered, s);
	if (get)
		s->get = get;
	else if (!s->ready)
		slot_say(s, "TEMP out of memory");
}

static void take_request(struct client *c, struct slice body)
{
	struct slot *s = &c->slots[(c->first + c->count++) % POLICY_SERVER_PIPELINE];
	struct slice map;

	s->client = c;
	if (!slice_take_until(&body, ' ', &map))
		slot_say(s, "PERM a request is a map's name, a space and a key");
	else if (!assurance_map_named(map, &s->map))
		slot_say(s, "PERM there is no such map; this one has: strict, policy, "
			    "policy-tlsrpt, sts");
	else
		look_up(s, body);
}

/* Takes whole requests as far as there is room; false when the stream is broken. */
static bool take_requests(struct client *c)
{
	struct slice in = buf_slice(&c->in), body;
	enum rc rc = RC_OK;

	while (c->count < POLICY_SERVER_PIPELINE && c->out.len < POLICY_SERVER_OUT_MAX) {
		rc = netstring_take(&in, c->server->config.request_max, &body);
		if (rc != RC_OK)
			break;
		take_request(c, body);
	}
	buf_drop(&c->in, c->in.len - in.len);
	return rc == RC_OK || rc == RC_ABSENT;
}

static unsigned interest(const struct client *c)
{
	unsigned events = c->out.len ? LOOP_WRITE : 0;

	if (!c->ended && c->count < POLICY_SERVER_PIPELINE && c->out.len < POLICY_SERVER_OUT_MAX &&
	    c->in.len < c->in.max)
		events |= LOOP_READ;
	return events;
}

/* Goes on as far as it can: requests taken, answers collected and written. */
static void serve(struct client *c)
{
	bool sound = true;
	size_t before;

	c->busy = true;
	do {
		before = c->in.len;
		sound = take_requests(c) && collect(c) && write_out(c);
	} while (sound && c->in.len < before && c->count < POLICY_SERVER_PIPELINE);
	c->busy = false;

	if (!sound || (c->ended && c->count == 0 && c->out.len == 0)) {
		client_close(c);
		return;
	}
	loop_watch_set(c->watch, interest(c));
}

static bool read_in(struct client *c)
{
	char *space;
	size_t room = c->in.max - c->in.len;

	if (room > STEP)
		room = STEP;
	if (room == 0)
		return true;
	if (buf_reserve(&c->in, room, &space) != RC_OK)
		return false;
	ssize_t n = read(c->fd, space, room);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		c->ended = true;
	buf_added(&c->in, (size_t)n);
	return true;
}

static void ready(void *arg, unsigned events)
{
	struct client *c = arg;

	c->last_ms = loop_now_ms(c->server->loop);
	if ((events & LOOP_READ) && !c->ended && !read_in(c)) {
		client_close(c);
		return;
	}
	serve(c);
}

static void idle(void *arg)
{
	struct client *c = arg;
	int64_t rest = c->last_ms + c->server->config.idle_ms - loop_now_ms(c->server->loop);

	if (rest > 0)
		loop_timer_set(c->idle, rest);
	else
		client_close(c);
}

static bool client_start(struct client *c)
{
	c->in = BUF_INIT(c->server->config.request_max + FRAME);
	c->out = BUF_INIT((size_t)POLICY_SERVER_OUT_MAX + ASSURANCE_MAP_MAX + FRAME);
	for (unsigned i = 0; i < POLICY_SERVER_PIPELINE; i++)
		c->slots[i].reply = BUF_INIT(ASSURANCE_MAP_MAX);
	c->watch = loop_watch_new(c->server->loop, c->fd, ready, c);
	c->idle = loop_timer_new(c->server->loop, idle, c);
	if (!c->watch || !c->idle)
		return false;
	c->last_ms = loop_now_ms(c->server->loop);
	loop_timer_set(c->idle, c->server->config.idle_ms);
	loop_watch_set(c->watch, LOOP_READ);
	return true;
}

static void accepted(void *arg, int fd)
{
	struct policy_server *server = arg;
	struct client *c = calloc(1, sizeof *c);

	if (!c) {
		close(fd);
		return;
	}
	*c = (struct client){ .server = server, .fd = fd, .next = server->clients };
	if (server->clients)
		server->clients->prev = c;
	server->clients = c;
	if (++server->count >= server->config.connections_max)
		loop_listener_pause(server->listener, true);
	if (!client_start(c))
		client_close(c);
}

enum rc policy_server_new(struct loop *loop, const struct policy_server_config *config,
			  struct policy_server **out, struct fault *why)
{
	struct policy_server *server = calloc(1, sizeof *server);

	if (!server)
		return fault(why, RC_NOMEM, "out of memory");
	*server = (struct policy_server){ .loop = loop, .config = *config };
	enum rc rc = loop_listen(loop, config->listen, config->mode, config->group, accepted,
				 server, &server->listener, why);
	if (rc != RC_OK) {
		free(server);
		return rc;
	}
	*out = server;
	return RC_OK;
}

void policy_server_free(struct policy_server *server)
{
	if (!server)
		return;
	loop_listener_free(server->listener);
	server->listener = NULL;
	while (server->clients)
		client_close(server->clients);
	free(server);
}
