#include "loop/loop.h"

#include "base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	BACKLOG = 512,         /* a mail server's burst; the kernel cuts it to somaxconn */
	ACCEPTS_PER_TURN = 64, /* so that a flood of clients does not starve the rest */
	REST_MS = 100,         /* after "no descriptors": the queue stays readable, do not spin */
	GROUP_TEXT_MAX = 65536,
};

struct loop_listener {
	int fd;
	struct loop_watch *watch;
	struct loop_timer *rest;
	loop_accept_fn *accepted;
	void *arg;
	bool paused, resting;
	bool accepting, closed; /* freed from within accepted(): the memory waits for its return */
	uint16_t port;
	struct sockaddr_un path; /* sun_path "" for TCP */
	dev_t device;
	ino_t inode; /* the socket file that is ours to unlink */
};

static void watch_or_not(struct loop_listener *l)
{
	loop_watch_set(l->watch, l->paused || l->resting ? 0 : LOOP_READ);
}

static void on_rested(void *arg)
{
	struct loop_listener *l = arg;

	l->resting = false;
	watch_or_not(l);
}

static bool is_passing(int error)
{
	/* accept(2): an error of the new connection, not of ours. */
	return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

static void on_connections(void *arg, unsigned events)
{
	struct loop_listener *l = arg;

	(void)events;
	l->accepting = true;
	for (int i = 0; i < ACCEPTS_PER_TURN && !l->closed && !l->paused; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			l->accepted(l->arg, fd);
		} else if (!is_passing(errno)) {
			if (errno != EAGAIN) {
				l->resting = true;
				watch_or_not(l);
				loop_timer_set(l->rest, REST_MS);
			}
			break;
		}
	}
	l->accepting = false;
	if (l->closed)
		free(l);
}

static enum rc parse_mode(const char *text, mode_t *out, struct fault *why)
{
	unsigned mode = 0;
	size_t len = strlen(text);

	if (len != strspn(text, "01234567") || len < 3 || len > 4)
		return fault(why, RC_INVALID, "socket mode \"%s\" is not octal like 0660", text);
	for (; *text; text++)
		mode = mode * 8 + (unsigned)(*text - '0');
	if (mode > 0777)
		return fault(why, RC_INVALID, "socket mode %o has more than rwx bits", mode);
	*out = (mode_t)mode;
	return RC_OK;
}

static enum rc find_group(const char *name, gid_t *out, struct fault *why)
{
	CLEANUP(cleanup_free) char *text = malloc(GROUP_TEXT_MAX);
	struct group entry, *found = NULL;

	*out = (gid_t)-1; /* chown(2): leave it */
	if (!*name)
		return RC_OK;
	if (!text)
		return fault(why, RC_NOMEM, "no memory to look up group %s", name);
	int bad = getgrnam_r(name, &entry, text, GROUP_TEXT_MAX, &found);
	if (bad)
		return fault(why, RC_RETRY, "group %s: %s", name, strerror(bad));
	if (!found)
		return fault(why, RC_INVALID, "there is no group %s", name);
	*out = found->gr_gid;
	return RC_OK;
}

/* Makes way at path: only a socket that nobody listens on is removed. */
static enum rc remove_stale(const struct sockaddr_un *at, struct fault *why)
{
	const char *path = at->sun_path;
	struct stat st;

	if (lstat(path, &st) != 0)
		return RC_OK; /* not there, or bind() will say what is wrong */
	if (!S_ISSOCK(st.st_mode))
		return fault(why, RC_RETRY, "%s is there and is not a socket", path);

	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN)
		return fault(why, RC_RETRY, "another process listens on %s", path);
	if (errno != ECONNREFUSED)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	if (unlink(path) != 0)
		return fault(why, RC_RETRY, "cannot remove the stale socket %s: %s", path,
			     strerror(errno));
	return RC_OK;
}

static enum rc name_path(const char *path, struct sockaddr_un *out, struct fault *why)
{
	size_t len = strlen(path);

	if (path[0] != '/' || len >= sizeof out->sun_path)
		return fault(why, RC_INVALID,
			     "socket path \"%s\" is not absolute or over %zu bytes", path,
			     sizeof out->sun_path - 1);
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(out->sun_path, path, len + 1);
	return RC_OK;
}

enum rc loop_make_way(const char *path, struct fault *why)
{
	struct sockaddr_un at;
	enum rc rc = name_path(path, &at, why);

	return rc == RC_OK ? remove_stale(&at, why) : rc;
}

static enum rc bind_path(struct loop_listener *l, struct fault *why)
{
	const char *path = l->path.sun_path;

	/* The file takes its first mode from the socket, less the umask (Linux):
	 * nobody but us gets in before group and mode are right. */
	if (fchmod(l->fd, 0) != 0)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	if (bind(l->fd, (const struct sockaddr *)&l->path, sizeof l->path) == 0)
		return RC_OK;
	if (errno == ENOENT)
		return fault(why, RC_RETRY, "the folder of %s is not there", path);
	return fault(why, RC_RETRY, "cannot listen on %s: %s", path, strerror(errno));
}

static enum rc open_unix(struct loop_listener *l, const char *path, mode_t mode, gid_t group,
			 struct fault *why)
{
	struct sockaddr_un at;
	struct stat st;

