#include "dns/selftest.h"

#include "support/stubdns.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { DEADLINE_MS = 30000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	char complaints[400];
	int calls;
	bool misleading;
};

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
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_timer_free(w->deadline);
	loop_free(w->loop);
	free(w);
	return 0;
}

static void on_done(void *arg, const char *complaints, bool misleading)
{
	struct world *w = arg;

	w->calls++;
	w->misleading = misleading;
	snprintf(w->complaints, sizeof w->complaints, "%s", complaints);
	loop_stop(w->loop);
}

static bool trusts_first(const void *arg, int family, const uint8_t *address)
{
	(void)arg;
	return family == AF_INET && memcmp(address, "\x7f\0\0\1", 4) == 0;
}

#define KEYS ((const char *const[]){ ". 60 IN DNSKEY 257 3 8 AQID", NULL })

static void validate(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, STUBDNS_AD, 0, KEYS, NULL);
}

static void answer_without_ad(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, 0, 0, KEYS, NULL);
}

static void fail_by_udp(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, 0, q->tcp ? 0 : 2, NULL, NULL);
}

static void know_no_root(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, STUBDNS_AD, 0, NULL, NULL);
}

static void hang_up_tcp(void *arg, const struct stubdns_query *q)
{
	if (!q->tcp)
		validate(arg, q);
}

static void be_another_over_tcp(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	stubdns_reply(q, STUBDNS_AD | (q->tcp ? STUBDNS_OTHER_ID : 0), 0, KEYS, NULL);
}

static void say_nothing(void *arg, const struct stubdns_query *q)
{
	(void)arg;
	(void)q;
}

static bool is_bogus(const struct stubdns_query *q)
{
	return strcmp(q->name, "bogus.test") == 0;
}

static void refuse_what_is_bogus(void *arg, const struct stubdns_query *q)
{
	if (is_bogus(q))
		stubdns_reply(q, 0, 2, NULL, NULL);
	else
		validate(arg, q);
}

static void give_all_out(void *arg, const struct stubdns_query *q)
{
	if (is_bogus(q))
		stubdns_reply(q, 0, 0,
			      (const char *const[]){ "bogus.test. 60 IN A 192.0.2.1", NULL }, NULL);
	else
		validate(arg, q);
}

static void know_no_bogus(void *arg, const struct stubdns_query *q)
{
	if (is_bogus(q))
		stubdns_reply(q, 0, 3, NULL, NULL);
	else
		validate(arg, q);
}

static const struct {
	const char *sentence, *address;
	stubdns_fn *fn;
	int timeout_ms;
	const char *complaints;
	const char *bogus; /* NULL: none is known */
	bool misleading;
} rows[] = {
	{ "all is well", "127.0.0.1", validate, 20000, "" },
	{ "no AD", "127.0.0.1", answer_without_ad, 20000,
	  "resolver 127.0.0.1 does not validate: the root's keys come without AD" },
	{ "AD, but not trusted", "127.0.0.2", validate, 20000,
	  "resolver 127.0.0.2 is not one whose validation we trust (resolver.trust_ad)" },
	{ "SERVFAIL", "127.0.0.1", fail_by_udp, 20000,
	  "resolver 127.0.0.1 does not answer: SERVFAIL from 127.0.0.1" },
	{ "a root without keys", "127.0.0.1", know_no_root, 20000,
	  "resolver 127.0.0.1 knows no keys of the root" },
	{ "no TCP", "127.0.0.1", hang_up_tcp, 20000,
	  "resolver 127.0.0.1 does not answer over TCP: the connection was closed" },
	{ "another over TCP", "127.0.0.1", be_another_over_tcp, 20000,
	  "resolver 127.0.0.1 answers something else over TCP" },
	{ "what is bogus is refused", "127.0.0.1", refuse_what_is_bogus, 20000, "", "bogus.test" },
	{ "what is bogus is given out", "127.0.0.1", give_all_out, 20000,
	  "resolver 127.0.0.1 does not validate: it gives out bogus.test, whose signatures are "
	  "broken; nothing that it calls authentic counts",
	  "bogus.test", true },
	{ "by one that nobody believes", "127.0.0.2", give_all_out, 20000,
	  "resolver 127.0.0.2 is not one whose validation we trust (resolver.trust_ad); "
	  "resolver 127.0.0.2 does not validate: it gives out bogus.test, whose signatures are "
	  "broken; nothing that it calls authentic counts",
	  "bogus.test" },
	{ "the name is no longer there", "127.0.0.1", know_no_bogus, 20000,
	  "resolver 127.0.0.1 knows no bogus.test: name another whose signatures are broken "
	  "(resolver.bogus_name)",
	  "bogus.test" },
	{ "silence", "127.0.0.1", say_nothing, 200,
	  "resolver 127.0.0.1 does not answer: no answer in 0.2 s; "
	  "resolver 127.0.0.1 does not answer over TCP: the connection was closed" },
};

