/* dns/tcp.h: one question over TCP, for the answers that do not fit a datagram.
 *
 *     two bytes of length, the message
 *
 * Standard  RFC 1035 §4.2.2, RFC 7766 §8
 * Threads   all on the loop's thread */
#pragma once

#include "loop/loop.h"

#include <sys/socket.h>

struct dns_tcp;

/* message: borrowed for the call, and not checked: its at is NULL when there is
 * none, and why says so ("connection refused"). Called once; the owner may free
 * the exchange from it. No deadline here: it is the owner's. */
typedef void dns_tcp_done(void *arg, struct slice message, const char *why);

/* Connects and asks. NULL: no memory or descriptors. done is never called before
 * this has returned. */
struct dns_tcp *dns_tcp_new(struct loop *loop, const struct sockaddr *to, socklen_t len,
			    struct slice query, dns_tcp_done *done, void *arg);
void dns_tcp_free(struct dns_tcp *tcp); /* NULL is fine */
