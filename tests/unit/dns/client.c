#include "dns/client.h"

#include "base/clock.h"
#include "dns/server.h"
#include "support/stubdns.h"
#include "support/unit.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { DEADLINE_MS = 60000, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };
enum { MANY = 1000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline, *later;
	struct stubdns *first, *second; /* 127.0.0.1, which we trust, and 127.0.0.2 */
	struct dns_client *client;
	const struct dns_answer *answer; /* the latest */
	int answers, stop_at;
	struct dns_lookup *lookups[4];
	bool free_client;
	atomic_uint asked, asked_second; /* written by the servers' threads */
};

static bool trusts_first(const void *arg, int family, const uint8_t *address)
{
	(void)arg;
	return family == AF_INET && memcmp(address, "\x7f\0\0\1", 4) == 0;
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	w->stop_at = 1;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	dns_client_free(w->client);
	loop_timer_free(w->later);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	stubdns_stop(w->first);
	stubdns_stop(w->second);
	dns_answer_unref(w->answer);
	free(w);
	return 0;
}

static void open_client(struct world *w, size_t servers, unsigned tries, int64_t timeout_ms)
{
	static const char *const addresses[] = { "127.0.0.1", "127.0.0.2" };
	struct fault why = { 0 };

	w->client = dns_client_new(w->loop,
				   &(struct dns_client_config){
					   .servers = addresses,
					   .server_count = servers,
					   .port = stubdns_port(w->first),
					   .trusts = trusts_first,
					   .timeout_ms = timeout_ms,
					   .tries = tries,
				   },
				   &why);
	assert_string_equal(why.text, "");
	assert_non_null(w->client);
}

static void serve(struct world *w, stubdns_fn *first)
{
	w->first = stubdns_start("127.0.0.1", 0, first, w);
	open_client(w, 1, 3, 20000);
}

static void serve_both(struct world *w, stubdns_fn *first, stubdns_fn *second, int64_t timeout_ms)
{
	w->first = stubdns_start("127.0.0.1", 0, first, w);
	w->second = stubdns_start("127.0.0.2", stubdns_port(w->first), second, w);
	open_client(w, 2, 2, timeout_ms);
}

static void on_answer(void *arg, const struct dns_answer *answer)
{
	struct world *w = arg;

	dns_answer_unref(w->answer);
	w->answer = dns_answer_ref(answer);
	if (++w->answers == w->stop_at)
		loop_stop(w->loop);
}

static const struct dns_answer *lookup(struct world *w, const char *name, enum dns_type type)
{
	w->answers = 0;
	assert_non_null(dns_client_lookup(w->client, name, type, on_answer, w));
	assert_int_equal(w->answers, 0); /* never before it has returned */
	loop_run(w->loop);
	return w->answer;
}

#define MX_A ((const char *const[]){ "a.example. 300 IN MX 10 mail.example.", NULL })
#define SOA ((const char *const[]){ "example. 900 IN SOA ns.example. h.example. 1 2 3 4 60", NULL })

static void say_secure(void *arg, const struct stubdns_query *q)
{
	atomic_fetch_add(&((struct world *)arg)->asked, 1);
	stubdns_reply(q, STUBDNS_AD, 0, MX_A, NULL);
}

static void say_secure_second(void *arg, const struct stubdns_query *q)
{
	atomic_fetch_add(&((struct world *)arg)->asked_second, 1);
	stubdns_reply(q, STUBDNS_AD, 0, MX_A, NULL);
}

static void say_servfail(void *arg, const struct stubdns_query *q)
{
	atomic_fetch_add(&((struct world *)arg)->asked, 1);
	stubdns_reply(q, 0, SERVFAIL, NULL, NULL);
}

static void say_nothing(void *arg, const struct stubdns_query *q)
{
	(void)q;
	atomic_fetch_add(&((struct world *)arg)->asked, 1);
}

static void ad_of_a_trusted_server_is_secure(void **state)
{
	struct world *w = *state;

	serve(w, say_secure);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_string_equal(a->why, "");
	assert_int_equal(a->status, DNS_FOUND);
	assert_int_equal(a->trust, DNS_SECURE);
	assert_string_equal(a->records[0].mx.host, "mail.example");
}

