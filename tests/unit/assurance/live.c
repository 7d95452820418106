/* The real sources against a DNS server and a web server on the loopback. */
#include "assurance/live.h"

#include "assurance/service.h"
#include "dns/client.h"
#include "loop/loop.h"
#include "sts/cache.h"
#include "support/mx_server.h"
#include "support/stubdns.h"
#include "support/tls_server.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

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
	{ "many.test", DNS_MX, STUBDNS_AD, "many.test. 300 IN MX 10 mx.many.test." },
	{ "mx.many.test", DNS_A, STUBDNS_AD, "mx.many.test. 300 IN A 192.0.2.3" },
	{ "s.test", DNS_MX, 0, "s.test. 300 IN MX 10 mx.s.test." },
	{ "mx.s.test", DNS_A, 0, "mx.s.test. 300 IN A 192.0.2.2" },
	{ "_mta-sts.s.test", DNS_TXT, 0, "_mta-sts.s.test. 300 IN TXT \"v=STSv1; id=7\"" },
	{ "mta-sts.s.test", DNS_A, 0, "mta-sts.s.test. 300 IN A 127.0.0.1" },
};

enum { MANY = 120 };

/* More records than a datagram takes: it says so, and TCP has them all. */
static void reply_many(const struct stubdns_query *query)
{
	static char lines[MANY][160];
	const char *answer[MANY + 1] = { NULL };

	for (int i = 0; i < MANY; i++) {
		snprintf(lines[i], sizeof lines[i],
			 "_25._tcp.mx.many.test. 300 IN TLSA 3 1 1 %064x", i);
		answer[i] = lines[i];
	}
	stubdns_reply(query, STUBDNS_AD | (query->tcp ? 0 : STUBDNS_TC), 0,
		      query->tcp ? answer : NULL, NULL);
}

