#include "dns/server.h"

#include "base/clock.h"
#include "dns/wire.h"
#include "support/stubdns.h"
#include "support/unit.h"

#include <stdlib.h>

enum { DEADLINE_MS = 20000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	struct stubdns *stub;
	struct dns_server server;
	struct dns_slot slots[DNS_UNREAD];
	uint8_t query[DNS_QUERY_MAX];
	size_t len;
	int messages, by_tcp;
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static void deny(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, 0, 3, NULL, NULL);
}

static void on_message(void *arg, const struct dns_udp_port *port, struct slice message)
{
	struct world *w = arg;
	unsigned id = (unsigned)(uint8_t)message.at[0] << 8 | (uint8_t)message.at[1];

	for (size_t i = 0; i < w->server.used; i++) {
		struct dns_slot *slot = w->server.slots[i];
		if (slot->id != id)
			continue;
		if (slot->tcp)
			return; /* too late: asked again meanwhile */
		assert_ptr_equal(slot->port, port);
		w->messages++;
		dns_server_release(slot);
		return;
	}
	assert_true(w->by_tcp > 0);
}

static void on_refused(void *arg, const struct dns_udp_port *port, const char *why)
{
	(void)arg;
	(void)port;
	fail_msg("%s", why);
}

static void on_settled(void *arg)
{
	struct world *w = arg;

	if (w->server.used == 0)
		loop_stop(w->loop);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	const struct dns_udp_events events = { on_message, on_refused, on_settled, w };

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	w->stub = stubdns_start("127.0.0.1", 0, deny, w);
	assert_int_equal(dns_server_open(&w->server, w->loop, "127.0.0.1", stubdns_port(w->stub),
					 &events, NULL),
			 RC_OK);
	w->len = dns_wire_ask(0, &(struct dns_question){ "a.example", DNS_A }, w->query);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	dns_server_close(&w->server);
	stubdns_stop(w->stub);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void a_window_of_questions_with_ids_of_their_own(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < DNS_UNREAD; i++) {
		assert_true(dns_server_is_open(&w->server));
		assert_int_equal(dns_server_ask(&w->server, w->query, w->len, &w->slots[i], NULL),
				 RC_OK);
		assert_int_equal(w->query[0] << 8 | w->query[1], w->slots[i].id);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(w->slots[i].id, w->slots[j].id);
	}
	assert_false(dns_server_is_open(&w->server));
	loop_run(w->loop);
	assert_int_equal(w->messages, DNS_UNREAD);
	for (size_t i = 0; i < DNS_UNREAD; i++)
		assert_null(w->slots[i].server);
}

/* Slots are found by their ids, and none that was given back. */
static void a_slot_is_found_by_its_id(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < DNS_UNREAD; i++)
		assert_int_equal(dns_server_ask(&w->server, w->query, w->len, &w->slots[i], NULL),
				 RC_OK);
	for (size_t i = 0; i < DNS_UNREAD; i++)
		assert_ptr_equal(dns_server_find(&w->server, w->slots[i].id), &w->slots[i]);
	for (size_t i = 0; i < DNS_UNREAD; i += 2)
		dns_server_release(&w->slots[i]);
	for (size_t i = 0; i < DNS_UNREAD; i++)
		assert_ptr_equal(dns_server_find(&w->server, w->slots[i].id),
				 i % 2 ? &w->slots[i] : NULL);
	for (size_t i = 1; i < DNS_UNREAD; i += 2)
		dns_server_release(&w->slots[i]);
}

/* Nothing but the sounding is answered, and that is enough. */
static void a_sounding_tells_what_was_read(void **state)
{
	struct world *w = *state;
	struct dns_server *s = &w->server;
	struct dns_slot *slot = &s->sounding;

	dns_server_sound(s);
	assert_null(slot->server); /* too few to ask for it */
	for (size_t i = 0; i < DNS_UNREAD - 1; i++)
		assert_int_equal(dns_server_ask(s, w->query, w->len, &w->slots[i], NULL), RC_OK);
	dns_server_sound(s);
	dns_server_sound(s); /* one at a time */
	assert_int_equal(s->used, DNS_UNREAD);
	assert_false(dns_server_is_open(s));

	uint8_t reply[DNS_QUERY_MAX];
	struct slice message = { (char *)reply, s->sounding_len };
	memcpy(reply, s->sounding_query, s->sounding_len);
	assert_false(dns_server_take_sounding(s, message)); /* a query is no reply */
	reply[2] |= 0x80;
	reply[1] ^= 1;
	assert_false(dns_server_take_sounding(s, message)); /* another id */
	reply[1] ^= 1;
	assert_true(dns_server_take_sounding(s, message));
	assert_null(slot->server);
	assert_true(dns_server_is_open(s));
	for (size_t i = 0; i < DNS_UNREAD - 1; i++)
		dns_server_release(&w->slots[i]);
}