static void ad_of_another_server_is_insecure(void **state)
{
	struct world *w = *state;
	static const char *const second = "127.0.0.2";

	w->first = stubdns_start(second, 0, say_secure, w);
	w->client = dns_client_new(w->loop,
				   &(struct dns_client_config){ .servers = &second,
								.server_count = 1,
								.port = stubdns_port(w->first),
								.trusts = trusts_first,
								.timeout_ms = 20000,
								.tries = 1 },
				   NULL);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_int_equal(a->status, DNS_FOUND);
	assert_int_equal(a->trust, DNS_INSECURE);
}

static void deny(void *arg, const struct stubdns_query *q)
{
	bool there = strcmp(q->name, "there.example") == 0;

	(void)arg;
	stubdns_reply(q, STUBDNS_AD, there ? 0 : NXDOMAIN, NULL, SOA);
}

static void no_such_type_is_not_no_such_name(void **state)
{
	struct world *w = *state;

	serve(w, deny);
	assert_int_equal(lookup(w, "there.example", DNS_MX)->status, DNS_NODATA);
	assert_int_equal(lookup(w, "gone.example", DNS_MX)->status, DNS_NXDOMAIN);
	assert_int_equal(w->answer->trust, DNS_SECURE);
	assert_int_equal(w->answer->ttl, 60);
}

static void servfail_of_the_only_server_is_final(void **state)
{
	struct world *w = *state;

	serve(w, say_servfail);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_int_equal(a->status, DNS_FAILED);
	assert_int_equal(a->trust, DNS_INSECURE);
	assert_string_equal(a->why, "SERVFAIL from 127.0.0.1");
	assert_int_equal(w->asked, 1);
}

static void a_failed_proof_is_not_replaced_by_an_untrusted_word(void **state)
{
	struct world *w = *state;

	serve_both(w, say_servfail, say_secure_second, 20000);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_string_equal(a->why, "SERVFAIL from 127.0.0.1");
	assert_int_equal(w->asked_second, 0);
}

static void refuse_second(void *arg, const struct stubdns_query *q)
{
	atomic_fetch_add(&((struct world *)arg)->asked_second, 1);
	stubdns_reply(q, 0, REFUSED, NULL, NULL);
}

static void a_server_that_fails_is_followed_by_the_next(void **state)
{
	struct world *w = *state;
	static const char *const addresses[] = { "127.0.0.2", "127.0.0.1" };

	w->first = stubdns_start("127.0.0.1", 0, say_secure, w);
	w->second = stubdns_start("127.0.0.2", stubdns_port(w->first), refuse_second, w);
	w->client = dns_client_new(w->loop,
				   &(struct dns_client_config){ .servers = addresses,
								.server_count = 2,
								.port = stubdns_port(w->first),
								.trusts = trusts_first,
								.timeout_ms = 20000,
								.tries = 2 },
				   NULL);
	assert_int_equal(lookup(w, "a.example", DNS_MX)->status, DNS_FOUND);
	assert_int_equal(w->answer->trust, DNS_SECURE);
	assert_int_equal(w->asked_second, 1);
}

static void say_from_the_second_on(void *arg, const struct stubdns_query *q)
{
	if (q->number > 1)
		say_secure(arg, q);
}

static void a_lost_query_is_sent_again(void **state)
{
	struct world *w = *state;

	w->first = stubdns_start("127.0.0.1", 0, say_from_the_second_on, w);
	open_client(w, 1, 6, 6300); /* the first try waits 100 ms */
	assert_int_equal(lookup(w, "a.example", DNS_MX)->status, DNS_FOUND);
	assert_true(dns_client_stats(w->client).retried >= 1);
}

static void silence_ends_with_the_time(void **state)
{
	struct world *w = *state;
	int64_t start = clock_mono_ms();

	w->first = stubdns_start("127.0.0.1", 0, say_nothing, w);
	open_client(w, 1, 2, 300);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_int_equal(a->status, DNS_FAILED);
	assert_string_equal(a->why, "no answer in 0.3 s");
	assert_true(clock_mono_ms() - start >= 299);
	assert_int_equal(dns_client_stats(w->client).sent, 2);
}

