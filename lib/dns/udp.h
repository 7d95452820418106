/* dns/udp.h: the sockets through which one server is asked.
 *
 * A few connected sockets, so that the kernel drops what comes from elsewhere,
 * each on a port that the kernel chose at random. After DNS_UDP_USES queries a
 * socket is replaced by a fresh one; the old stays open until its last question
 * is released.
 *
 * Standard  RFC 5452 §9.2 (ports nobody can guess)
 * Threads   all on the loop's thread */
#pragma once

#include "loop/loop.h"

#include <sys/socket.h>

enum {
	DNS_UDP_SOCKETS = 8, /* at a time; a forger must guess which of them, too */
	DNS_UDP_USES = 256,  /* queries through one port */
};

struct dns_udp;
struct dns_udp_port; /* one socket; compare, hand back, nothing else */

struct dns_udp_events {
	/* Borrowed for the call. Not called for a datagram above DNS_PAYLOAD. */
	void (*message)(void *arg, const struct dns_udp_port *port, struct slice message);
	/* What was sent there will not be answered: nobody listens, no route, … */
	void (*refused)(void *arg, const struct dns_udp_port *port, const char *why);
	/* The end of a burst of the two above; the one place where the owner may free
	 * the sockets. */
	void (*settled)(void *arg);
	void *arg;
};

struct dns_udp *dns_udp_new(struct loop *loop, const struct sockaddr *to, socklen_t len,
			    const struct dns_udp_events *events); /* NULL: memory */
void dns_udp_free(struct dns_udp *udp); /* every port is gone with it; NULL is fine */

/* Sends query through one of the sockets. RC_OK: *out is the port through which
 * its answer will come, to be released when the answer is wanted no more; whether
 * the datagram arrived nobody knows. RC_RETRY: no socket could be opened, *why. */
enum rc dns_udp_send(struct dns_udp *udp, struct slice query, struct dns_udp_port **out,
		     struct fault *why);
void dns_udp_release(struct dns_udp_port *port);
