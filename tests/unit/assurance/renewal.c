#include "assurance/renewal.h"

#include "support/script.h"
#include "support/unit.h"

#include <stdio.h>

#define POLICY "version: STSv1\nmode: enforce\nmx: mx.d.test\nmax_age: 604800\n"
#define SERVED                                                                                     \
	"mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test "                                       \
	"version: STSv1\\nmode: enforce\\nmx: mx.d.test\\nmax_age: 604800\\n\n"

enum { DAY_S = 24 * 3600 };

struct world {
	struct script *script;
	struct assurance_sources sources;
	struct sts_cache *policies;
	struct assurance_renewals *renewals;
};

static struct world begin(const char *text)
{
	struct world w = { .script = script_new(text), .policies = sts_cache_new(NULL) };

	w.sources = script_sources(w.script);
	assert_int_equal(sts_cache_keep(w.policies, "d.test", "7", SLICE(POLICY),
					script_now_s(w.script), NULL),
			 RC_OK);
	return w;
}

static int64_t expiry(struct world *w)
{
	return sts_cache_find(w->policies, "d.test", script_now_s(w->script)).stored->expires_s;
}

static void end(struct world *w)
{
	assurance_renewals_free(w->renewals);
	assert_int_equal(script_pending(w->script), 0);
	sts_cache_free(w->policies);
	script_free(w->script);
}

/* RFC 8461 §10.2: refreshed though nobody writes to the domain. */
static void test_due_once_a_day_without_mail(void **state)
{
	(void)state;
	struct world w = begin(SERVED);
	int64_t first = expiry(&w);

	w.renewals = assurance_renewals_new(&w.sources, w.policies);
	assurance_renew_due(w.renewals);
	script_run(w.script, 1000, NULL);
	assert_int_equal(script_asked(w.script, "https mta-sts.d.test"), 0);
	script_pass(w.script, DAY_S);
	assurance_renew_due(w.renewals);
	assurance_renew_due(w.renewals); /* it is under way */
	script_run(w.script, 1000, NULL);
	assert_int_equal(script_asked(w.script, "https mta-sts.d.test"), 1);
	assert_true(expiry(&w) >= first + DAY_S);
	assurance_renew_due(w.renewals);
	script_run(w.script, 1000, NULL);
	assert_int_equal(script_asked(w.script, "https mta-sts.d.test"), 1);
	end(&w);
}

static void test_a_failure_rests_and_the_policy_stays(void **state)
{
	(void)state;
	struct world w = begin("mta-sts.d.test A 192.0.2.80\nhttps mta-sts.d.test fails blocked\n");
	int64_t first = expiry(&w);

	w.renewals = assurance_renewals_new(&w.sources, w.policies);
	script_pass(w.script, DAY_S);
	for (int i = 0; i < 3; i++) {
		assurance_renew_due(w.renewals);
		script_run(w.script, 1000, NULL);
	}
	assert_int_equal(script_asked(w.script, "https mta-sts.d.test"), 1);
	assert_int_equal(expiry(&w), first);
	script_pass(w.script, STS_BACKOFF_S);
	assurance_renew_due(w.renewals);
	script_run(w.script, 1000, NULL);
	assert_int_equal(script_asked(w.script, "https mta-sts.d.test"), 2);
	end(&w);
}

static void test_so_many_at_once_and_none_after_the_end(void **state)
{
	(void)state;
	struct world w = begin("mta-sts.d.test * never\n");
	char domain[32];

	w.renewals = assurance_renewals_new(&w.sources, w.policies);
	for (unsigned i = 0; i < ASSURANCE_RENEWALS_MAX + 9; i++) {
		snprintf(domain, sizeof domain, "d%u.test", i);
		assurance_renew(w.renewals, domain, "");
	}
	assert_int_equal(script_asked(w.script, ""), 2 * ASSURANCE_RENEWALS_MAX); /* A, AAAA */
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_due_once_a_day_without_mail),
		cmocka_unit_test(test_a_failure_rests_and_the_policy_stays),
		cmocka_unit_test(test_so_many_at_once_and_none_after_the_end),
	};
	return cmocka_run_group_tests_name("assurance/renewal", tests, NULL, NULL);
}
