/* How questions go to servers; what becomes of them is tested with dns/client.h. */
#include "dns/asking.h"

#include "base/clock.h"
#include "support/stubdns.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEADLINE_MS = 60000, NXDOMAIN = 3, MANY = 3000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	struct stubdns *stub;
	struct dns_asking asking;
	struct dns_asked *asked;
	size_t done;
	uint16_t ids[2 * MANY], ports[2 * MANY]; /* written by the stub's thread */
	size_t heard;
	bool mute; /* to soundings; set before anything is asked */
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static void on_done(void *arg)
{
	struct world *w = arg;

	while (!ring_is_empty(&w->asking.done)) {
		struct dns_asked *asked = RING_HOLDER(w->asking.done.next, struct dns_asked, place);
		assert_string_equal(asked->answer->why, "");
		ring_remove(&asked->place);
		dns_question_end(asked);
		w->done++;
	}
	dns_asking_arm(&w->asking);
	if (w->asking.stats.under_way == 0)
		loop_stop(w->loop);
}

static void deny(void *arg, const struct stubdns_query *q)
{
	struct world *w = arg;

	if (q->name[0] && w->heard < 2 * MANY) {
		w->ids[w->heard] = (uint16_t)(q->message[0] << 8 | q->message[1]);
		w->ports[w->heard++] = ntohs(((const struct sockaddr_in *)q->peer)->sin_port);
	}
	if (!q->name[0] && w->mute)
		return;
	stubdns_reply(q, 0, NXDOMAIN, NULL, NULL);
}

static int setup(void **state)
{
	static const char *const address = "127.0.0.1";
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	w->stub = stubdns_start(address, 0, deny, w);
	w->asked = calloc(MANY, sizeof *w->asked);
	assert_int_equal(dns_asking_init(&w->asking, w->loop,
					 &(struct dns_client_config){ .servers = &address,
								      .server_count = 1,
								      .port = stubdns_port(w->stub),
								      .timeout_ms = 40000,
								      .tries = 3 },
					 on_done, w, NULL),
			 RC_OK);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	dns_asking_fini(&w->asking);
	stubdns_stop(w->stub);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	free(w->asked);
	free(w);
	return 0;
}

static void ask(struct world *w, size_t count)
{
	char name[64];

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof name, "n%zu.example", i);
		dns_question_init(&w->asked[i], &w->asking, name, DNS_MX);
		dns_question_begin(&w->asked[i]);
	}
	dns_asking_arm(&w->asking);
}

/* A stub's socket has the buffer that any has: three thousand would not fit. */
static void a_rush_loses_nothing(void **state)
{
	struct world *w = *state;

	ask(w, MANY);
	assert_int_equal(w->asking.stats.sent, DNS_UNREAD - 1);
	assert_int_equal(w->asking.stats.soundings, 1);
	loop_run(w->loop);
	assert_int_equal(w->done, MANY);
	assert_int_equal(w->asking.stats.sent, MANY);
	assert_int_equal(w->asking.stats.late, 0);
	assert_true(w->asking.stats.soundings > 10);
	assert_true(w->asking.stats.soundings < MANY / 10);
}

static int compare(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static size_t distinct(uint16_t *values, size_t count)
{
	size_t kinds = 0;

	qsort(values, count, sizeof *values, compare);
	for (size_t i = 0; i < count; i++)
		kinds += i == 0 || values[i] != values[i - 1];
	return kinds;
}

/* A resolver that has no word on the root is asked all the same. */
static void soundings_may_stay_unanswered(void **state)
{
	struct world *w = *state;

	w->mute = true;
	ask(w, MANY);
	loop_run(w->loop);
	assert_int_equal(w->done, MANY);
	assert_int_equal(w->asking.stats.late, 0);
}

/* RFC 5452 §9.2, §9.3: as many questions as there may be, and ids and ports are no easier to
 * guess for it. */
static void nobody_can_guess_ids_and_ports(void **state)
{
	struct world *w = *state;
	size_t followers = 0, high = 0;

	ask(w, MANY);
	loop_run(w->loop);
	stubdns_stop(w->stub); /* it writes no more */
	w->stub = NULL;
	assert_int_equal(w->heard, MANY);
	for (size_t i = 1; i < w->heard; i++) {
		followers += (uint16_t)(w->ids[i] - w->ids[i - 1]) < 16;
		high += w->ids[i] >= 0x8000;
	}
	assert_true(followers < MANY / 100); /* by chance 16 in 65536 */
	assert_true(high > MANY / 3 && high < MANY * 2 / 3);
	assert_true(distinct(w->ids, w->heard) > MANY * 9 / 10);
	assert_true(distinct(w->ports, w->heard) >= DNS_UDP_SOCKETS);
	assert_true(distinct(w->ports, w->heard) >= MANY / DNS_UDP_USES);
}

/* Those who wait behind questions that were given up are let in all the same. */
static void what_was_given_up_holds_nobody_up(void **state)
{
	struct world *w = *state;

	ask(w, DNS_UNREAD * 2);
	for (size_t i = 0; i < DNS_UNREAD - 1; i++)
		dns_question_end(&w->asked[i]);
	loop_run(w->loop);
	assert_int_equal(w->done, DNS_UNREAD + 1);
}

static void a_name_that_is_none(void **state)
{
	struct world *w = *state;
	char text[300];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	dns_question_init(&w->asked[0], &w->asking, text, DNS_MX);
	assert_int_equal(w->asked[0].query_len, 0);
	dns_question_fail(&w->asked[0], "not a name");
	assert_string_equal(w->asked[0].answer->why, "not a name");
	assert_false(ring_is_empty(&w->asking.done));
	dns_question_end(&w->asked[0]);
	assert_true(ring_is_empty(&w->asking.done));
	assert_int_equal(w->asking.stats.under_way, 0);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(a_rush_loses_nothing),
		ROW(soundings_may_stay_unanswered),
		ROW(nobody_can_guess_ids_and_ports),
		ROW(what_was_given_up_holds_nobody_up),
		ROW(a_name_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
