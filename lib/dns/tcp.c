#include "dns/tcp.h"

#include "base/buf.h"
#include "dns/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dns_tcp {
	int fd;
	int refused; /* errno of a connect() that failed at once, or 0 */
	struct loop_watch *watch;
	dns_tcp_done *done;
	void *arg;
	size_t sent, asked;
	struct buf in;
	uint8_t out[2 + DNS_QUERY_MAX];
};

static void fail(struct dns_tcp *tcp, const char *why)
{
	loop_watch_set(tcp->watch, 0);
	tcp->done(tcp->arg, (struct slice){ 0 }, why);
}

static bool is_passing(int error)
{
	return error == EINTR || error == EAGAIN;
}

/* Until the connection stands, send() says EAGAIN; if it fails, why. */
static void write_query(struct dns_tcp *tcp)
{
	ssize_t len = send(tcp->fd, tcp->out + tcp->sent, tcp->asked - tcp->sent, MSG_NOSIGNAL);

	if (len < 0) {
		if (!is_passing(errno))
			fail(tcp, strerror(errno));
		return;
	}
	tcp->sent += (size_t)len;
	if (tcp->sent == tcp->asked)
		loop_watch_set(tcp->watch, LOOP_READ);
}

/* How many bytes to have: first the two of the length, then the message as well. */
static size_t wanted(const struct dns_tcp *tcp)
{
	const uint8_t *in = (const uint8_t *)tcp->in.at;

	return tcp->in.len < 2 ? 2 : 2 + ((size_t)in[0] << 8 | in[1]);
}

static void read_answer(struct dns_tcp *tcp)
{
	while (tcp->in.len < wanted(tcp)) {
		size_t more = wanted(tcp) - tcp->in.len;
		char *space;
		if (buf_reserve(&tcp->in, more, &space) != RC_OK) {
			fail(tcp, "no memory for the answer");
			return;
		}
		ssize_t len = recv(tcp->fd, space, more, 0);
		if (len <= 0) {
			if (len == 0)
				fail(tcp, "the connection was closed");
			else if (!is_passing(errno))
				fail(tcp, strerror(errno));
			return;
		}
		buf_added(&tcp->in, (size_t)len);
	}
	loop_watch_set(tcp->watch, 0);
	tcp->done(tcp->arg, (struct slice){ tcp->in.at + 2, tcp->in.len - 2 }, "");
}

static void on_ready(void *arg, unsigned events)
{
	struct dns_tcp *tcp = arg;

	(void)events;
	if (tcp->refused)
		fail(tcp, strerror(tcp->refused));
	else if (tcp->sent < tcp->asked)
		write_query(tcp);
	else
		read_answer(tcp);
}

struct dns_tcp *dns_tcp_new(struct loop *loop, const struct sockaddr *to, socklen_t len,
			    struct slice query, dns_tcp_done *done, void *arg)
{
	struct dns_tcp *tcp = calloc(1, sizeof *tcp);
	if (!tcp)
		return NULL;

	assert(query.len <= DNS_QUERY_MAX);
	tcp->done = done;
	tcp->arg = arg;
	tcp->in = BUF_INIT(2 + DNS_MESSAGE_MAX);
	tcp->out[0] = (uint8_t)(query.len >> 8);
	tcp->out[1] = (uint8_t)query.len;
	memcpy(tcp->out + 2, query.at, query.len);
	tcp->asked = query.len + 2;
	tcp->fd = socket(to->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (tcp->fd >= 0 && connect(tcp->fd, to, len) != 0 && errno != EINPROGRESS)
		tcp->refused = errno;
	if (tcp->fd >= 0)
		tcp->watch = loop_watch_new(loop, tcp->fd, on_ready, tcp);
	if (!tcp->watch) {
		dns_tcp_free(tcp);
		return NULL;
	}
	loop_watch_set(tcp->watch, LOOP_WRITE);
	return tcp;
}

void dns_tcp_free(struct dns_tcp *tcp)
{
	if (!tcp)
		return;
	loop_watch_free(tcp->watch);
	if (tcp->fd >= 0)
		close(tcp->fd);
	buf_free(&tcp->in);
	free(tcp);
}
