/* smapload.c - socketmap (netstring) load client.
 *   smapload -a inet:port|unix:path [-c conns] [-p pipeline depth]
 *            [-n total queries] [-d distinct domains] [-m map name]
 *            [-x domain suffix] [-v]
 * One epoll thread; every connection keeps up to -p queries in flight
 * (-p 1 is what Postfix does: it waits for each answer).  Domains are
 * d<i>.<suffix>, i < -d, visited round robin, so a second run against the
 * same daemon measures its cache.  Prints queries/s, the latency percentiles
 * and a count of the answer kinds. */
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BUF = 1 << 18, MAXP = 4096 };
struct conn {
	int fd;
	long inflight;
	size_t ol, op, il;
	unsigned head, tail; /* ring of send times */
	double sent[MAXP];
	char out[BUF], in[BUF];
};
static long n_conn = 1, depth = 1, total = 100000, domains = 1000, verbose, sent, got, ok, notfound,
	    temp, perm, other;
static const char *map = "postfix", *suffix = "test.example";
static double *lat;

static void pump(struct conn *c)
{
	while (c->inflight < depth && sent < total) {
		char q[300];
		int n = snprintf(q, sizeof q, "%s d%ld.%s", map, sent % domains, suffix);
		if (BUF - c->ol < (size_t)n + 16)
			break;
		c->ol += (size_t)sprintf(c->out + c->ol, "%d:%s,", n, q);
		c->sent[c->head++ % MAXP] = now();
		c->inflight++, sent++;
	}
	while (c->op < c->ol) {
		ssize_t n = write(c->fd, c->out + c->op, c->ol - c->op);
		if (n < 0) {
			if (errno == EAGAIN)
				return;
			perror("write"), exit(1);
		}
		c->op += (size_t)n;
	}
	c->op = c->ol = 0;
}

static void take(struct conn *c)
{
	ssize_t r = read(c->fd, c->in + c->il, BUF - c->il);
	if (r < 0 && errno == EAGAIN)
		return;
	if (r <= 0)
		fprintf(stderr, "daemon closed the connection (%s)\n", r ? strerror(errno) : "EOF"),
			exit(1);
	c->il += (size_t)r;
	size_t p = 0;
	double t = now();
	for (;;) {
		char *e, *colon = memchr(c->in + p, ':', c->il - p);
		if (!colon)
			break;
		unsigned long n = strtoul(c->in + p, &e, 10);
		if (e != colon || (size_t)(c->in + c->il - colon) < n + 2)
			break;
		if (verbose && got < 4)
			fprintf(stderr, "answer: %.*s\n", (int)n, colon + 1);
		if (!strncmp(colon + 1, "OK ", 3))
			ok++;
		else if (!strncmp(colon + 1, "NOTFOUND", 8))
			notfound++;
		else if (!strncmp(colon + 1, "TEMP", 4))
			temp++;
		else if (!strncmp(colon + 1, "PERM", 4))
			perm++;
		else
			other++;
		lat[got++] = t - c->sent[c->tail++ % MAXP];
		c->inflight--;
		p = (size_t)(colon - c->in) + n + 2;
	}
	memmove(c->in, c->in + p, c->il - p);
	c->il -= p;
}

int main(int argc, char **argv)
{
	int o;
	const char *a = NULL;
	while ((o = getopt(argc, argv, "a:c:p:n:d:m:x:v")) != -1)
		switch (o) {
		case 'a':
			a = optarg;
			break;
		case 'c':
			n_conn = atol(optarg);
			break;
		case 'p':
			depth = atol(optarg);
			break;
		case 'n':
			total = atol(optarg);
			break;
		case 'd':
			domains = atol(optarg);
			break;
		case 'm':
			map = optarg;
			break;
		case 'x':
			suffix = optarg;
			break;
		case 'v':
			verbose = 1;
			break;
		default:
			return 2;
		}
	if (!a || depth > MAXP)
		return 2;
	lat = malloc(sizeof *lat * (size_t)total);
	int ep = epoll_create1(0), one = 1;
	struct conn **cs = calloc((size_t)n_conn, sizeof *cs);
	for (long i = 0; i < n_conn; i++) {
		struct conn *c = cs[i] = calloc(1, sizeof *c);
		int rc;
		if (!strncmp(a, "inet:", 5)) {
			struct sockaddr_in s = { .sin_family = AF_INET,
						 .sin_port = htons((uint16_t)atoi(a + 5)),
						 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
			c->fd = socket(AF_INET, SOCK_STREAM, 0);
			rc = connect(c->fd, (void *)&s, sizeof s);
			setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		} else {
			struct sockaddr_un s = { .sun_family = AF_UNIX };
			snprintf(s.sun_path, sizeof s.sun_path, "%s",
				 a + (strncmp(a, "unix:", 5) ? 0 : 5));
			c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
			rc = connect(c->fd, (void *)&s, sizeof s);
		}
		if (rc)
			return perror("connect"), 1;
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
		epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
	}
	double t0 = now();
	for (long i = 0; i < n_conn; i++)
		pump(cs[i]);
	while (got < total) {
		struct epoll_event ev[64];
		int n = epoll_wait(ep, ev, 64, 1);
		for (int i = 0; i < n; i++)
			take(ev[i].data.ptr), pump(ev[i].data.ptr);
		if (!n) /* blocked writers */
			for (long i = 0; i < n_conn; i++)
				pump(cs[i]);
	}
	double dt = now() - t0;
	qsort(lat, (size_t)total, sizeof *lat, cmp_dbl);
	printf("conns %ld depth %ld domains %ld: %.0f q/s  us p50 %.1f p99 %.1f max %.1f  ok %ld "
	       "notfound %ld temp %ld perm %ld other %ld\n",
	       n_conn, depth, domains, (double)total / dt, lat[total / 2] * 1e6,
	       lat[total * 99 / 100] * 1e6, lat[total - 1] * 1e6, ok, notfound, temp, perm, other);
	return 0;
}
