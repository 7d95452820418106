#include "cli/doctor.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/netstring.h"
#include "loop/loop.h"
#include "outlook/outlook.h"
#include "scan/clamd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PATIENCE_S = 10,      /* for an answer that takes no lookup */
	ANSWER_MAX = 4096,    /* bytes: option negotiation has 13 and a few macros' names */
	RESOLVER_MS = 120000, /* above resolver.timeout_ms, whatever it is */
};

static const char start[] = "systemctl start postern-milter, and read its log";

/* ---- sockets ---- */

static const char *unix_path(const char *listen)
{
	return strncmp(listen, "unix:", 5) == 0 ? listen + 5 : NULL;
}

/* Mode and group as the settings want them: otherwise the MTA is kept out, or others
 * are not. */
static bool examine_file(struct doctor *d, const char *check, const char *path, const char *mode,
			 const char *group)
{
	const struct group *wanted = *group ? getgrnam(group) : NULL;
	struct stat st;

	if (lstat(path, &st) != 0) {
		doctor_say(d, DOCTOR_FAIL, check, errno == ENOENT ? start : "ask as root", "%s: %s",
			   path, strerror(errno));
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		doctor_say(d, DOCTOR_FAIL, check, start, "%s is no socket", path);
		return false;
	}
	if ((st.st_mode & 07777) != (unsigned)strtoul(mode, NULL, 8))
		doctor_say(d, DOCTOR_FAIL, check, "restart postern-milter",
			   "%s has mode %04o, and the settings say %s", path,
			   (unsigned)st.st_mode & 07777, mode);
	if (*group && (!wanted || wanted->gr_gid != st.st_gid))
		doctor_say(d, DOCTOR_FAIL, check,
			   wanted ? "restart postern-milter, whose user must be in that group"
				  : "there is no such group on this host",
			   "%s is not group %s's, as the settings say", path, group);
	return true;
}

static int connect_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof address.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, len + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		cleanup_fd(&fd);
		return -1;
	}
	return fd;
}

