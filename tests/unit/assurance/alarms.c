#include "assurance/alarms.h"

#include "support/unit.h"

#include <stdio.h>

static void test_said_once_a_day(void **state)
{
	(void)state;
	struct assurance_alarms *alarms = assurance_alarms_new();

	assert_true(assurance_alarm_is_due(alarms, "a", 1000));
	assert_false(assurance_alarm_is_due(alarms, "a", 1000));
	assert_true(assurance_alarm_is_due(alarms, "b", 1001));
	assert_int_equal(assurance_alarms_count(alarms, 1001), 2);
	assert_false(assurance_alarm_is_due(alarms, "a", 1000 + ASSURANCE_ALARM_S - 1));
	assert_true(assurance_alarm_is_due(alarms, "a", 1000 + ASSURANCE_ALARM_S));
	assert_int_equal(assurance_alarms_count(alarms, 1001 + ASSURANCE_ALARM_S), 1);
	assert_true(assurance_alarm_is_due(alarms, "a", 1000)); /* the clock was set back */
	assurance_alarms_free(alarms);
}

static void test_no_room_says_more_not_less(void **state)
{
	(void)state;
	struct assurance_alarms *alarms = assurance_alarms_new();
	char matter[32];

	for (unsigned i = 0; i < ASSURANCE_ALARMS_MAX; i++) {
		snprintf(matter, sizeof matter, "%u", i);
		assert_true(assurance_alarm_is_due(alarms, matter, 1000));
	}
	assert_true(assurance_alarm_is_due(alarms, "one more", 1000));
	assert_true(assurance_alarm_is_due(alarms, "one more", 1000));
	assert_false(assurance_alarm_is_due(alarms, "0", 1000));
	/* A day later there is room again. */
	assert_true(assurance_alarm_is_due(alarms, "one more", 1000 + ASSURANCE_ALARM_S));
	assert_false(assurance_alarm_is_due(alarms, "one more", 1000 + ASSURANCE_ALARM_S));
	assurance_alarms_free(alarms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said_once_a_day),
		cmocka_unit_test(test_no_room_says_more_not_less),
	};
	return cmocka_run_group_tests_name("assurance/alarms", tests, NULL, NULL);
}
