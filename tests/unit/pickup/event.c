#include "pickup/event.h"

#include "support/unit.h"

static unsigned calls;

static enum rc append(void *arg, const struct audit_record *records, size_t count,
		      struct fault *why)
{
	calls++;
	assert_string_equal(arg, "arg");
	assert_int_equal(count, 2);
	assert_string_equal(records[0].event, "revoked");
	assert_string_equal(records[0].from, "a@our.example");
	assert_string_equal(records[0].to, "b@plain.test");
	assert_string_equal(records[0].reason, "by operator: wrong address");
	assert_string_equal(records[0].deposit, "30313233343536373839616263646566");
	assert_true(records[0].ts_usec > 0);
	assert_null(records[0].rule);
	assert_string_equal(records[1].to, "c@plain.test");
	assert_string_equal(records[1].reason, "by time");
	return calls == 1 ? RC_OK : fault(why, RC_RETRY, "the disk is full");
}

static void test_append(void **state)
{
	const uint8_t *id = (const uint8_t *)"0123456789abcdef";
	const struct deposit_event events[] = {
		{ "revoked", id, SLICE("a@our.example"), SLICE("b@plain.test"), "operator",
		  SLICE("wrong address") },
		{ "expired", id, SLICE("a@our.example"), SLICE("c@plain.test"), "time", SLICE("") },
	};
	char arg[] = "arg";
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(pickup_event_append(append, arg, events, 2, &why), RC_OK);
	assert_int_equal(pickup_event_append(append, arg, events, 2, &why), RC_RETRY);
	assert_string_equal(why.text, "the disk is full");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_append),
	};
	return cmocka_run_group_tests_name("pickup/event", tests, NULL, NULL);
}