/* listen: "HOST:PORT" or "[V6]:PORT", as the settings have checked it. */
static int connect_tcp(const char *listen)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	const char *colon = strrchr(listen, ':');
	size_t len = colon ? (size_t)(colon - listen) : 0;
	bool bracketed = len >= 2 && listen[0] == '[';
	CLEANUP(cleanup_free) char *host = strndup(listen + bracketed, len - 2 * bracketed);
	int fd = -1;

	errno = EINVAL;
	if (!host || !colon || getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
			cleanup_fd(&fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

/* -1 after a finding. */
static int reach(struct doctor *d, const char *check, const char *listen)
{
	const char *path = unix_path(listen);
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = path ? connect_unix(path) : connect_tcp(listen);

	if (fd < 0) {
		doctor_say(d, DOCTOR_FAIL, check, start, "nobody answers at %s: %s", listen,
			   strerror(errno));
		return -1;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return fd;
}

static bool send_all(int fd, const char *bytes, size_t len)
{
	return send(fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Reads on until complete(answer), ANSWER_MAX bytes, the end or PATIENCE_S. */
static bool receive(int fd, struct buf *answer, bool complete(struct slice))
{
	char bytes[512];

	while (!complete(buf_slice(answer))) {
		ssize_t n = recv(fd, bytes, sizeof bytes, 0);
		if (n <= 0 || buf_add(answer, bytes, (size_t)n) != RC_OK)
			return false;
	}
	return true;
}

/* ---- the milter ---- */

static uint32_t number_at(const char *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof number);
	return ntohl(number);
}

static bool is_packet(struct slice s)
{
	return s.len >= 4 && s.len - 4 >= number_at(s.at);
}

/* Option negotiation, as an MTA begins (SMFIC_OPTNEG): version 6, all actions, all
 * steps. What comes back is the same kind with what the milter wants. */
static void negotiate(struct doctor *d, int fd)
{
	static const char request[] = { 0, 0, 0, 13,         'O', 0,    0,          0,         6,
					0, 0, 1, (char)0xff, 0,   0x1f, (char)0xff, (char)0xff };
	static const char quit[] = { 0, 0, 0, 1, 'Q' };
	struct buf answer = BUF_INIT(ANSWER_MAX);
	const char *listen = d->settings->milter.listen;

	if (!send_all(fd, request, sizeof request) || !receive(fd, &answer, is_packet))
		doctor_say(d, DOCTOR_FAIL, "milter", start, "%s does not answer an MTA's greeting",
			   listen);
	else if (answer.len < 17 || answer.at[4] != 'O')
		doctor_say(d, DOCTOR_FAIL, "milter", "see who listens there",
			   "what answers at %s is no milter", listen);
	else
		doctor_say(d, DOCTOR_OK, "milter", "", "%s answers, protocol %u", listen,
			   (unsigned)number_at(answer.at + 5));
	(void)send_all(fd, quit, sizeof quit);
	buf_free(&answer);
}

void doctor_milter(struct doctor *d)
{
	const struct settings_milter *m = &d->settings->milter;
	const char *path = unix_path(m->listen);

	if (path && !examine_file(d, "milter", path, m->mode, m->group))
		return;
	CLEANUP(cleanup_fd) int fd = reach(d, "milter", m->listen);
	if (fd >= 0)
		negotiate(d, fd);
}

/* ---- the map ---- */

static bool is_netstring(struct slice s)
{
	struct slice body;

	return netstring_take(&s, ANSWER_MAX, &body) != RC_ABSENT;
}

void doctor_map(struct doctor *d)
{
	static const char request[] = "15:strict .invalid,";
	const struct settings_socket *t = &d->settings->tls_policy;
	const char *path = unix_path(t->listen);
	struct buf answer = BUF_INIT(ANSWER_MAX);

	if (path && !examine_file(d, "tls-policy", path, t->mode, t->group))
		return;
	CLEANUP(cleanup_fd) int fd = reach(d, "tls-policy", t->listen);
	if (fd < 0)
		return;
	/* A parent label is answered from memory, whatever the resolver does. */
	if (!send_all(fd, request, sizeof request - 1) || !receive(fd, &answer, is_netstring) ||
	    strcmp(buf_text(&answer), "9:NOTFOUND ,") != 0)
		doctor_say(d, DOCTOR_FAIL, "tls-policy", start,
			   "%s does not answer as the map strict does", t->listen);
	else
		doctor_say(d, DOCTOR_OK, "tls-policy", "", "%s answers", t->listen);
	buf_free(&answer);
}

/* ---- the resolver ---- */

struct trial {
	struct doctor *d;
	struct loop *loop;
};

static void on_resolver(void *arg, const char *complaints)
{
	const struct trial *t = arg;

	if (*complaints)
		doctor_say(t->d, DOCTOR_FAIL, "resolver",
			   "DANE needs a resolver that validates; unbound.conf.sample is one", "%s",
			   complaints);
	else
		doctor_say(t->d, DOCTOR_OK, "resolver", "", "it validates, and speaks TCP");
	loop_stop(t->loop);
}

static void on_silence(void *arg)
{
	const struct trial *t = arg;

	doctor_say(t->d, DOCTOR_FAIL, "resolver", "", "its test does not end");
	loop_stop(t->loop);
}

void doctor_resolver(struct doctor *d)
{
	struct fault why = { .text = "out of memory" };
	struct trial trial = { d, loop_new(&why) };
	struct outlook_config config = { .settings = d->settings,
					 .resolver = on_resolver,
					 .arg = &trial };
	struct outlook *outlook = NULL;
	struct loop_timer *timer =
		trial.loop ? loop_timer_new(trial.loop, on_silence, &trial) : NULL;

	if (!timer || outlook_open(trial.loop, &config, &outlook, &why) != RC_OK) {
		doctor_say(d, DOCTOR_FAIL, "resolver", "", "%s", why.text);
	} else {
		loop_timer_set(timer, RESOLVER_MS);
		loop_run(trial.loop);
	}
	(void)outlook_close(outlook, &why);
	loop_timer_free(timer);
	loop_free(trial.loop);
}

/* ---- the virus scanner ---- */

void doctor_scanner(struct doctor *d)
{
	const struct settings_scan *scan = &d->settings->scan;
	struct scan_result result;
	struct fault why;

	if (scan->clamd[0] == '\0')
		return;
	if (scan_engine(scan->clamd, clock_mono_ms() + PATIENCE_S * 1000, &result, &why) == RC_OK)
		doctor_say(d, DOCTOR_OK, "scanner", "", "%s answers at %s", result.engine,
			   scan->clamd);
	else
		doctor_say(
			d, scan->required ? DOCTOR_FAIL : DOCTOR_WARN, "scanner",
			"systemctl start clamav-daemon, and see that it may be reached from here",
			"%s", why.text);
}