static void a_silent_server_is_followed_by_the_next_and_then_asked_last(void **state)
{
	struct world *w = *state;

	serve_both(w, say_nothing, say_secure_second, 600); /* 200 ms for the first */
	for (int i = 0; i < 3; i++) {
		const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
		assert_int_equal(a->status, DNS_FOUND);
		assert_int_equal(a->trust, DNS_INSECURE);
	}
	assert_int_equal(dns_client_stats(w->client).retried, 3);
	assert_int_equal(lookup(w, "a.example", DNS_MX)->status, DNS_FOUND);
	assert_int_equal(dns_client_stats(w->client).retried, 3); /* asked at once */
}

static void a_closed_port_is_told_in_words(void **state)
{
	struct world *w = *state;

	w->first = stubdns_start("127.0.0.1", 0, say_nothing, w);
	open_client(w, 1, 1, 20000);
	stubdns_stop(w->first);
	w->first = NULL;
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_int_equal(a->status, DNS_FAILED);
	assert_string_equal(a->why, "127.0.0.1: Connection refused");
}

static void behind_a_closed_port_the_next_server_answers(void **state)
{
	struct world *w = *state;

	serve_both(w, say_nothing, say_secure_second, 60000);
	stubdns_stop(w->first);
	w->first = NULL;
	assert_int_equal(lookup(w, "a.example", DNS_MX)->status, DNS_FOUND);
}

static void forge_first(void *arg, const struct stubdns_query *q)
{
	static const char *const forged[] = { "a.example. 300 IN MX 1 evil.example.", NULL };

	stubdns_reply(q, STUBDNS_AD | STUBDNS_OTHER_ID, 0, forged, NULL);
	stubdns_reply(q, STUBDNS_AD | STUBDNS_OTHER_NAME, 0, forged, NULL);
	stubdns_send(q, q->message, q->len); /* the query itself: no response */
	stubdns_send(q, "short", 5);
	say_secure(arg, q);
}

static void what_does_not_match_is_ignored(void **state)
{
	struct world *w = *state;

	serve(w, forge_first);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_string_equal(a->records[0].mx.host, "mail.example");
	assert_int_equal(dns_client_stats(w->client).ignored, 4);
}

static void say_long(void *arg, const struct stubdns_query *q)
{
	char lines[200][64];
	const char *answer[201] = { NULL };

	if (!q->tcp) {
		stubdns_reply(q, STUBDNS_TC, 0, NULL, NULL);
		return;
	}
	for (int i = 0; i < 200; i++) {
		snprintf(lines[i], sizeof lines[i], "a.example. 300 IN MX %d m%d.example.", i, i);
		answer[i] = lines[i];
	}
	atomic_fetch_add(&((struct world *)arg)->asked, 1);
	stubdns_reply(q, STUBDNS_AD, 0, answer, NULL);
}

static void what_does_not_fit_comes_over_tcp(void **state)
{
	struct world *w = *state;

	serve(w, say_long);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_string_equal(a->why, "");
	assert_int_equal(a->count, 200);
	assert_int_equal(a->trust, DNS_SECURE);
	assert_string_equal(a->records[199].mx.host, "m199.example");
	assert_int_equal(dns_client_stats(w->client).tcp, 1);
}

static void forge_over_tcp(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, q->tcp ? STUBDNS_OTHER_ID : STUBDNS_TC, 0, MX_A, NULL);
}

static void truncate_always(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, STUBDNS_TC, 0, MX_A, NULL);
}

static void hang_up_tcp(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	if (!q->tcp)
		stubdns_reply(q, STUBDNS_TC, 0, NULL, NULL);
}

