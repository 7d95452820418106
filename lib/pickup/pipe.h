/* pickup/pipe.h: the socketpair between worker and keeper: one message, at most one
 * descriptor beside it.
 *
 *     worker:  rc = pickup_ask(fd, &request, body_fd, &space, &reply, &blob_fd, why);
 *     keeper:  rc = pickup_receive(fd, &bytes, &body_fd, why);  …  pickup_send(fd, bytes, blob_fd, why);
 *
 * SOCK_SEQPACKET keeps messages apart, so that no length can be lied about. The other end is
 * not trusted: what is cut, or brings more than one descriptor, is refused, and what it brought
 * is closed.
 *
 * Threads  one user at a time per socket: each thread of the worker has its own pair */
#pragma once

#include "pickup/wire.h"

enum {
	PICKUP_ASK_MS = 20000, /* longer than the keeper's store (5 s) and audit (10 s) take */
};

/* A new pair, close-on-exec. RC_RETRY: no descriptors. */
enum rc pickup_pair(int *worker, int *keeper, struct fault *why);

/* fd -1: none.
 *   RC_ABSENT  the other end is gone     RC_RETRY  not in time, or the socket fails */
enum rc pickup_send(int socket, struct slice bytes, int fd, struct fault *why);

/* Waits for a message and sets *bytes to it (emptied first; at least PICKUP_WIRE_MAX must fit).
 * *fd is the caller's, -1 when none came.
 *   RC_ABSENT   the other end is gone      RC_INVALID  too long, or more than one descriptor
 *   RC_RETRY    the socket fails, or wait_ms is over (negative: for ever) */
enum rc pickup_receive(int socket, int wait_ms, struct buf *bytes, int *fd, struct fault *why);

/* Asks and waits for the answer, at most PICKUP_ASK_MS. The request's serial is set here. space
 * is emptied, takes both messages in turn, and is what *reply borrows from; it should be a
 * BUF_SECRET(PICKUP_WIRE_MAX), since keys come in it. *fd is the caller's, -1: none came.
 *   RC_INVALID  the request cannot be encoded, or the answer is none
 *   RC_ABSENT   the keeper is gone: end       RC_RETRY  it does not answer in time */
enum rc pickup_ask(int socket, const struct pickup_request *request, int give_fd, struct buf *space,
		   struct pickup_reply *reply, int *fd, struct fault *why);
