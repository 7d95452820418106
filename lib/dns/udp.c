#include "dns/udp.h"

#include "base/cleanup.h"
#include "dns/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BURST = 64 }; /* datagrams read at a time, so that one server does not starve the loop */

struct dns_udp_port {
	struct dns_udp *owner;
	struct dns_udp_port *next, **prev; /* of all that are open */
	struct loop_watch *watch;
	int fd;
	unsigned uses, held; /* queries sent; of them not released */
	bool retired;        /* takes no more */
};

struct dns_udp {
	struct loop *loop;
	struct dns_udp_events events;
	struct sockaddr_storage to;
	socklen_t to_len;
	struct dns_udp_port *pool[DNS_UDP_SOCKETS]; /* NULL: to be opened */
	struct dns_udp_port *open;
	unsigned turn;
};

static void close_port(struct dns_udp_port *port)
{
	*port->prev = port->next;
	if (port->next)
		port->next->prev = port->prev;
	loop_watch_free(port->watch);
	if (port->fd >= 0)
		close(port->fd);
	free(port);
}

static bool is_passing(int error)
{
	return error == EINTR || error == EAGAIN;
}

static void on_readable(void *arg, unsigned events)
{
	struct dns_udp_port *port = arg;
	struct dns_udp *udp = port->owner;
	char bytes[DNS_PAYLOAD + 1];

	(void)events;
	/* An answer may release the port's last question. */
	port->held++;
	for (int i = 0; i < BURST; i++) {
		ssize_t len = recv(port->fd, bytes, sizeof bytes, 0);
		if (len < 0 && is_passing(errno))
			break;
		if (len < 0)
			udp->events.refused(udp->events.arg, port, strerror(errno));
		else if (len <= DNS_PAYLOAD)
			udp->events.message(udp->events.arg, port,
					    (struct slice){ bytes, (size_t)len });
	}
	dns_udp_release(port);
	udp->events.settled(udp->events.arg);
}

static struct dns_udp_port *open_port(struct dns_udp *udp, struct fault *why)
{
	struct dns_udp_port *port = calloc(1, sizeof *port);
	if (!port) {
		(void)fault(why, RC_RETRY, "no memory for a socket");
		return NULL;
	}
	port->owner = udp;
	port->next = udp->open;
	port->prev = &udp->open;
	if (port->next)
		port->next->prev = &port->next;
	udp->open = port;

	/* connect() without bind(): Linux picks the port at random. */
	port->fd = socket(udp->to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (port->fd >= 0 && connect(port->fd, (struct sockaddr *)&udp->to, udp->to_len) == 0)
		port->watch = loop_watch_new(udp->loop, port->fd, on_readable, port);
	if (!port->watch) {
		(void)fault(why, RC_RETRY, "no socket: %s", strerror(errno));
		close_port(port);
		return NULL;
	}
	loop_watch_set(port->watch, LOOP_READ);
	return port;
}

struct dns_udp *dns_udp_new(struct loop *loop, const struct sockaddr *to, socklen_t len,
			    const struct dns_udp_events *events)
{
	struct dns_udp *udp = calloc(1, sizeof *udp);
	if (!udp)
		return NULL;

	assert(len <= sizeof udp->to);
	udp->loop = loop;
	udp->events = *events;
	memcpy(&udp->to, to, len);
	udp->to_len = len;
	return udp;
}

void dns_udp_free(struct dns_udp *udp)
{
	if (!udp)
		return;
	while (udp->open)
		close_port(udp->open);
	free(udp);
}

void dns_udp_release(struct dns_udp_port *port)
{
	assert(port->held > 0);
	if (--port->held == 0 && port->retired)
		close_port(port);
}

enum rc dns_udp_send(struct dns_udp *udp, struct slice query, struct dns_udp_port **out,
		     struct fault *why)
{
	struct dns_udp_port **place = &udp->pool[udp->turn++ % DNS_UDP_SOCKETS];
	struct dns_udp_port *port = *place;

	if (!port) {
		port = open_port(udp, why);
		if (!port)
			return RC_RETRY;
		*place = port;
	}
	port->held++;
	if (++port->uses == DNS_UDP_USES) {
		port->retired = true;
		*place = NULL;
	}
	/* The first send after a refusal reports the old error and sends nothing.
	 * Any other failure is a lost datagram: the next try will do. */
	if (send(port->fd, query.at, query.len, MSG_NOSIGNAL) < 0)
		(void)!send(port->fd, query.at, query.len, MSG_NOSIGNAL);
	*out = port;
	return RC_OK;
}