static void tcp_that_fails_says_how(void **state)
{
	static const struct {
		stubdns_fn *fn;
		const char *why;
	} rows[] = {
		{ forge_over_tcp, "TCP to 127.0.0.1: it answers something else" },
		{ truncate_always, "truncated answer from 127.0.0.1" },
		{ hang_up_tcp, "TCP to 127.0.0.1: the connection was closed" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		serve(w, rows[i].fn);
		const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
		assert_int_equal(a->status, DNS_FAILED);
		assert_string_equal(a->why, rows[i].why);
		dns_client_free(w->client);
		stubdns_stop(w->first);
		w->client = NULL;
		w->first = NULL;
	}
}

static void chain(void *arg, const struct stubdns_query *q)
{
	static const char *const straight[] = { "a.example. 300 IN CNAME b.example.",
						"b.example. 20 IN MX 1 m.example.", NULL };
	static const char *const loop[] = { "l.example. 300 IN CNAME l.example.", NULL };

	(void)arg;
	stubdns_reply(q, STUBDNS_AD, 0, q->name[0] == 'l' ? loop : straight, NULL);
}

static void chains_are_followed_and_loops_found(void **state)
{
	struct world *w = *state;

	serve(w, chain);
	const struct dns_answer *a = lookup(w, "a.example", DNS_MX);
	assert_true(a->aliased);
	assert_string_equal(a->name, "b.example");
	assert_string_equal(a->asked, "a.example");
	assert_int_equal(a->ttl, 20);
	assert_string_equal(lookup(w, "l.example", DNS_MX)->why, "CNAME loop from 127.0.0.1");
}

static void the_same_question_is_asked_once(void **state)
{
	struct world *w = *state;

	serve(w, say_secure);
	w->stop_at = 3;
	assert_non_null(dns_client_lookup(w->client, "a.example", DNS_MX, on_answer, w));
	assert_non_null(dns_client_lookup(w->client, "a.example", DNS_MX, on_answer, w));
	assert_non_null(dns_client_lookup(w->client, "a.example", DNS_A, on_answer, w));
	loop_run(w->loop);
	assert_int_equal(w->asked, 2);
	assert_int_equal(dns_client_stats(w->client).shared, 1);
	assert_int_equal(dns_client_stats(w->client).under_way, 0);
	w->stop_at = 1;
	lookup(w, "a.example", DNS_MX); /* nothing is remembered */
	assert_int_equal(w->asked, 3);
}

static void unexpected(void *arg, const struct dns_answer *answer)
{
	(void)arg;
	fail_msg("a cancelled lookup called back about %s", answer->asked);
}

static void stop(void *arg)
{
	loop_stop(((struct world *)arg)->loop);
}

static void cancelled_lookups_never_call_back(void **state)
{
	struct world *w = *state;

	serve(w, say_secure);
	struct dns_lookup *one = dns_client_lookup(w->client, "a.example", DNS_MX, unexpected, w);
	struct dns_lookup *two = dns_client_lookup(w->client, "a.example", DNS_MX, unexpected, w);
	struct dns_lookup *bad = dns_client_lookup(w->client, "a..b", DNS_MX, unexpected, w);
	dns_lookup_cancel(one);
	assert_int_equal(dns_client_stats(w->client).under_way, 2);
	dns_lookup_cancel(two);
	dns_lookup_cancel(bad);
	dns_lookup_cancel(NULL);
	assert_int_equal(dns_client_stats(w->client).under_way, 0);
	/* Its answer comes meanwhile, and finds nobody. */
	w->later = loop_timer_new(w->loop, stop, w);
	loop_timer_set(w->later, 100);
	loop_run(w->loop);
	assert_int_equal(lookup(w, "a.example", DNS_MX)->status, DNS_FOUND);
}

static void cancel_the_rest(void *arg, const struct dns_answer *answer)
{
	struct world *w = arg;

	for (int i = 1; i < 4; i++)
		dns_lookup_cancel(w->lookups[i]);
	if (w->free_client) {
		dns_client_free(w->client);
		w->client = NULL;
	} else {
		assert_non_null(dns_client_lookup(w->client, answer->asked, DNS_MX, on_answer, w));
	}
	w->later = loop_timer_new(w->loop, stop, w);
	loop_timer_set(w->later, 100);
}

static void begin_four(struct world *w)
{
	serve(w, say_secure);
	w->stop_at = 0;
	w->lookups[0] = dns_client_lookup(w->client, "a.example", DNS_MX, cancel_the_rest, w);
	w->lookups[1] = dns_client_lookup(w->client, "a.example", DNS_MX, unexpected, w);
	w->lookups[2] = dns_client_lookup(w->client, "b.example", DNS_MX, unexpected, w);
	w->lookups[3] = dns_client_lookup(w->client, "..", DNS_MX, NULL, w);
}

static void a_callback_may_cancel_and_ask_again(void **state)
{
	struct world *w = *state;

	begin_four(w);
	dns_lookup_cancel(w->lookups[3]);
	w->lookups[3] = NULL;
	loop_run(w->loop);
	assert_int_equal(w->answers, 1); /* of the one asked in the callback */
	assert_int_equal(dns_client_stats(w->client).under_way, 0);
}

static void a_callback_may_free_the_client(void **state)
{
	struct world *w = *state;

	w->free_client = true;
	begin_four(w);
	dns_lookup_cancel(w->lookups[3]);
	w->lookups[3] = NULL;
	loop_run(w->loop);
	assert_null(w->client);
}

#define LABEL_64 "a234567890123456789012345678901234567890123456789012345678901234"

static void names_that_cannot_be_asked_fail_later(void **state)
{
	static const char *const names[] = { "a..example", ".", "a.example..", LABEL_64 };
	struct world *w = *state;
	char text[300], expected[400];

	serve(w, say_secure);
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct dns_answer *a = lookup(w, names[i], DNS_MX);
		snprintf(expected, sizeof expected, "\"%s\" is not a name to ask for", names[i]);
		assert_int_equal(a->status, DNS_FAILED);
		assert_string_equal(a->why, expected);
	}
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(lookup(w, text, DNS_MX)->status, DNS_FAILED);
	assert_int_equal(w->asked, 0);
}

