#include "metrics/serve.h"

#include "loop/loop.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct visit {
	uint16_t port;
	struct loop *loop;
	const char *request;
	size_t request_len;
	char answer[METRICS_TEXT_MAX];
	size_t len;
};

static void *visit(void *arg)
{
	struct visit *v = arg;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(v->port) };
	struct timeval patience = { .tv_sec = 20 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n = 0;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
	    send(fd, v->request, v->request_len, MSG_NOSIGNAL) > 0)
		while ((n = read(fd, v->answer + v->len, sizeof v->answer - 1 - v->len)) > 0)
			v->len += (size_t)n;
	v->answer[v->len] = '\0';
	close(fd);
	loop_stop(v->loop);
	return NULL;
}

static uint16_t free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void refresh(void *arg)
{
	metrics_set(arg, METRICS_SESSIONS, 42);
}

static struct visit ask(const char *request, size_t len)
{
	static struct visit v;
	struct metrics *metrics = metrics_new();
	struct metrics_server *server = NULL;
	struct fault why;
	pthread_t thread;
	char listen[32];

	v = (struct visit){ .port = free_port(), .loop = loop_new(&why), .request = request };
	v.request_len = len;
	assert_non_null(v.loop);
	snprintf(listen, sizeof listen, "127.0.0.1:%u", v.port);
	assert_int_equal(
		metrics_serve(v.loop, listen, "", "", metrics, refresh, metrics, &server, &why),
		RC_OK);
	assert_int_equal(pthread_create(&thread, NULL, visit, &v), 0);
	loop_run(v.loop);
	assert_int_equal(pthread_join(thread, NULL), 0);
	metrics_serve_end(server);
	loop_free(v.loop);
	metrics_free(metrics);
	return v;
}

static const struct {
	const char *name, *request, *status, *within;
} rows[] = {
	{ "a scrape", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n",
	  "\npostern_sessions 42\n" },
	{ "another page", "GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", "" },
	{ "another method", "POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "" },
	{ "no HTTP", "\x16\x03\x01\r\n\r\n", "HTTP/1.1 400 ", "" },
};

static void test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("   %s\n", rows[i].name);
		struct visit v = ask(rows[i].request, strlen(rows[i].request));
		assert_memory_equal(v.answer, rows[i].status, strlen(rows[i].status));
		assert_non_null(strstr(v.answer, rows[i].within));
		assert_non_null(strstr(v.answer, "\r\nConnection: close\r\n"));
	}
}

static void test_a_request_without_end_is_closed(void **state)
{
	(void)state;
	static char request[2 * METRICS_REQUEST_MAX];

	memset(request, 'a', sizeof request);
	assert_int_equal(ask(request, sizeof request).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_a_request_without_end_is_closed),
	};
	return cmocka_run_group_tests_name("metrics/serve", tests, NULL, NULL);
}
