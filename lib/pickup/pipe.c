#include "pickup/pipe.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for two descriptors, so that a second one is seen, and closed. */
union control {
	char bytes[CMSG_SPACE(2 * sizeof(int))];
	struct cmsghdr align;
};

enum rc pickup_pair(int *worker, int *keeper, struct fault *why)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fault(why, RC_RETRY, "cannot make a socket: %s", strerror(errno));
	*worker = pair[0];
	*keeper = pair[1];
	return RC_OK;
}

static enum rc socket_fault(const char *doing, struct fault *why)
{
	if (errno == EPIPE || errno == ECONNRESET)
		return fault(why, RC_ABSENT, "the other process is gone");
	return fault(why, RC_RETRY, "cannot %s the other process: %s", doing, strerror(errno));
}

/* Waits until the socket is ready for events. */
static enum rc wait_for(int socket, short events, int wait_ms, struct fault *why)
{
	struct pollfd ready = { .fd = socket, .events = events };
	int64_t until_ms = clock_mono_ms() + wait_ms;

	for (;;) {
		int n = poll(&ready, 1, wait_ms);
		if (n > 0)
			return RC_OK;
		if (n < 0 && errno != EINTR)
			return socket_fault("wait for", why);
		int64_t left_ms = until_ms - clock_mono_ms();
		if (wait_ms >= 0 && (n == 0 || left_ms <= 0))
			return fault(why, RC_RETRY, "the other process does not answer");
		if (wait_ms >= 0)
			wait_ms = (int)left_ms;
	}
}

enum rc pickup_send(int socket, struct slice bytes, int fd, struct fault *why)
{
	struct iovec part = { (void *)(uintptr_t)bytes.at, bytes.len };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		*head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS,
					  .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(head), &fd, sizeof fd);
	}
	for (;;) {
		if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return RC_OK;
		if (errno != EINTR && errno != EAGAIN)
			return socket_fault("write to", why);
		enum rc rc = wait_for(socket, POLLOUT, PICKUP_ASK_MS, why);
		if (rc != RC_OK)
			return rc;
	}
}

/* Takes the descriptors that came; all but a single one are closed. True: at most one. */
static bool take_descriptors(struct msghdr *message, int *fd)
{
	int got[2];
	size_t count = 0;

	*fd = -1;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head;
	     head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t here = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < here && count < 2; i++)
			memcpy(&got[count++], CMSG_DATA(head) + i * sizeof(int), sizeof(int));
	}
	if (count == 1 && !(message->msg_flags & MSG_CTRUNC)) {
		*fd = got[0];
		return true;
	}
	for (size_t i = 0; i < count; i++)
		close(got[i]);
	return count == 0 && !(message->msg_flags & MSG_CTRUNC);
}

enum rc pickup_receive(int socket, int wait_ms, struct buf *bytes, int *fd, struct fault *why)
{
	union control control = { 0 };
	struct iovec part = { NULL, PICKUP_WIRE_MAX };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof control.bytes };
	char *space;

	buf_clear(bytes);
	enum rc rc = buf_reserve(bytes, PICKUP_WIRE_MAX, &space);
	if (rc != RC_OK)
		return fault(why, rc, "no room for a message");
	part.iov_base = space;
	rc = wait_for(socket, POLLIN, wait_ms, why);
	if (rc != RC_OK)
		return rc;
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return socket_fault("read from", why);
	bool single = take_descriptors(&message, fd);
	if (n == 0 && *fd < 0) /* nobody sends an empty one */
		return fault(why, RC_ABSENT, "the other process is gone");
	buf_added(bytes, (size_t)n);
	if (single && !(message.msg_flags & MSG_TRUNC))
		return RC_OK;
	cleanup_fd(fd);
	*fd = -1;
	return fault(why, RC_INVALID,
		     single ? "a message is too long"
			    : "a message brings more than one descriptor");
}

/* The answer with that serial; older ones came too late and are thrown away. */
static enum rc take_answer(int socket, uint64_t serial, int64_t until_ms, struct buf *space,
			   struct pickup_reply *reply, int *fd, struct fault *why)
{
	for (;;) {
		int64_t left_ms = until_ms - clock_mono_ms();
		enum rc rc = pickup_receive(socket, left_ms > 0 ? (int)left_ms : 0, space, fd, why);
		if (rc != RC_OK)
			return rc;
		rc = pickup_reply_decode(buf_slice(space), reply, why);
		if (rc == RC_OK && reply->serial == serial)
			return RC_OK;
		cleanup_fd(fd);
		*fd = -1;
		if (rc != RC_OK)
			return rc;
	}
}

enum rc pickup_ask(int socket, const struct pickup_request *request, int give_fd, struct buf *space,
		   struct pickup_reply *reply, int *fd, struct fault *why)
{
	static atomic_uint serials;
	struct pickup_request asked = *request;
	int64_t until_ms = clock_mono_ms() + PICKUP_ASK_MS;

	*fd = -1;
	asked.serial = atomic_fetch_add(&serials, 1);
	buf_clear(space);
	enum rc rc = pickup_request_encode(&asked, space, why);
	if (rc == RC_OK)
		rc = pickup_send(socket, buf_slice(space), give_fd, why);
	if (rc == RC_OK)
		rc = take_answer(socket, asked.serial, until_ms, space, reply, fd, why);
	if (rc == RC_OK && reply->verb != asked.verb) {
		cleanup_fd(fd);
		*fd = -1;
		rc = fault(why, RC_INVALID, "the answer is to another question");
	}
	return rc;
}
