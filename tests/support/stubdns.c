#include "support/stubdns.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct stubdns {
	int udp, tcp, stop;
	uint16_t port;
	unsigned number;
	stubdns_fn *fn;
	void *arg;
	pthread_t thread;
};

static void must(bool fine, const char *what)
{
	if (!fine) {
		perror(what);
		abort(); /* not on the test's thread: cmocka cannot fail here */
	}
}

static void handle(struct stubdns *stub, struct stubdns_query *q)
{
	size_t at = 12, out = 0;

	must(q->len > 16, "a query is too short");
	while (q->message[at]) {
		for (size_t i = 1; i <= q->message[at]; i++)
			q->name[out++] = (char)q->message[at + i];
		at += 1U + q->message[at];
		q->name[out++] = '.';
	}
	q->name[out ? out - 1 : 0] = '\0';
	q->type = (uint16_t)(q->message[at + 1] << 8 | q->message[at + 2]);
	q->number = ++stub->number;
	q->from = stub;
	stub->fn(stub->arg, q);
}

static void serve_udp(struct stubdns *stub)
{
	uint8_t message[600];
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof peer;
	ssize_t len = recvfrom(stub->udp, message, sizeof message, MSG_DONTWAIT,
			       (struct sockaddr *)&peer, &peer_len);

	if (len < 0)
		return; /* an earlier reply met a closed port */
	handle(stub,
	       &(struct stubdns_query){
		       .message = message, .len = (size_t)len, .fd = stub->udp, .peer = &peer });
}

static bool read_all(int fd, uint8_t *bytes, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t more = recv(fd, bytes + got, len - got, 0);
		if (more <= 0)
			return false;
		got += (size_t)more;
	}
	return true;
}

static void serve_tcp(struct stubdns *stub)
{
	const struct timeval patience = { .tv_sec = 10 };
	uint8_t head[2], message[600];
	int fd = accept4(stub->tcp, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (read_all(fd, head, 2)) {
		size_t len = (size_t)head[0] << 8 | head[1];
		if (len <= sizeof message && read_all(fd, message, len))
			handle(stub,
			       &(struct stubdns_query){
				       .tcp = true, .message = message, .len = len, .fd = fd });
	}
	close(fd);
}

static void *serve(void *arg)
{
	struct stubdns *stub = arg;
	struct pollfd fds[] = { { stub->stop, POLLIN, 0 },
				{ stub->udp, POLLIN, 0 },
				{ stub->tcp, POLLIN, 0 } };

	for (;;) {
		must(poll(fds, 3, -1) > 0, "poll");
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			serve_udp(stub);
		if (fds[2].revents)
			serve_tcp(stub);
	}
}

/* The same port for both; any free TCP port may be taken for UDP, so try a few. */
static bool open_both(struct stubdns *stub, const char *address, uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
	socklen_t len = sizeof at;
	int on = 1;

	must(inet_pton(AF_INET, address, &at.sin_addr) == 1, address);
	stub->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	stub->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)setsockopt(stub->tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(stub->tcp, (struct sockaddr *)&at, sizeof at) == 0 && listen(stub->tcp, 64) == 0 &&
	    getsockname(stub->tcp, (struct sockaddr *)&at, &len) == 0 &&
	    bind(stub->udp, (struct sockaddr *)&at, sizeof at) == 0) {
		stub->port = ntohs(at.sin_port);
		return true;
	}
	close(stub->tcp);
	close(stub->udp);
	return false;
}

struct stubdns *stubdns_start(const char *address, uint16_t port, stubdns_fn *fn, void *arg)
{
	struct stubdns *stub = calloc(1, sizeof *stub);
	int tries = 20;

	stub->fn = fn;
	stub->arg = arg;
	while (!open_both(stub, address, port))
		must(--tries > 0, "no port for a DNS server");
	stub->stop = eventfd(0, EFD_CLOEXEC);
	must(stub->stop >= 0, "eventfd");
	must(pthread_create(&stub->thread, NULL, serve, stub) == 0, "thread");
	return stub;
}

uint16_t stubdns_port(const struct stubdns *stub)
{
	return stub->port;
}

void stubdns_stop(struct stubdns *stub)
{
	if (!stub)
		return;
	must(eventfd_write(stub->stop, 1) == 0, "eventfd");
	pthread_join(stub->thread, NULL);
	close(stub->udp);
	close(stub->tcp);
	close(stub->stop);
	free(stub);
}

void stubdns_send(const struct stubdns_query *q, const void *bytes, size_t len)
{
	if (q->tcp) {
		const uint8_t head[2] = { (uint8_t)(len >> 8), (uint8_t)len };
		(void)!send(q->fd, head, 2, MSG_NOSIGNAL | MSG_MORE);
		(void)!send(q->fd, bytes, len, MSG_NOSIGNAL);
	} else {
		(void)!sendto(q->fd, bytes, len, 0, q->peer, sizeof(struct sockaddr_in));
	}
}

static void add(ldns_pkt *p, ldns_pkt_section section, const char *const *lines)
{
	for (; lines && *lines; lines++) {
		ldns_rr *rr = NULL;
		must(ldns_rr_new_frm_str(&rr, *lines, 0, NULL, NULL) == LDNS_STATUS_OK, *lines);
		must(ldns_pkt_push_rr(p, section, rr), *lines);
	}
}

void stubdns_reply(const struct stubdns_query *q, unsigned flags, unsigned code,
		   const char *const *answer, const char *const *authority)
{
	ldns_pkt *p = NULL;
	uint8_t *wire = NULL;
	size_t len = 0;

	must(ldns_wire2pkt(&p, q->message, q->len) == LDNS_STATUS_OK, "query");
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_ra(p, !(flags & STUBDNS_NO_RA));
	ldns_pkt_set_ad(p, flags & STUBDNS_AD);
	ldns_pkt_set_tc(p, flags & STUBDNS_TC);
	ldns_pkt_set_rcode(p, code & 15);
	add(p, LDNS_SECTION_ANSWER, answer);
	add(p, LDNS_SECTION_AUTHORITY, authority);
	must(ldns_pkt2wire(&wire, p, &len) == LDNS_STATUS_OK, "reply");
	if (flags & STUBDNS_OTHER_ID)
		wire[1] ^= 1;
	if (flags & STUBDNS_OTHER_NAME)
		wire[13] ^= 1;
	stubdns_send(q, wire, len);
	free(wire);
	ldns_pkt_free(p);
}
