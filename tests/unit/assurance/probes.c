/* The vectors with a probe: a world, how its hosts behave, and what that leaves. */
#include "assurance/probes.h"

#include "assurance/gather.h"
#include "support/script.h"
#include "support/unit.h"

#define DANE                                                                                       \
	"zone d.test secure\n"                                                                     \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"                                                                  \
	"_25._tcp.mx.d.test TLSA 3 1 1 sha256\n"
#define TWO                                                                                        \
	DANE "d.test MX 10 mx.d.test, 20 mx2.d.test\n"                                             \
	     "mx2.d.test A 192.0.2.2\n"                                                            \
	     "_25._tcp.mx2.d.test TLSA 3 1 1 sha256\n"
#define STS                                                                                        \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"                                                                  \
	"_mta-sts.d.test TXT v=STSv1; id=7\nmta-sts.d.test A 192.0.2.80\n"                         \
	"https mta-sts.d.test version: STSv1\\nmode: enforce\\nmx: mx.d.test\\nmax_age: "          \
	"604800\\n\n"
#define PLAIN                                                                                      \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"
#define UNUSABLE DANE "_25._tcp.mx.d.test TLSA 1 1 1 sha256\n"
#define OK(host) "probe " host " ok starttls authenticated TLSv1.3\n"
#define REQUIRETLS(host) "probe " host " ok starttls authenticated requiretls TLSv1.3\n"

