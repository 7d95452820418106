#include "listen.h"

#include "base/cleanup.h"
#include "base/slice.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static const char *unix_path(const char *where)
{
	return strncmp(where, "unix:", 5) == 0 ? where + 5 : NULL;
}

static bool answers(const struct sockaddr_un *at)
{
	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;
}

static enum rc open_unix(const char *path, int *out, struct fault *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fault(why, RC_RETRY, "no socket: %s", strerror(errno));
	if (strlen(path) >= sizeof at.sun_path)
		return fault(why, RC_INVALID, "%s is too long for a socket", path);
	memcpy(at.sun_path, path, strlen(path) + 1);
	if (answers(&at))
		return fault(why, RC_RETRY, "another process listens on %s", path);
	(void)unlink(path); /* what is left of a dead one; whatever else is there fails below */
	mode_t before = umask(0117);
	int bad = bind(fd, (const struct sockaddr *)&at, sizeof at);
	(void)umask(before);
	if (bad != 0 || listen(fd, BACKLOG) != 0)
		return fault(why, RC_RETRY, "cannot listen on %s: %s", path, strerror(errno));
	*out = fd;
	fd = -1;
	return RC_OK;
}

/* Cuts "HOST:PORT" or "[V6]:PORT". */
static bool cut(const char *where, char *host, size_t room, const char **port)
{
	const char *colon = strrchr(where, ':');
	size_t len = colon ? (size_t)(colon - where) : 0;

	if (!colon || len == 0 || len >= room)
		return false;
	if (where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	}
	memcpy(host, where, len);
	host[len] = '\0';
	*port = colon + 1;
	return true;
}

static enum rc open_address(const struct addrinfo *at, const char *where, int *out,
			    struct fault *why)
{
	CLEANUP(cleanup_fd)
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
		return fault(why, RC_RETRY, "cannot listen on %s: %s", where, strerror(errno));
	*out = fd;
	fd = -1;
	return RC_OK;
}

enum rc listen_open(const char *where, int *out, struct fault *why)
{
	const struct addrinfo wanted = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	const char *path = unix_path(where), *port;
	struct addrinfo *found;
	char host[256];

	if (path)
		return open_unix(path, out, why);
	if (!cut(where, host, sizeof host, &port))
		return fault(why, RC_INVALID, "%s is no address to listen on", where);
	int bad = getaddrinfo(host, port, &wanted, &found);
	if (bad != 0)
		return fault(why, RC_INVALID, "cannot listen on %s: %s", where, gai_strerror(bad));
	enum rc rc = open_address(found, where, out, why);
	freeaddrinfo(found);
	return rc;
}

enum rc listen_give(const char *where, uid_t user, gid_t group, struct fault *why)
{
	const char *path = unix_path(where);

	if (path && chown(path, user, group) != 0)
		return fault(why, RC_RETRY, "cannot give %s away: %s", path, strerror(errno));
	return RC_OK;
}

void listen_close(const char *where)
{
	const char *path = unix_path(where);

	if (path)
		(void)unlink(path);
}
