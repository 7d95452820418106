/* What gather's vectors cannot show: evidence of odd shapes. */
#include "assurance/decide.h"

#include "assurance/hosts.h"
#include "support/unit.h"

#include "support/mx_answer.h"

#include <stdio.h>

static void test_literal_is_never_proved(void **state)
{
	(void)state;
	const struct assurance_destination d = destination("[192.0.2.1]");
	const struct assurance_evidence evidence = {
		.destination = &d,
		.now_s = 1000,
		.policy = { .why = "" },
	};
	const struct assurance *a = assurance_decide(&evidence);

	assert_int_equal(a->level, ASSURANCE_NONE);
	assert_int_equal(a->by, ASSURANCE_BY_NOTHING);
	assert_non_null(strstr(a->reasons[0], "is an address"));
	assert_int_equal(a->until, 1000 + ASSURANCE_UNTIL_MAX_S);
	assurance_unref(a);
}

static void test_nothing_was_had_in_time(void **state)
{
	(void)state;
	const struct assurance_destination d = destination("d.test");
	const struct assurance_evidence evidence = {
		.destination = &d,
		.now_s = 1000,
		.cut = "no answer within 5 s",
		.policy = { .promise = ASSURANCE_UNCERTAIN, .why = "so it is" },
	};
	const struct assurance *a = assurance_decide(&evidence);

	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_non_null(strstr(a->reasons[0], "no answer within 5 s"));
	assert_int_equal(a->until, 1000 + ASSURANCE_RETRY_S);
	assurance_unref(a);
}

static const struct assurance *decide_without_answers(const char *host)
{
	const struct dns_record record = { .mx = { 10, host } };
	const struct assurance_destination d = destination("d.test");
	const struct dns_answer mx = mx_answer(&record, 1);
	struct assurance_host hosts[ASSURANCE_HOSTS_MAX];
	const struct assurance_evidence evidence = {
		.destination = &d,
		.mx = &mx,
		.host_count = assurance_hosts(&d, &mx, hosts),
		.hosts = hosts,
		.now_s = 1000,
		.cut = "no answer within 5 s",
		.policy = { .promise = ASSURANCE_UNPROMISED, .why = "nothing is announced" },
	};
	return assurance_decide(&evidence);
}

static void test_a_host_was_not_looked_up_to_the_end(void **state)
{
	(void)state;
	const struct assurance *a = decide_without_answers("mx.d.test");

	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_int_equal(a->mx[0].level, ASSURANCE_UNDETERMINED);
	assert_non_null(strstr(a->reasons[0], "mx.d.test was not looked up to the end"));
	assert_int_equal(a->mx[0].address, ASSURANCE_NOT_ASKED);
	assurance_unref(a);
}

static void test_what_cannot_be_looked_up_is_no_host(void **state)
{
	(void)state;
	static const char *const odd[] = { "a\\032b.test", "a\n\x1b[31m.test", "MX.d.test",
					   "a..test" };

	for (size_t i = 0; i < COUNT(odd); i++) {
		const struct assurance *a = decide_without_answers(odd[i]);

		assert_int_equal(a->level, ASSURANCE_UNROUTABLE);
		assert_non_null(strstr(a->reasons[0], "name no host"));
		assurance_unref(a);
	}
}

static void test_undetermined(void **state)
{
	(void)state;
	const struct assurance *a = assurance_undetermined("d.test", "why not", 50);

	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_string_equal(a->reasons[0], "why not");
	assert_int_equal(a->until, 50 + ASSURANCE_RETRY_S);
	assurance_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_literal_is_never_proved),
		cmocka_unit_test(test_nothing_was_had_in_time),
		cmocka_unit_test(test_a_host_was_not_looked_up_to_the_end),
		cmocka_unit_test(test_what_cannot_be_looked_up_is_no_host),
		cmocka_unit_test(test_undetermined),
	};
	return cmocka_run_group_tests_name("assurance/decide", tests, NULL, NULL);
}
