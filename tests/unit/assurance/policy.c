#include "assurance/policy.h"

#include "base/arena.h"
#include "support/script.h"
#include "support/unit.h"

#define GOOD "version: STSv1\\nmode: enforce\\nmx: mx.d.test\\nmax_age: 604800\\n"

static const struct {
	const char *sentence, *world;
	bool ok;
	const char *failure;
	unsigned fetched;
} rows[] = {
	{ "a policy", "mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test " GOOD "\n", true, "", 1 },
	{ "over IPv6 alone", "mta-sts.d.test AAAA 2001:db8::80\nhttps mta-sts.d.test " GOOD "\n",
	  true, "", 1 },
	{ "one family fails",
	  "mta-sts.d.test A 192.0.2.80\nmta-sts.d.test AAAA failed SERVFAIL\n"
	  "https mta-sts.d.test " GOOD "\n",
	  true, "", 1 },
	{ "the host is an alias (RFC 8461 8.2)",
	  "mta-sts.d.test CNAME p.test\np.test A 192.0.2.80\nhttps mta-sts.d.test " GOOD "\n", true,
	  "", 1 },
	{ "no such host", "x.test A 192.0.2.1\n", false, "mta-sts.d.test has no address", 0 },
	{ "the lookup fails", "mta-sts.d.test * failed SERVFAIL\n", false, "SERVFAIL", 0 },
	{ "the fetch fails",
	  "mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test fails the server answered 404\n",
	  false, "the server answered 404", 1 },
	{ "it is no policy", "mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test <html>\n", false,
	  "<html>", 1 },
};

struct outcome {
	bool done, ok;
};

static void on_done(void *arg, bool ok)
{
	struct outcome *outcome = arg;

	assert_false(outcome->done);
	*outcome = (struct outcome){ true, ok };
}

static void test_fetch(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script *script = script_new(rows[i].world);
		const struct assurance_sources sources = script_sources(script);
		struct sts_cache *cache = sts_cache_new(NULL);
		struct outcome outcome = { 0 };

		print_message("   %s\n", rows[i].sentence);
		assert_non_null(
			assurance_policy_fetch(&sources, cache, "d.test", "7", on_done, &outcome));
		assert_false(outcome.done);
		assert_true(script_run(script, 1000, &outcome.done));
		assert_int_equal(outcome.ok, rows[i].ok);
		assert_int_equal(script_pending(script), 0);
		assert_int_equal(script_asked(script, "https mta-sts.d.test"), rows[i].fetched);

		struct sts_known known = sts_cache_find(cache, "d.test", script_now_s(script));
		assert_int_equal(known.standing == STS_LIVE, rows[i].ok);
		assert_non_null(strstr(known.failure, rows[i].failure));
		sts_cache_free(cache);
		script_free(script);
	}
}

static void test_domain_too_long_for_a_policy_host(void **state)
{
	(void)state;
	char domain[250];
	struct script *script = script_new("");
	const struct assurance_sources sources = script_sources(script);
	struct sts_cache *cache = sts_cache_new(NULL);
	struct outcome outcome = { 0 };

	memset(domain, 'a', sizeof domain - 1);
	for (size_t i = 60; i < sizeof domain - 1; i += 61)
		domain[i] = '.';
	domain[sizeof domain - 1] = '\0';
	assert_non_null(assurance_policy_fetch(&sources, cache, domain, "7", on_done, &outcome));
	assert_true(script_run(script, 1000, &outcome.done));
	assert_false(outcome.ok);
	assert_int_equal(script_asked(script, ""), 0);
	sts_cache_free(cache);
	script_free(script);
}

static void test_cancel(void **state)
{
	(void)state;
	static const int64_t after_ms[] = { 0, 1, 20 };

	for (size_t i = 0; i < COUNT(after_ms); i++) {
		struct script *script =
			script_new("mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test never\n");
		const struct assurance_sources sources = script_sources(script);
		struct sts_cache *cache = sts_cache_new(NULL);
		struct outcome outcome = { 0 };
		struct assurance_policy_job *job =
			assurance_policy_fetch(&sources, cache, "d.test", "7", on_done, &outcome);

		script_run(script, after_ms[i], NULL);
		assurance_policy_cancel(job);
		assert_int_equal(script_pending(script), 0);
		assert_false(outcome.done);
		assert_string_equal(sts_cache_find(cache, "d.test", 0).failure, "");
		sts_cache_free(cache);
		script_free(script);
	}
}

static void test_damaged_memory_is_uncertain(void **state)
{
	(void)state;
	struct sts_cache *cache = sts_cache_new(NULL);
	struct arena *arena = arena_new(65536);
	const struct dns_answer none = { .asked = "_mta-sts.d.test",
					 .type = DNS_TXT,
					 .status = DNS_NXDOMAIN,
					 .name = "_mta-sts.d.test",
					 .ttl = 60,
					 .why = "" };
	struct assurance_policy policy;

	assert_int_equal(sts_cache_load(cache, SLICE("d.test"), SLICE("rubbish"), NULL),
			 RC_INVALID);
	assert_int_equal(assurance_policy_conclude(cache, "d.test", &none, NULL, false, 1000, arena,
						   &policy),
			 RC_OK);
	assert_int_equal(policy.promise, ASSURANCE_UNCERTAIN);
	assert_non_null(strstr(policy.why, "damaged"));
	assert_true(policy.held);
	assert_int_equal(assurance_policy_conclude(cache, "e.test", &none, NULL, false, 1000, arena,
						   &policy),
			 RC_OK);
	assert_int_equal(policy.promise, ASSURANCE_UNPROMISED);
	arena_free(arena);
	sts_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fetch),
		cmocka_unit_test(test_domain_too_long_for_a_policy_host),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_damaged_memory_is_uncertain),
	};
	return cmocka_run_group_tests_name("assurance/policy", tests, NULL, NULL);
}