static const struct vector {
	const char *clause, *sentence, *destination, *world;
	enum assurance_level level;
	enum assurance_by by;
	const char *reason; /* part of the first reason */
	const char *asked;  /* NULL: not looked at */
} vectors[] = {
	{ "RFC 7672 2.2", "a host keeps what its TLSA records promise", "d.test",
	  DANE OK("mx.d.test"), ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "1 usable TLSA record",
	  "probe-dane mx.d.test" },
	{ "RFC 8461 4.1", "a host keeps what the policy promises", "d.test", STS OK("mx.d.test"),
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_STS, "names mx.d.test", "probe-sts mx.d.test" },
	{ "RFC 8689 4.2.1", "DANE, and REQUIRETLS within TLS", "d.test",
	  DANE REQUIRETLS("mx.d.test"), ASSURANCE_REQUIRETLS, ASSURANCE_BY_DANE,
	  "offers REQUIRETLS within TLS", NULL },
	{ "RFC 8689 4.2.1", "MTA-STS, and REQUIRETLS within TLS", "d.test",
	  STS REQUIRETLS("mx.d.test"), ASSURANCE_REQUIRETLS, ASSURANCE_BY_STS,
	  "offers REQUIRETLS within TLS", NULL },
	{ "RFC 8689 4.2.1", "REQUIRETLS of a host that nothing proves counts for nothing", "d.test",
	  PLAIN "probe mx.d.test ok starttls requiretls TLSv1.3\n", ASSURANCE_NONE,
	  ASSURANCE_BY_NOTHING, "not signed", "probe mx.d.test" },
	{ "RFC 7672 2.2", "a TLSA record of another key: TLS, and nobody proved", "d.test",
	  DANE "probe mx.d.test fails starttls TLSv1.3 : the certificate matches no TLSA record\n",
	  ASSURANCE_ENCRYPTED, ASSURANCE_BY_NOTHING,
	  "mx.d.test does not keep what its TLSA record promises: the certificate matches no",
	  NULL },
	{ "RFC 7672 2.2", "TLSA records and no STARTTLS", "d.test",
	  DANE "probe mx.d.test fails : it does not offer STARTTLS\n", ASSURANCE_NONE,
	  ASSURANCE_BY_NOTHING, "does not offer STARTTLS", NULL },
	{ "RFC 8461 5", "a policy and no STARTTLS", "d.test",
	  STS "probe mx.d.test fails : it does not offer STARTTLS\n", ASSURANCE_NONE,
	  ASSURANCE_BY_NOTHING, "what its MTA-STS policy promises: it does not offer", NULL },
	{ "RFC 8461 4.1", "a policy and a certificate for another name", "d.test",
	  STS "probe mx.d.test fails starttls TLSv1.3 : the certificate is for other.test\n",
	  ASSURANCE_ENCRYPTED, ASSURANCE_BY_NOTHING, "for other.test", NULL },
	{ "RFC 7672 2.2", "a port that cannot be reached is undetermined, not none", "d.test",
	  DANE "probe mx.d.test unknown : connection refused\n", ASSURANCE_UNDETERMINED,
	  ASSURANCE_BY_NOTHING, "mx.d.test could not be probed: connection refused", NULL },
	{ "RFC 8461 5", "the same, promised by a policy", "d.test",
	  STS "probe mx.d.test unknown : connection refused\n", ASSURANCE_UNDETERMINED,
	  ASSURANCE_BY_NOTHING, "could not be probed", NULL },
	{ "RFC 7672 2.2", "lost behind the handshake: proved, and still not found out", "d.test",
	  DANE "probe mx.d.test unknown starttls authenticated TLSv1.3 : lost\n",
	  ASSURANCE_UNDETERMINED, ASSURANCE_BY_NOTHING, "could not be probed: lost", NULL },
	{ "RFC 7672 2.2", "a source that says well done of nobody", "d.test",
	  DANE "probe mx.d.test ok starttls TLSv1.3\n", ASSURANCE_ENCRYPTED, ASSURANCE_BY_NOTHING,
	  "does not keep", NULL },
	{ "RFC 7672 2.2.1", "one host fails, the other is good: the domain is as its best",
	  "d.test", TWO OK("mx2.d.test") "probe mx.d.test fails : it does not offer STARTTLS\n",
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "mx2.d.test has 1 usable", NULL },
	{ "RFC 7672 2.2.1", "one host cannot be reached, the other is good", "d.test",
	  TWO OK("mx2.d.test"), ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "mx2.d.test", NULL },
	{ "RFC 7672 2.2.1", "one host fails, the other cannot be reached", "d.test",
	  TWO "probe mx.d.test fails : it does not offer STARTTLS\n", ASSURANCE_UNDETERMINED,
	  ASSURANCE_BY_NOTHING, "mx2.d.test could not be probed", NULL },
	{ "RFC 8689 4.2.1", "one host of two offers REQUIRETLS", "d.test",
	  TWO OK("mx.d.test") REQUIRETLS("mx2.d.test"), ASSURANCE_REQUIRETLS, ASSURANCE_BY_DANE,
	  "mx2.d.test", NULL },
	{ "RFC 7672 2.2", "no usable record: encrypted, as the host shows", "d.test",
	  UNUSABLE "probe mx.d.test ok starttls TLSv1.3\n", ASSURANCE_ENCRYPTED,
	  ASSURANCE_BY_NOTHING, "no TLSA record of mx.d.test is usable", "probe mx.d.test" },
	{ "RFC 7672 2.2", "no usable record, and no STARTTLS either", "d.test",
	  UNUSABLE "probe mx.d.test fails : it does not offer STARTTLS\n", ASSURANCE_NONE,
	  ASSURANCE_BY_NOTHING, "has TLSA records, but no TLS", NULL },
	{ "RFC 7672 2.2", "a probe gives no more than was published", "d.test",
	  PLAIN OK("mx.d.test"), ASSURANCE_NONE, ASSURANCE_BY_NOTHING, "not signed", NULL },
	{ "RFC 7672 3.2.2", "the next-hop domain is a reference name", "d.test",
	  DANE OK("mx.d.test"), ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "",
	  "d.test mx.d.test" },
	{ "RFC 7672 3.2.2", "so is that domain with its CNAMEs followed", "www.d.test",
	  DANE "www.d.test CNAME d.test\n" OK("mx.d.test"), ASSURANCE_AUTHENTICATED,
	  ASSURANCE_BY_DANE, "", "d.test mx.d.test" },
	{ "RFC 7672 3.2.2", "and, behind a CNAME of the host, the TLSA base domain", "d.test",
	  "zone d.test secure\nd.test MX 10 mx.d.test\nmx.d.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.1\n_25._tcp.host.d.test TLSA 3 1 1 sha256\n" OK("mx.d.test"),
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "", "host.d.test mx.d.test" },
	{ "RFC 7672 2.2.1", "a relay by name", "[mx.d.test]", DANE OK("mx.d.test"),
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_DANE, "", "probe-dane mx.d.test" },
	{ "RFC 7505 3", "a null MX has nobody to be probed", "d.test",
	  "zone d.test secure\nd.test MX 0 .\n", ASSURANCE_UNROUTABLE, ASSURANCE_BY_NULL_MX,
	  "null MX", NULL },
	{ "RFC 5321 5.1", "no host has an address", "d.test",
	  "zone d.test secure\nd.test MX 10 mx.d.test\nmx.d.test TXT x\n", ASSURANCE_UNROUTABLE,
	  ASSURANCE_BY_NOTHING, "no host for d.test has an address", NULL },
	{ "RFC 7672 2.1.2", "what could not be looked up stays so, probed or not", "d.test",
	  DANE "_25._tcp.mx.d.test TLSA failed SERVFAIL\n" OK("mx.d.test"), ASSURANCE_UNDETERMINED,
	  ASSURANCE_BY_NOTHING, "SERVFAIL", NULL },
	{ "RFC 7672 2.2", "a probe that never ends", "d.test", DANE "probe mx.d.test never\n",
	  ASSURANCE_UNDETERMINED, ASSURANCE_BY_NOTHING, "came to no end in time", NULL },
	{ "RFC 7672 2.2", "the time is over before anybody was spoken to", "d.test",
	  DANE "_mta-sts.d.test TXT never\n" OK("mx.d.test"), ASSURANCE_UNDETERMINED,
	  ASSURANCE_BY_NOTHING, "no time", NULL },
};