	enum rc rc = name_path(path, &at, why);
	if (rc == RC_OK)
		rc = remove_stale(&at, why);
	if (rc != RC_OK)
		return rc;
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	l->path = at;
	rc = bind_path(l, why);
	if (rc != RC_OK) {
		l->path.sun_path[0] = '\0'; /* not ours */
		return rc;
	}
	if (lstat(path, &st) != 0)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	l->device = st.st_dev;
	l->inode = st.st_ino;
	if (listen(l->fd, BACKLOG) != 0 || lchown(path, (uid_t)-1, group) != 0 ||
	    chmod(path, mode) != 0)
		return fault(why, RC_RETRY, "%s: %s", path, strerror(errno));
	return RC_OK;
}

/* "HOST:PORT" or "[V6]:PORT" into its halves. */
static enum rc split_host(const char *address, char *host, size_t room, const char **port,
			  struct fault *why)
{
	const char *colon = strrchr(address, ':');
	const char *at = address;
	uint64_t number;

	if (!colon || !slice_to_u64((struct slice){ colon + 1, strlen(colon + 1) }, &number) ||
	    number > UINT16_MAX)
		return fault(why, RC_INVALID, "\"%s\" is not unix:/path, HOST:PORT or [V6]:PORT",
			     address);
	size_t len = (size_t)(colon - at);
	if (at[0] == '[' && len > 2 && at[len - 1] == ']') {
		at++;
		len -= 2;
	} else if (memchr(at, ':', len)) {
		return fault(why, RC_INVALID, "\"%s\": an IPv6 address goes in brackets", address);
	}
	if (len == 0 || len >= room)
		return fault(why, RC_INVALID, "\"%s\" has no host before its port", address);
	memcpy(host, at, len);
	host[len] = '\0';
	*port = colon + 1;
	return RC_OK;
}

static enum rc bind_info(struct loop_listener *l, const struct addrinfo *to, const char *address,
			 struct fault *why)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof bound;
	int on = 1;

	l->fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return fault(why, RC_RETRY, "%s: %s", address, strerror(errno));
	(void)setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (to->ai_family == AF_INET6) /* [::] means IPv6, whatever the system's default is */
		(void)setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(l->fd, to->ai_addr, to->ai_addrlen) != 0 || listen(l->fd, BACKLOG) != 0 ||
	    getsockname(l->fd, (struct sockaddr *)&bound, &len) != 0)
		return fault(why, RC_RETRY, "cannot listen on %s: %s", address, strerror(errno));
	l->port = ntohs(to->ai_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
						  : ((struct sockaddr_in *)&bound)->sin_port);
	return RC_OK;
}

static enum rc open_tcp(struct loop_listener *l, const char *address, struct fault *why)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	char host[NI_MAXHOST];
	const char *port = NULL;

	enum rc rc = split_host(address, host, sizeof host, &port, why);
	if (rc != RC_OK)
		return rc;
	/* Blocks when host is a name; listeners are opened at start, before the loop runs. */
	int bad = getaddrinfo(host, port, &hints, &found);
	if (bad)
		return fault(why, RC_INVALID, "\"%s\": %s", address, gai_strerror(bad));
	rc = bind_info(l, found, address, why);
	freeaddrinfo(found);
	return rc;
}

static enum rc open_address(struct loop_listener *l, const char *address, const char *mode,
			    const char *group, struct fault *why)
{
	struct slice path = { address, strlen(address) };
	mode_t bits = 0;
	gid_t gid = 0;

	if (!slice_drop_prefix(&path, "unix:"))
		return open_tcp(l, address, why);
	enum rc rc = parse_mode(mode, &bits, why);
	if (rc == RC_OK)
		rc = find_group(group, &gid, why);
	return rc == RC_OK ? open_unix(l, path.at, bits, gid, why) : rc;
}

enum rc loop_listen(struct loop *loop, const char *address, const char *mode, const char *group,
		    loop_accept_fn *accepted, void *arg, struct loop_listener **out,
		    struct fault *why)
{
	struct loop_listener *l = calloc(1, sizeof *l);
	if (!l)
		return fault(why, RC_NOMEM, "no memory to listen on %s", address);

	l->fd = -1;
	l->accepted = accepted;
	l->arg = arg;
	enum rc rc = open_address(l, address, mode, group, why);
	if (rc == RC_OK) {
		l->rest = loop_timer_new(loop, on_rested, l);
		l->watch = loop_watch_new(loop, l->fd, on_connections, l);
		if (!l->rest || !l->watch)
			rc = fault(why, RC_NOMEM, "no memory to listen on %s", address);
	}
	if (rc != RC_OK) {
		loop_listener_free(l);
		return rc;
	}
	watch_or_not(l);
	*out = l;
	return RC_OK;
}

void loop_listener_pause(struct loop_listener *l, bool paused)
{
	l->paused = paused;
	watch_or_not(l);
}

uint16_t loop_listener_port(const struct loop_listener *l)
{
	return l->port;
}

void loop_listener_free(struct loop_listener *l)
{
	struct stat st;

	if (!l)
		return;
	assert(!l->closed);
	loop_watch_free(l->watch);
	loop_timer_free(l->rest);
	/* Another process may have put its own socket there since. */
	if (l->path.sun_path[0] && lstat(l->path.sun_path, &st) == 0 && st.st_dev == l->device &&
	    st.st_ino == l->inode)
		(void)unlink(l->path.sun_path);
	if (l->fd >= 0)
		close(l->fd);
	l->closed = true;
	if (!l->accepting)
		free(l);
}
