#include "dns/udp.h"

#include "base/cleanup.h"
#include "dns/wire.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEADLINE_MS = 20000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	struct dns_udp *udp;
	int server; /* a socket that the test reads and answers by itself */
	struct sockaddr_in at;
	int messages, refusals, stop_at;
	const struct dns_udp_port *port;
	char last[64];
	struct dns_udp_port *release; /* by the callback */
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static void on_message(void *arg, const struct dns_udp_port *port, struct slice message)
{
	struct world *w = arg;

	w->messages++;
	w->port = port;
	snprintf(w->last, sizeof w->last, "%.*s", SLICE_ARG(message));
	if (w->release)
		dns_udp_release(TAKE(w->release));
}

static void on_refused(void *arg, const struct dns_udp_port *port, const char *why)
{
	struct world *w = arg;

	w->refusals++;
	w->port = port;
	assert_string_equal(why, "Connection refused");
}

static void on_settled(void *arg)
{
	struct world *w = arg;

	if (w->messages + w->refusals == w->stop_at) {
		dns_udp_free(w->udp); /* allowed here */
		w->udp = NULL;
		loop_stop(w->loop);
	}
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct dns_udp_events events = { on_message, on_refused, on_settled, w };
	socklen_t len = sizeof w->at;

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	w->at = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	w->server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->server, (struct sockaddr *)&w->at, sizeof w->at), 0);
	assert_int_equal(getsockname(w->server, (struct sockaddr *)&w->at, &len), 0);
	w->udp = dns_udp_new(w->loop, (struct sockaddr *)&w->at, sizeof w->at, &events);
	assert_non_null(w->udp);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	dns_udp_free(w->udp);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	close(w->server);
	free(w);
	return 0;
}

/* What the server got, from where. */
static uint16_t receive(struct world *w, struct sockaddr_in *from)
{
	char bytes[64];
	socklen_t len = sizeof *from;

	assert_true(recvfrom(w->server, bytes, sizeof bytes, 0, (struct sockaddr *)from, &len) > 0);
	return ntohs(from->sin_port);
}

static void answers_come_to_the_port_that_asked(void **state)
{
	struct world *w = *state;
	struct dns_udp_port *a, *b;
	struct sockaddr_in from;

	assert_int_equal(dns_udp_send(w->udp, SLICE("one"), &a, NULL), RC_OK);
	assert_int_equal(dns_udp_send(w->udp, SLICE("two"), &b, NULL), RC_OK);
	assert_ptr_not_equal(a, b);
	uint16_t first = receive(w, &from);
	assert_int_not_equal(receive(w, &from), first);
	assert_true(sendto(w->server, "reply", 5, 0, (struct sockaddr *)&from, sizeof from) == 5);
	w->stop_at = 1;
	w->release = b;
	loop_run(w->loop);
	assert_string_equal(w->last, "reply");
	assert_ptr_equal(w->port, b);
}

static void ports_change_after_their_uses(void **state)
{
	struct world *w = *state;
	bool seen[UINT16_MAX + 1] = { false };
	struct sockaddr_in from;
	int different = 0;

	for (int i = 0; i < 3 * DNS_UDP_SOCKETS * DNS_UDP_USES; i++) {
		struct dns_udp_port *port;
		assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &port, NULL), RC_OK);
		dns_udp_release(port);
		uint16_t number = receive(w, &from);
		different += !seen[number];
		seen[number] = true;
	}
	/* One of them may come twice by chance; all of them never. */
	assert_true(different > 2 * DNS_UDP_SOCKETS);
}

static void a_retired_port_hears_its_last_answer(void **state)
{
	struct world *w = *state;
	struct dns_udp_port *first, *port;
	struct sockaddr_in from, later;

	assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &first, NULL), RC_OK);
	receive(w, &from);
	for (int i = 0; i < DNS_UDP_SOCKETS * DNS_UDP_USES; i++) {
		assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &port, NULL), RC_OK);
		dns_udp_release(port);
		receive(w, &later);
	}
	assert_true(sendto(w->server, "late", 4, 0, (struct sockaddr *)&from, sizeof from) == 4);
	w->stop_at = 1;
	w->release = first;
	loop_run(w->loop);
	assert_string_equal(w->last, "late");
}

static void other_sources_are_not_heard(void **state)
{
	struct world *w = *state;
	struct dns_udp_port *port;
	struct sockaddr_in from;
	int stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &port, NULL), RC_OK);
	receive(w, &from);
	assert_true(sendto(stranger, "false", 5, 0, (struct sockaddr *)&from, sizeof from) == 5);
	assert_true(sendto(w->server, "true", 4, 0, (struct sockaddr *)&from, sizeof from) == 4);
	w->stop_at = 1;
	loop_run(w->loop);
	assert_int_equal(w->messages, 1);
	assert_string_equal(w->last, "true");
	close(stranger);
}

static void too_long_a_datagram_is_dropped(void **state)
{
	static char big[DNS_PAYLOAD + 1];
	struct world *w = *state;
	struct dns_udp_port *port;
	struct sockaddr_in from;

	memset(big, 'x', sizeof big);
	assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &port, NULL), RC_OK);
	receive(w, &from);
	sendto(w->server, big, sizeof big, 0, (struct sockaddr *)&from, sizeof from);
	sendto(w->server, "fits", 4, 0, (struct sockaddr *)&from, sizeof from);
	w->stop_at = 1;
	loop_run(w->loop);
	assert_string_equal(w->last, "fits");
}

static void refusal_is_told_and_the_port_lives_on(void **state)
{
	struct world *w = *state;
	struct dns_udp_port *port;

	close(w->server);
	w->server = -1;
	assert_int_equal(dns_udp_send(w->udp, SLICE("x"), &port, NULL), RC_OK);
	w->stop_at = 1;
	loop_run(w->loop);
	assert_int_equal(w->refusals, 1);
	assert_ptr_equal(w->port, port);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(answers_come_to_the_port_that_asked),
		ROW(ports_change_after_their_uses),
		ROW(a_retired_port_hears_its_last_answer),
		ROW(other_sources_are_not_heard),
		ROW(too_long_a_datagram_is_dropped),
		ROW(refusal_is_told_and_the_port_lives_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
