/* The real sources against a DNS server and a web server on the loopback. */
#include "assurance/live.h"

#include "assurance/service.h"
#include "dns/client.h"
#include "loop/loop.h"
#include "sts/cache.h"
#include "support/stubdns.h"
#include "support/tls_server.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

#define TLSA32 "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"

static const struct {
	const char *name;
	uint16_t type;
	unsigned flags;
	const char *record;
} zone[] = {
	{ "d.test", DNS_MX, STUBDNS_AD, "d.test. 300 IN MX 10 mx.d.test." },
	{ "mx.d.test", DNS_A, STUBDNS_AD, "mx.d.test. 300 IN A 192.0.2.1" },
	{ "_25._tcp.mx.d.test", DNS_TLSA, STUBDNS_AD,
	  "_25._tcp.mx.d.test. 300 IN TLSA 3 1 1 " TLSA32 },
	{ "s.test", DNS_MX, 0, "s.test. 300 IN MX 10 mx.s.test." },
	{ "mx.s.test", DNS_A, 0, "mx.s.test. 300 IN A 192.0.2.2" },
	{ "_mta-sts.s.test", DNS_TXT, 0, "_mta-sts.s.test. 300 IN TXT \"v=STSv1; id=7\"" },
	{ "mta-sts.s.test", DNS_A, 0, "mta-sts.s.test. 300 IN A 127.0.0.1" },
};

/* Names that have a record of another type exist; others do not. */
static void reply(void *arg, const struct stubdns_query *query)
{
	const char *answer[] = { NULL, NULL };
	unsigned flags = 0, code = 3;

	(void)arg;
	for (size_t i = 0; i < COUNT(zone); i++) {
		if (strcmp(zone[i].name, query->name) != 0)
			continue;
		code = 0;
		flags = zone[i].flags;
		if (zone[i].type != query->type)
			continue;
		answer[0] = zone[i].record;
		break;
	}
	stubdns_reply(query, flags, code, answer, NULL);
}

static bool trusts(const void *arg, int family, const uint8_t *address)
{
	(void)arg;
	(void)family;
	(void)address;
	return true;
}

struct world {
	struct loop *loop;
	struct stubdns *dns;
	struct tls_server *web;
	struct dns_client *client;
	struct assurance_live *live;
	struct sts_cache *policies;
	struct assurance_service *service;
	struct loop_timer *deadline;
	const struct assurance *got;
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("no answer in 30 s");
}

static void start(struct world *w, const struct authority *a, const char *web_says)
{
	static const char *const servers[] = { "127.0.0.1" };
	const struct tls_play play = { .leaf = { .dns = { "mta-sts.s.test" } }, .says = web_says };
	struct fault why = { 0 };

	w->loop = loop_new(&why);
	w->dns = stubdns_start("127.0.0.1", 0, reply, NULL);
	w->web = tls_server_start(a, &play);
	const struct dns_client_config dns = {
		.servers = servers,
		.server_count = 1,
		.port = stubdns_port(w->dns),
		.trusts = trusts,
		.timeout_ms = 20000,
		.tries = 3,
	};
	w->client = dns_client_new(w->loop, &dns, &why);
	assert_non_null(w->client);
	const struct assurance_live_config live = {
		.resolver = w->client,
		.sts_port = (uint16_t)tls_server_port(w->web),
		.sts_ca_file = a->file,
		.sts_timeout_ms = 20000,
	};
	w->live = assurance_live_new(w->loop, &live);
	w->policies = sts_cache_new(NULL);
	const struct assurance_service_config config = {
		.sources = assurance_live_sources(w->live),
		.policies = w->policies,
	};
	w->service = assurance_service_new(w->loop, &config, &why);
	assert_non_null(w->service);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, 30000);
}

static void end(struct world *w)
{
	char *heard, *sni;

	assurance_service_free(w->service);
	sts_cache_free(w->policies);
	assurance_live_free(w->live);
	dns_client_free(w->client);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	stubdns_stop(w->dns);
	tls_server_stop(w->web, &heard, &sni);
	free(heard);
	free(sni);
}

static void on_got(void *arg, const struct assurance *assurance)
{
	struct world *w = arg;

	w->got = assurance_ref(assurance);
	loop_stop(w->loop);
}

static const struct {
	const char *sentence, *destination, *web_says;
	enum assurance_level level;
	enum assurance_by by;
	const char *reason;
} rows[] = {
	{ "DANE, on signed answers", "d.test", "", ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE,
	  "_25._tcp.mx.d.test" },
	{ "a policy over HTTPS", "s.test",
	  "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
	  "version: STSv1\r\nmode: enforce\r\nmx: mx.s.test\r\nmax_age: 604800\r\n",
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_STS, "names mx.s.test" },
	{ "a policy that is not there", "s.test",
	  "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ASSURANCE_NONE,
	  ASSURANCE_BY_NOTHING, "not signed" },
	{ "no such domain", "gone.test", "", ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING,
	  "there is no domain" },
};

static void test_real_sources(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = { 0 };

		print_message("   %s\n", rows[i].sentence);
		start(&w, *state, rows[i].web_says);
		assert_non_null(assurance_service_get(w.service, rows[i].destination, on_got, &w));
		loop_run(w.loop);
		for (size_t r = 0; r < w.got->reason_count; r++)
			print_message("      %s\n", w.got->reasons[r]);
		assert_int_equal(w.got->level, rows[i].level);
		assert_int_equal(w.got->by, rows[i].by);
		assert_non_null(strstr(w.got->reasons[0], rows[i].reason));
		assurance_unref(w.got);
		end(&w);
	}
}

static void on_never(void *arg, const struct assurance *assurance)
{
	(void)arg;
	(void)assurance;
	fail_msg("called back after the service was freed");
}

static void test_freed_while_asking(void **state)
{
	struct world w = { 0 };

	start(&w, *state, "");
	assert_non_null(assurance_service_get(w.service, "s.test", on_never, &w));
	assert_non_null(assurance_service_get(w.service, "d.test", on_never, &w));
	end(&w);
}

static int set_up(void **state)
{
	static struct authority a;

	authority_init(&a);
	*state = &a;
	return 0;
}

static int tear_down(void **state)
{
	authority_fini(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_sources),
		cmocka_unit_test(test_freed_while_asking),
	};
	return cmocka_run_group_tests_name("assurance/live", tests, set_up, tear_down);
}