static void ask_root(void *arg, const struct stubdns_query *q)
{
	static const char *const keys[] = { ". 60 IN DNSKEY 257 3 8 AQID", NULL };

	(void)arg;
	stubdns_reply(q, STUBDNS_AD, q->name[0] ? SERVFAIL : 0, keys, NULL);
}

static void the_root_can_be_asked_for(void **state)
{
	struct world *w = *state;

	serve(w, ask_root);
	const struct dns_answer *a = lookup(w, "", DNS_DNSKEY);
	assert_string_equal(a->why, "");
	assert_int_equal(a->count, 1);
	assert_int_equal(a->records[0].raw.len, 7);
}

/* Answers nothing until as many questions have come as may be unread, the sounding among
 * them; then all of them, the latest first. */
struct hall {
	size_t held;
	struct {
		uint8_t message[512];
		size_t len;
		char peer[16];
	} guests[DNS_UNREAD];
	unsigned total;
};

static void answer_in_batches(void *arg, const struct stubdns_query *q)
{
	struct hall *hall = arg;

	memcpy(hall->guests[hall->held].message, q->message, q->len);
	hall->guests[hall->held].len = q->len;
	memcpy(hall->guests[hall->held].peer, q->peer, 16); /* a sockaddr_in */
	hall->held++;
	hall->total++;
	if (hall->held < DNS_UNREAD && hall->total < MANY)
		return;
	while (hall->held > 0) {
		hall->held--;
		struct stubdns_query again = *q;
		again.message = hall->guests[hall->held].message;
		again.len = hall->guests[hall->held].len;
		again.peer = hall->guests[hall->held].peer;
		stubdns_reply(&again, STUBDNS_AD, NXDOMAIN, NULL, SOA);
	}
}

static void count_denials(void *arg, const struct dns_answer *answer)
{
	struct world *w = arg;

	assert_string_equal(answer->why, "");
	assert_int_equal(answer->status, DNS_NXDOMAIN);
	if (++w->answers == w->stop_at)
		loop_stop(w->loop);
}