static void resolvers_are_judged(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stubdns *stub = stubdns_start(rows[i].address, 0, rows[i].fn, w);
		struct fault why = { 0 };
		w->calls = 0;
		assert_non_null(dns_selftest_start(
			w->loop,
			&(struct dns_client_config){ .servers = &rows[i].address,
						     .server_count = 1,
						     .port = stubdns_port(stub),
						     .trusts = trusts_first,
						     .timeout_ms = rows[i].timeout_ms,
						     .tries = 1 },
			rows[i].bogus ? rows[i].bogus : "", on_done, w, &why));
		assert_int_equal(w->calls, 0);
		loop_run(w->loop);
		assert_int_equal(w->calls, 1);
		if (strcmp(w->complaints, rows[i].complaints) != 0)
			fail_msg("%s: \"%s\"", rows[i].sentence, w->complaints);
		assert_int_equal(w->misleading, rows[i].misleading);
		stubdns_stop(stub);
	}
}

static void each_server_is_asked(void **state)
{
	static const char *const both[] = { "127.0.0.1", "127.0.0.2" };
	struct world *w = *state;
	struct stubdns *one = stubdns_start("127.0.0.1", 0, validate, w);
	struct stubdns *two = stubdns_start("127.0.0.2", stubdns_port(one), fail_by_udp, w);
	const struct dns_client_config config = { .servers = both,
						  .server_count = 2,
						  .port = stubdns_port(one),
						  .trusts = trusts_first,
						  .timeout_ms = 20000,
						  .tries = 1 };

	assert_non_null(dns_selftest_start(w->loop, &config, "", on_done, w, NULL));
	loop_run(w->loop);
	assert_string_equal(w->complaints,
			    "resolver 127.0.0.2 does not answer: SERVFAIL from 127.0.0.2");

	/* Cancelled, it says nothing; LeakSanitizer says whether all is freed. */
	dns_selftest_cancel(dns_selftest_start(w->loop, &config, "", on_done, w, NULL));
	dns_selftest_cancel(NULL);
	loop_stop(w->loop);
	loop_run(w->loop);
	assert_int_equal(w->calls, 1);
	stubdns_stop(one);
	stubdns_stop(two);
}

static void wrong_settings_are_refused(void **state)
{
	static const char *const bad[] = { "127.0.0.1", "localhost" };
	struct world *w = *state;
	struct fault why;
	struct dns_client_config config = {
		.servers = bad, .server_count = 2, .port = 53, .timeout_ms = 100, .tries = 1
	};

	assert_null(dns_selftest_start(w->loop, &config, "", on_done, w, &why));
	assert_string_equal(why.text, "DNS server \"localhost\" is not an address");
	config.server_count = 0;
	assert_null(dns_selftest_start(w->loop, &config, "", on_done, w, &why));
	assert_string_equal(why.text, "0 DNS servers, not 1 to 8");
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(resolvers_are_judged),
		ROW(each_server_is_asked),
		ROW(wrong_settings_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
