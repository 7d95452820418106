#include "smtp/connect.h"

#include "base/cleanup.h"
#include "base/slice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static bool read_path(struct slice path, union address *out, socklen_t *len)
{
	/* A path that fills sun_path would lose its NUL. */
	if (path.len == 0 || path.len >= sizeof out->local.sun_path)
		return false;
	out->local.sun_family = AF_UNIX;
	memcpy(out->local.sun_path, path.at, path.len);
	*len = sizeof out->local;
	return true;
}

static bool read_inet(const char *server, union address *out, socklen_t *len)
{
	const char *colon = strrchr(server, ':');
	bool v6 = server[0] == '[';
	char host[INET6_ADDRSTRLEN];
	uint64_t port;

	if (!colon || (v6 && (colon < server + 2 || colon[-1] != ']')))
		return false;
	size_t host_len = (size_t)(colon - server) - (v6 ? 2 : 0);
	if (host_len >= sizeof host ||
	    !slice_to_u64((struct slice){ colon + 1, strlen(colon + 1) }, &port) || port == 0 ||
	    port > UINT16_MAX)
		return false;
	memcpy(host, server + (v6 ? 1 : 0), host_len);
	host[host_len] = '\0';

	if (v6) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons((uint16_t)port);
		*len = sizeof out->v6;
		return inet_pton(AF_INET6, host, &out->v6.sin6_addr) == 1;
	}
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = htons((uint16_t)port);
	*len = sizeof out->v4;
	return inet_pton(AF_INET, host, &out->v4.sin_addr) == 1;
}

static enum rc failed(const char *server, int error, struct fault *why)
{
	return fault(why, RC_RETRY, "cannot connect to %s: %s", server, strerrordesc_np(error));
}

enum rc smtp_connect(const char *server, int *fd, struct fault *why)
{
	union address address = { 0 };
	socklen_t len;
	struct slice path = { server, strlen(server) };
	bool local = slice_drop_prefix(&path, "unix:");

	if (!(local ? read_path(path, &address, &len) : read_inet(server, &address, &len)))
		return fault(why, RC_INVALID,
			     "\"%s\" is neither ADDRESS:PORT, [V6]:PORT nor unix:/path", server);

	CLEANUP(cleanup_fd)
	int sock = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return failed(server, errno, why);
	/* Commands are short and each waits for its reply: Nagle would only delay. */
	if (!local)
		(void)setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	/* EAGAIN, of unix sockets alone: the listener's queue is full. No event would
	 * tell when it no longer is, so it counts as refused. */
	if (connect(sock, &address.any, len) < 0 && errno != EINPROGRESS)
		return failed(server, errno, why);
	*fd = sock;
	sock = -1;
	return RC_OK;
}

enum rc smtp_connect_result(int fd, struct fault *why)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error == 0)
		return RC_OK;
	return fault(why, RC_RETRY, "cannot connect: %s", strerrordesc_np(error));
}