static void an_answer_opens_the_window_and_a_loss_too(void **state)
{
	struct world *w = *state;
	struct dns_server *s = &w->server;

	for (size_t i = 0; i < DNS_UNREAD; i++)
		assert_int_equal(dns_server_ask(s, w->query, w->len, &w->slots[i], NULL), RC_OK);
	assert_false(dns_server_is_open(s));
	dns_server_answered(&w->slots[0]);
	assert_int_equal(s->window.sent - s->window.read, DNS_UNREAD - 1);
	dns_server_missed(&w->slots[1]);
	assert_int_equal(s->window.sent - s->window.read, DNS_UNREAD - 2);
	for (size_t i = 0; i < DNS_UNREAD; i++)
		dns_server_release(&w->slots[i]);
}

static void places_are_given_back_in_any_order(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(dns_server_ask(&w->server, w->query, w->len, &w->slots[i], NULL),
				 RC_OK);
	dns_server_release(&w->slots[0]);
	dns_server_release(&w->slots[0]); /* holds none any more */
	assert_int_equal(w->server.used, 2);
	for (size_t i = 1; i < 3; i++)
		assert_ptr_equal(w->server.slots[w->slots[i].place], &w->slots[i]);
	dns_server_release(&w->slots[1]);
	dns_server_release(&w->slots[2]);
	assert_int_equal(w->server.used, 0);
}

static void on_tcp(void *arg, struct slice message, const char *why)
{
	struct world *w = arg;

	assert_string_equal(why, "");
	assert_true(dns_wire_replies((struct slice){ (char *)w->query, w->len }, message));
	w->by_tcp++;
	dns_server_release(&w->slots[0]);
	loop_stop(w->loop);
}

static void the_same_place_may_ask_by_tcp(void **state)
{
	struct world *w = *state;

	assert_int_equal(dns_server_ask(&w->server, w->query, w->len, &w->slots[0], NULL), RC_OK);
	assert_int_equal(dns_server_ask_tcp(&w->slots[0], w->query, w->len, on_tcp, w), RC_OK);
	assert_null(w->slots[0].port);
	assert_int_equal(w->server.used, 1);
	while (w->by_tcp == 0)
		loop_run(w->loop);
	assert_int_equal(w->server.used, 0);
}

static void three_misses_in_a_row_are_silence(void **state)
{
	struct world *w = *state;
	struct dns_server *s = &w->server;
	struct dns_slot *slot = &w->slots[0];

	assert_int_equal(dns_server_ask(s, w->query, w->len, slot, NULL), RC_OK);
	slot->sent_usec += 1000000; /* after every answer below */
	for (int i = 0; i < DNS_MISSES_MAX; i++) {
		assert_false(dns_server_is_silent(s));
		dns_server_missed(slot);
	}
	assert_true(dns_server_is_silent(s));
	s->silent_until_ms = clock_mono_ms(); /* the time has gone by */
	assert_false(dns_server_is_silent(s));
	dns_server_missed(slot);
	assert_true(dns_server_is_silent(s));
	dns_server_answered(slot);
	assert_false(dns_server_is_silent(s));
	slot->sent_usec = s->answered_usec;
	for (int i = 0; i < 2 * DNS_MISSES_MAX; i++)
		dns_server_missed(slot); /* lost, but it has answered since */
	assert_false(dns_server_is_silent(s));
	for (int i = 0; i < DNS_MISSES_MAX; i++)
		dns_server_refused(s);
	assert_true(dns_server_is_silent(s));
	dns_server_release(slot);
}

static void addresses_are_read(void **state)
{
	static const struct {
		const char *text;
		enum rc rc;
		size_t len;
		const char *bytes;
	} rows[] = {
		{ "192.0.2.1", RC_OK, 4, "\300\0\2\1" },
		{ "::1", RC_OK, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1" },
		{ "localhost", RC_INVALID, 0, "" },
		{ "127.1", RC_INVALID, 0, "" },
		{ "127.0.0.1:53", RC_INVALID, 0, "" },
		{ "[::1]", RC_INVALID, 0, "" },
		{ "", RC_INVALID, 0, "" },
	};
	struct world *w = *state;
	const struct dns_udp_events events = { on_message, on_refused, on_settled, w };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_server s;
		assert_int_equal(dns_server_open(&s, w->loop, rows[i].text, 53, &events, NULL),
				 rows[i].rc);
		if (rows[i].rc != RC_OK)
			continue;
		assert_memory_equal(dns_server_address(&s), rows[i].bytes, rows[i].len);
		assert_string_equal(s.text, rows[i].text);
		dns_server_close(&s);
	}
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(a_window_of_questions_with_ids_of_their_own),
		ROW(a_slot_is_found_by_its_id),
		ROW(a_sounding_tells_what_was_read),
		ROW(an_answer_opens_the_window_and_a_loss_too),
		ROW(places_are_given_back_in_any_order),
		ROW(the_same_place_may_ask_by_tcp),
		ROW(three_misses_in_a_row_are_silence),
		ROW(addresses_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
