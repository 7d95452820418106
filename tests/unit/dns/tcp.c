#include "dns/tcp.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEADLINE_MS = 20000 };

/* What the peer does once it has read the query. */
struct script {
	const char *sentence;
	const char *bytes; /* sent */
	size_t len;
	size_t chunk;              /* bytes at a time, 0: at once */
	const char *message, *why; /* what must come of it */
};

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	struct dns_tcp *tcp;
	int listener;
	struct sockaddr_in at;
	const struct script *script;
	char query[64], got[70000], why[64];
	size_t got_len;
	int calls;
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	socklen_t len = sizeof w->at;

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	w->at = (struct sockaddr_in){ .sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	w->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->listener, (struct sockaddr *)&w->at, sizeof w->at), 0);
	assert_int_equal(getsockname(w->listener, (struct sockaddr *)&w->at, &len), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	dns_tcp_free(w->tcp);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	if (w->listener >= 0)
		close(w->listener);
	free(w);
	return 0;
}

static void *serve(void *arg)
{
	struct world *w = arg;
	const struct script *s = w->script;
	int fd = accept(w->listener, NULL, NULL);

	for (size_t got = 0; got < 2 + 5;) {
		ssize_t more = recv(fd, w->query + got, sizeof w->query - got, 0);
		if (more <= 0)
			break;
		got += (size_t)more;
	}
	size_t chunk = s->chunk ? s->chunk : s->len;
	for (size_t at = 0; at < s->len; at += chunk) {
		size_t left = s->len - at;
		(void)!send(fd, s->bytes + at, left < chunk ? left : chunk, MSG_NOSIGNAL);
		if (s->chunk)
			usleep(2000);
	}
	close(fd);
	return NULL;
}

static void on_done(void *arg, struct slice message, const char *why)
{
	struct world *w = arg;

	w->calls++;
	w->got_len = message.len;
	if (message.at)
		memcpy(w->got, message.at, message.len);
	snprintf(w->why, sizeof w->why, "%s", why);
	dns_tcp_free(w->tcp); /* allowed here */
	w->tcp = NULL;
	loop_stop(w->loop);
}

static void ask(struct world *w)
{
	w->tcp = dns_tcp_new(w->loop, (struct sockaddr *)&w->at, sizeof w->at, SLICE("query"),
			     on_done, w);
	assert_non_null(w->tcp);
	assert_int_equal(w->calls, 0);
	loop_run(w->loop);
	assert_int_equal(w->calls, 1);
}

#define BYTES(literal) .bytes = literal, .len = sizeof(literal) - 1

static const struct script scripts[] = {
	{ "at once", BYTES("\0\6answer"), .message = "answer", .why = "" },
	{ "byte by byte", BYTES("\0\6answer"), .chunk = 1, .message = "answer", .why = "" },
	{ "more than one", BYTES("\0\6answer\0\5other"), .message = "answer", .why = "" },
	{ "cut short", BYTES("\0\7answer"), .message = NULL, .why = "the connection was closed" },
	{ "half a length", BYTES("\0"), .message = NULL, .why = "the connection was closed" },
	{ "nothing at all", BYTES(""), .message = NULL, .why = "the connection was closed" },
	{ "an empty message", BYTES("\0\0"), .message = "", .why = "" },
};

static void streams_are_read_whole_or_not_at_all(void **state)
{
	struct world *w = *state;

	assert_int_equal(listen(w->listener, 5), 0);
	for (size_t i = 0; i < COUNT(scripts); i++) {
		pthread_t thread;
		w->calls = 0;
		w->script = &scripts[i];
		assert_int_equal(pthread_create(&thread, NULL, serve, w), 0);
		ask(w);
		pthread_join(thread, NULL);
		assert_memory_equal(w->query, "\0\5query", 7);
		const char *message = scripts[i].message ? scripts[i].message : "";
		if (strcmp(w->why, scripts[i].why) != 0 || w->got_len != strlen(message) ||
		    memcmp(w->got, message, w->got_len) != 0)
			fail_msg("%s: %zu \"%s\"", scripts[i].sentence, w->got_len, w->why);
	}
}

static void the_longest_message_passes(void **state)
{
	struct world *w = *state;
	static char big[2 + UINT16_MAX];
	const struct script script = { .bytes = big, .len = sizeof big };
	pthread_t thread;

	memset(big, 'x', sizeof big);
	big[0] = big[1] = (char)0xff;
	w->script = &script;
	assert_int_equal(listen(w->listener, 5), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, w), 0);
	ask(w);
	pthread_join(thread, NULL);
	assert_int_equal(w->got_len, UINT16_MAX);
	assert_memory_equal(w->got, big + 2, UINT16_MAX);
}

static void a_closed_port_says_so(void **state)
{
	struct world *w = *state;

	close(w->listener);
	w->listener = -1;
	ask(w);
	assert_string_equal(w->why, "Connection refused");
}

static void freed_before_the_answer_it_is_silent(void **state)
{
	struct world *w = *state;

	assert_int_equal(listen(w->listener, 5), 0);
	w->tcp = dns_tcp_new(w->loop, (struct sockaddr *)&w->at, sizeof w->at, SLICE("query"),
			     on_done, w);
	assert_non_null(w->tcp);
	dns_tcp_free(w->tcp);
	w->tcp = NULL;
	loop_stop(w->loop);
	loop_run(w->loop);
	assert_int_equal(w->calls, 0);
	dns_tcp_free(NULL);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(streams_are_read_whole_or_not_at_all),
		ROW(the_longest_message_passes),
		ROW(a_closed_port_says_so),
		ROW(freed_before_the_answer_it_is_silent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