/* Names that have a record of another type exist; others do not. */
static void reply(void *arg, const struct stubdns_query *query)
{
	const char *answer[] = { NULL, NULL };
	unsigned flags = 0, code = 3;

	(void)arg;
	if (strcmp(query->name, "_25._tcp.mx.many.test") == 0) {
		reply_many(query);
		return;
	}
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
	{ "DANE, on more than a hundred TLSA records, by TCP (RFC 7766)", "many.test", "",
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "has 120 usable TLSA records" },
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

struct probed {
	struct loop *loop;
	struct assurance_probed it;
	char why[300];
};

static void on_probed(void *arg, const struct assurance_probed *probed)
{
	struct probed *p = arg;

	p->it = *probed;
	snprintf(p->why, sizeof p->why, "%s", probed->why);
	loop_stop(p->loop);
}

static const struct {
	const char *sentence;
	enum assurance_by by;
	bool second_is_good; /* of two TLSA records; the first cannot be used */
	uint16_t port;       /* 25: that of the settings; 0: the host's own */
	const char *ca_file; /* NULL: the right one */
	enum rc rc;
	bool authenticated, requiretls;
	const char *sni, *why; /* RFC 7672 §8.1: by DANE the SNI is the TLSA base domain */
} probes[] = {
	{ "by DANE, past a record that cannot be used", ASSURANCE_BY_DANE, true, 25, NULL, RC_OK,
	  true, true, "base.test", "" },
	{ "by DANE, with another key", ASSURANCE_BY_DANE, false, 25, NULL, RC_INVALID, false, false,
	  "base.test", "matches no TLSA record" },
	{ "by MTA-STS", ASSURANCE_BY_STS, false, 25, NULL, RC_OK, true, true, "mx.d.test", "" },
	{ "a relay's own port", ASSURANCE_BY_STS, false, 0, NULL, RC_OK, true, true, "mx.d.test",
	  "" },
	{ "by MTA-STS, with an authority of nobody's", ASSURANCE_BY_STS, false, 25, "", RC_INVALID,
	  false, false, "mx.d.test", "not accepted" },
	{ "nothing is promised", ASSURANCE_BY_NOTHING, false, 25, NULL, RC_OK, false, false,
	  "mx.d.test", "" },
};

static const struct dns_answer *two_records(const char *digest)
{
	const struct dns_record records[] = {
		{ .tlsa = { 1, 0, 1, { digest, 32 } } },
		{ .tlsa = { 3, 0, 1, { digest, 32 } } },
	};
	const struct dns_answer like = { .asked = "_25._tcp.base.test",
					 .type = DNS_TLSA,
					 .status = DNS_FOUND,
					 .trust = DNS_SECURE,
					 .name = "_25._tcp.base.test",
					 .count = 2,
					 .records = records,
					 .why = "" };
	return dns_answer_make(&like);
}

static void test_probes(void **state)
{
	const struct authority *a = *state;
	static const struct mx_play play = { { ">220 mx", "<EHLO", ">250-mx\r\n250 STARTTLS",
					       "<STARTTLS", ">220 go", "tls", "<EHLO",
					       ">250-mx\r\n250 REQUIRETLS", "<QUIT" },
					     .leaf = { .dns = { "mx.d.test" } } };
	static const struct dns_address loopback = { AF_INET, { 127, 0, 0, 1 } };
	static const char *const names[] = { "base.test", "d.test" };

	for (size_t i = 0; i < COUNT(probes); i++) {
		struct mx_server *v = mx_server_start(a, &play);
		struct probed p = { .loop = loop_new(NULL) };
		const struct assurance_live_config config = {
			.probe_port = probes[i].port == 25 ? (uint16_t)mx_server_port(v) : 1,
			.probe_ca_file = probes[i].ca_file ? probes[i].ca_file : a->file,
			.probe_timeout_ms = 20000,
		};
		struct assurance_live *live = assurance_live_new(p.loop, &config);
		const struct assurance_sources sources = assurance_live_sources(live);
		char digest[32] = { 1 }, *sni, *heard;

		print_message("   %s\n", probes[i].sentence);
		if (probes[i].second_is_good)
			X509_digest(mx_server_certificate(v), EVP_sha256(), (unsigned char *)digest,
				    NULL);
		const struct dns_answer *tlsa = two_records(digest);
		const struct assurance_probe_wish wish = {
			.host = "mx.d.test",
			.port = probes[i].port ? probes[i].port : (uint16_t)mx_server_port(v),
			.address_count = 1,
			.addresses = &loopback,
			.by = probes[i].by,
			.tlsa = probes[i].by == ASSURANCE_BY_DANE ? tlsa : NULL,
			.name_count = probes[i].by == ASSURANCE_BY_DANE ? 2 : 0,
			.names = names,
		};
		assert_non_null(sources.probe(sources.arg, &wish, on_probed, &p));
		dns_answer_unref(tlsa); /* the probe keeps its own */
		loop_run(p.loop);
		mx_server_stop(v, &sni, &heard);
		assert_int_equal(p.it.rc, probes[i].rc);
		assert_true(p.it.starttls);
		assert_int_equal(p.it.authenticated, probes[i].authenticated);
		assert_int_equal(p.it.requiretls, probes[i].requiretls);
		assert_non_null(strstr(p.why, probes[i].why));
		assert_string_equal(sni, probes[i].sni);
		assert_ptr_equal(strstr(heard, "EHLO "), heard);
		free(sni);
		free(heard);
		assurance_live_free(live);
		loop_free(p.loop);
	}
}

static const struct assurance *ask(struct world *w, const char *destination)
{
	assert_non_null(assurance_service_get(w->service, destination, on_got, w));
	loop_run(w->loop);
	return w->got;
}

/* Resolvers that gave out what is bogus: what they call authentic no longer counts. */
static void test_disbelieved_resolvers(void **state)
{
	struct world w = { 0 };

	start(&w, *state, "");
	const struct assurance *a = ask(&w, "d.test");
	assert_int_equal(a->by, ASSURANCE_BY_DANE);
	assurance_unref(a);
	assurance_live_believe(w.live, false);
	assurance_service_forget_all(w.service);
	a = ask(&w, "d.test");
	assert_int_equal(a->level, ASSURANCE_NONE);
	assert_int_equal(a->mx[0].lookup, ASSURANCE_INSECURE);
	assurance_unref(a);
	assurance_live_believe(w.live, true);
	assurance_service_forget_all(w.service);
	a = ask(&w, "d.test");
	assert_int_equal(a->by, ASSURANCE_BY_DANE);
	assurance_unref(a);
	end(&w);
}

static void on_nothing(void *arg, const struct assurance_probed *probed)
{
	(void)arg;
	(void)probed;
	fail_msg("called back after it was cancelled");
}

static void test_a_probe_is_cancelled_or_forbidden(void **state)
{
	static const struct dns_address loopback = { AF_INET, { 127, 0, 0, 1 } };
	struct loop *loop = loop_new(NULL);
	struct assurance_live_config config = { .probe_port = 1, .probe_timeout_ms = 20000 };
	const struct assurance_probe_wish wish = {
		.host = "mx.d.test", .port = 25, .address_count = 1, .addresses = &loopback
	};
	struct assurance_live *live = assurance_live_new(loop, &config);
	struct assurance_sources sources = assurance_live_sources(live);

	(void)state;
	sources.probe_cancel(sources.arg, sources.probe(sources.arg, &wish, on_nothing, NULL));
	assurance_live_free(live);
	config.probe_port = 0;
	live = assurance_live_new(loop, &config);
	sources = assurance_live_sources(live);
	assert_null(sources.probe);
	assurance_live_free(live);
	loop_free(loop);
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
		cmocka_unit_test(test_disbelieved_resolvers),
		cmocka_unit_test(test_freed_while_asking),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_a_probe_is_cancelled_or_forbidden),
	};
	return cmocka_run_group_tests_name("assurance/live", tests, set_up, tear_down);
}