struct outcome {
	bool done;
	const struct assurance *assurance;
};

static void on_gathered(void *arg, const struct assurance_gathered *gathered)
{
	struct outcome *outcome = arg;

	assert_false(outcome->done);
	outcome->done = true;
	outcome->assurance = assurance_ref(gathered->assurance);
}

static struct assurance_gather *start(struct script *script,
				      const struct assurance_sources *sources,
				      struct sts_cache *policies, const char *text,
				      struct outcome *outcome)
{
	struct assurance_destination destination;
	struct fault why;
	const struct assurance_gather_wish wish = { &destination, policies, 90000, true, true };

	(void)script;
	assert_int_equal(assurance_destination_parse((struct slice){ text, strlen(text) },
						     &destination, &why),
			 RC_OK);
	return assurance_gather_start(sources, &wish, on_gathered, outcome);
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct script *script = script_new(v->world);
		const struct assurance_sources sources = script_sources(script);
		struct sts_cache_store hooks = { 0 };
		struct sts_cache *policies = sts_cache_new(&hooks);
		struct outcome out = { 0 };

		assert_non_null(start(script, &sources, policies, v->destination, &out));
		assert_true(script_run(script, 91000, &out.done));
		print_message("   %s: %s: %s\n", v->clause, v->sentence, out.assurance->reasons[0]);
		assert_int_equal(out.assurance->level, v->level);
		assert_int_equal(out.assurance->by, v->by);
		assert_non_null(strstr(out.assurance->reasons[0], v->reason));
		if (v->asked)
			assert_int_equal(script_asked(script, v->asked), 1);
		if (v->level < ASSURANCE_AUTHENTICATED)
			assert_int_equal(out.assurance->match_count, 0);
		assert_int_equal(script_pending(script), 0);
		assurance_unref(out.assurance);
		sts_cache_free(policies);
		script_free(script);
	}
}