static void a_thousand_lookups_pass_through_the_window(void **state)
{
	struct world *w = *state;
	static struct hall hall;
	char name[64];

	w->first = stubdns_start("127.0.0.1", 0, answer_in_batches, &hall);
	open_client(w, 1, 1, 30000);
	w->stop_at = MANY;
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		assert_non_null(dns_client_lookup(w->client, name, DNS_MX, count_denials, w));
	}
	assert_int_equal(dns_client_stats(w->client).under_way, MANY);
	assert_int_equal(dns_client_stats(w->client).sent, DNS_UNREAD - 1);
	assert_int_equal(dns_client_stats(w->client).soundings, 1);
	loop_run(w->loop);
	assert_int_equal(dns_client_stats(w->client).sent, MANY);
	assert_int_equal(dns_client_stats(w->client).retried, 0);
}

static void count_overflow(void *arg, const struct dns_answer *answer)
{
	struct world *w = arg;

	assert_string_equal(answer->why, "too many lookups under way");
	w->answers++;
	loop_stop(w->loop);
}

static void too_many_lookups_fail_at_once(void **state)
{
	struct world *w = *state;
	char name[64];

	w->first = stubdns_start("127.0.0.1", 0, say_nothing, w);
	open_client(w, 1, 1, 60000);
	for (int i = 0; i < DNS_LOOKUPS_MAX; i++) {
		snprintf(name, sizeof name, "n%d.example", i);
		assert_non_null(dns_client_lookup(w->client, name, DNS_MX, unexpected, w));
	}
	assert_non_null(dns_client_lookup(w->client, "one.more", DNS_MX, count_overflow, w));
	loop_run(w->loop);
	assert_int_equal(w->answers, 1);
	/* The client is freed with all of them under way. */
}

static void settings_out_of_range_are_refused(void **state)
{
	static const char *const good[] = { "127.0.0.1", "::1" }, *const bad[] = { "localhost" };
	static const struct {
		struct dns_client_config config;
		const char *why;
	} rows[] = {
		{ { .servers = good, .timeout_ms = 1, .tries = 1 }, "0 DNS servers, not 1 to 8" },
		{ { .servers = good, .server_count = 9, .timeout_ms = 1, .tries = 1 },
		  "9 DNS servers, not 1 to 8" },
		{ { .servers = bad, .server_count = 1, .timeout_ms = 1, .tries = 1 },
		  "DNS server \"localhost\" is not an address" },
		{ { .servers = good, .server_count = 1, .timeout_ms = 1, .tries = 0 },
		  "DNS tries are not 1 to 8, or no time for them" },
		{ { .servers = good, .server_count = 1, .timeout_ms = 0, .tries = 1 },
		  "DNS tries are not 1 to 8, or no time for them" },
	};
	struct world *w = *state;
	struct fault why;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_null(dns_client_new(w->loop, &rows[i].config, &why));
		assert_string_equal(why.text, rows[i].why);
	}
	w->client = dns_client_new(w->loop,
				   &(struct dns_client_config){ .servers = good,
								.server_count = 2,
								.port = 53,
								.timeout_ms = 1,
								.tries = 8 },
				   &why);
	assert_non_null(w->client);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(ad_of_a_trusted_server_is_secure),
		ROW(ad_of_another_server_is_insecure),
		ROW(no_such_type_is_not_no_such_name),
		ROW(servfail_of_the_only_server_is_final),
		ROW(a_failed_proof_is_not_replaced_by_an_untrusted_word),
		ROW(a_server_that_fails_is_followed_by_the_next),
		ROW(a_lost_query_is_sent_again),
		ROW(silence_ends_with_the_time),
		ROW(a_silent_server_is_followed_by_the_next_and_then_asked_last),
		ROW(a_closed_port_is_told_in_words),
		ROW(behind_a_closed_port_the_next_server_answers),
		ROW(what_does_not_match_is_ignored),
		ROW(what_does_not_fit_comes_over_tcp),
		ROW(tcp_that_fails_says_how),
		ROW(chains_are_followed_and_loops_found),
		ROW(the_same_question_is_asked_once),
		ROW(cancelled_lookups_never_call_back),
		ROW(a_callback_may_cancel_and_ask_again),
		ROW(a_callback_may_free_the_client),
		ROW(names_that_cannot_be_asked_fail_later),
		ROW(the_root_can_be_asked_for),
		ROW(a_thousand_lookups_pass_through_the_window),
		ROW(too_many_lookups_fail_at_once),
		ROW(settings_out_of_range_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
