/* smapecho.c - trivial epoll socketmap server: parses netstrings and answers
 * every query with one constant policy.  The physical ceiling for a
 * single-threaded policy daemon.
 *   smapecho inet:port|unix:path */
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
enum { BUF = 1 << 16 };
struct conn {
	int fd;
	size_t il;
	char in[BUF];
};
static const char ans[] = "52:OK secure match=mx.example.org servername=hostname  ,";
int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	int s, one = 1, ep = epoll_create1(0);
	if (!strncmp(argv[1], "inet:", 5)) {
		struct sockaddr_in a = { .sin_family = AF_INET,
					 .sin_port = htons((uint16_t)atoi(argv[1] + 5)),
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		s = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		if (bind(s, (void *)&a, sizeof a))
			return 1;
	} else {
		struct sockaddr_un a = { .sun_family = AF_UNIX };
		snprintf(a.sun_path, sizeof a.sun_path, "%s", argv[1] + 5);
		unlink(a.sun_path);
		s = socket(AF_UNIX, SOCK_STREAM, 0);
		if (bind(s, (void *)&a, sizeof a))
			return 1;
	}
	listen(s, 512);
	struct epoll_event ev = { .events = EPOLLIN }, evs[128];
	epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev);
	static char out[BUF * 8];
	for (;;) {
		int n = epoll_wait(ep, evs, 128, -1);
		for (int i = 0; i < n; i++) {
			struct conn *c = evs[i].data.ptr;
			if (!c) {
				c = calloc(1, sizeof *c);
				c->fd = accept(s, NULL, NULL);
				setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
				ev.data.ptr = c;
				epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
				continue;
			}
			ssize_t r = read(c->fd, c->in + c->il, BUF - c->il);
			if (r <= 0) {
				close(c->fd);
				free(c);
				continue;
			}
			c->il += (size_t)r;
			size_t p = 0, ol = 0;
			for (;;) {
				char *e, *colon = memchr(c->in + p, ':', c->il - p);
				if (!colon)
					break;
				unsigned long k = strtoul(c->in + p, &e, 10);
				if ((size_t)(c->in + c->il - colon) < k + 2)
					break;
				p = (size_t)(colon - c->in) + k + 2;
				memcpy(out + ol, ans, sizeof ans - 1), ol += sizeof ans - 1;
			}
			memmove(c->in, c->in + p, c->il - p), c->il -= p;
			for (size_t w = 0; w < ol;) {
				ssize_t k = write(c->fd, out + w, ol - w);
				if (k < 0)
					break;
				w += (size_t)k;
			}
		}
	}
}