static void test_the_report_of_a_probe(void **state)
{
	(void)state;
	struct script *script = script_new(
		TWO REQUIRETLS("mx.d.test") "probe mx2.d.test fails starttls TLSv1.2 : no match\n");
	const struct assurance_sources sources = script_sources(script);
	struct sts_cache_store hooks = { 0 };
	struct sts_cache *policies = sts_cache_new(&hooks);
	struct outcome out = { 0 };

	assert_non_null(start(script, &sources, policies, "d.test", &out));
	assert_true(script_run(script, 91000, &out.done));
	const struct assurance_probe *good = &out.assurance->mx[0].probe,
				     *bad = &out.assurance->mx[1].probe;
	assert_true(good->done && good->starttls && good->authenticated && good->requiretls);
	assert_string_equal(good->tls, "TLSv1.3");
	assert_string_equal(good->why, "");
	assert_int_equal(out.assurance->mx[0].level, ASSURANCE_REQUIRETLS);
	assert_true(bad->done && bad->starttls && !bad->authenticated && !bad->requiretls);
	assert_string_equal(bad->tls, "TLSv1.2");
	assert_string_equal(bad->why, "no match");
	assert_int_equal(out.assurance->mx[1].level, ASSURANCE_ENCRYPTED);
	assurance_unref(out.assurance);
	sts_cache_free(policies);
	script_free(script);
}

/* Without sources that can, and without a wish, nobody is spoken to. */
static void test_nobody_is_probed_unasked(void **state)
{
	(void)state;
	for (int wished = 0; wished < 2; wished++) {
		struct script *script = script_new(DANE "probe mx.d.test fails : never asked\n");
		struct assurance_sources sources = script_sources(script);
		struct sts_cache_store hooks = { 0 };
		struct sts_cache *policies = sts_cache_new(&hooks);
		struct assurance_destination destination;
		struct outcome out = { 0 };
		const struct assurance_gather_wish wish = { &destination, policies, 90000, true,
							    wished };

		if (wished)
			sources.probe = NULL;
		assert_int_equal(assurance_destination_parse(SLICE("d.test"), &destination, NULL),
				 RC_OK);
		assert_non_null(assurance_gather_start(&sources, &wish, on_gathered, &out));
		assert_true(script_run(script, 91000, &out.done));
		assert_int_equal(out.assurance->level, ASSURANCE_AUTHENTICATED);
		assert_false(out.assurance->mx[0].probe.done);
		assert_int_equal(script_asked(script, "probe-dane mx.d.test"), 0);
		assurance_unref(out.assurance);
		sts_cache_free(policies);
		script_free(script);
	}
}

static void *no_memory(void *arg, const struct assurance_probe_wish *wish,
		       assurance_probed_fn *done, void *done_arg)
{
	(void)arg;
	(void)wish;
	(void)done;
	(void)done_arg;
	return NULL;
}

static void test_a_probe_that_cannot_begin_is_not_found_out(void **state)
{
	(void)state;
	struct script *script = script_new(DANE);
	struct assurance_sources sources = script_sources(script);
	struct sts_cache_store hooks = { 0 };
	struct sts_cache *policies = sts_cache_new(&hooks);
	struct outcome out = { 0 };

	sources.probe = no_memory;
	assert_non_null(start(script, &sources, policies, "d.test", &out));
	assert_true(script_run(script, 91000, &out.done));
	assert_int_equal(out.assurance->level, ASSURANCE_UNDETERMINED);
	assurance_unref(out.assurance);
	sts_cache_free(policies);
	script_free(script);
}

static void test_cancel(void **state)
{
	(void)state;
	struct script *script = script_new(TWO "probe mx.d.test never\n" OK("mx2.d.test"));
	const struct assurance_sources sources = script_sources(script);
	struct sts_cache_store hooks = { 0 };
	struct sts_cache *policies = sts_cache_new(&hooks);
	struct outcome out = { 0 };
	struct assurance_gather *g = start(script, &sources, policies, "d.test", &out);

	script_run(script, 1000, NULL);
	assert_int_equal(script_asked(script, "probe-dane mx.d.test"), 1);
	assert_true(script_pending(script) > 0);
	assurance_gather_cancel(g);
	assert_int_equal(script_pending(script), 0);
	assert_false(out.done);
	sts_cache_free(policies);
	script_free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_the_report_of_a_probe),
		cmocka_unit_test(test_nobody_is_probed_unasked),
		cmocka_unit_test(test_a_probe_that_cannot_begin_is_not_found_out),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests_name("assurance/probes", tests, NULL, NULL);
}
