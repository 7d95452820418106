#include "assurance/ticket.h"

#include "assurance/service.h"
#include "base/clock.h"
#include "support/unit.h"

#include <pthread.h>
#include <unistd.h>

static const struct assurance *good(void)
{
	const struct assurance like = { .domain = "d.test", .level = ASSURANCE_AUTHENTICATED };
	return assurance_make(&like);
}

static void *answer_soon(void *arg)
{
	const struct assurance *a = good();

	usleep(20000);
	assurance_ticket_answer(arg, a);
	assurance_unref(a);
	return NULL;
}

static void test_answered_while_waiting(void **state)
{
	(void)state;
	struct assurance_ticket *ticket = assurance_ticket_new("d.test");
	pthread_t other;

	assert_string_equal(assurance_ticket_destination(ticket), "d.test");
	assert_int_equal(pthread_create(&other, NULL, answer_soon, ticket), 0);
	const struct assurance *a = assurance_ticket_wait(ticket, clock_mono_ms() + 30000);
	assert_int_equal(a->level, ASSURANCE_AUTHENTICATED);
	const struct assurance *again = assurance_ticket_wait(ticket, 0);
	assert_ptr_equal(again, a);
	assurance_unref(again);
	assurance_unref(a);
	assurance_ticket_drop(ticket);
	pthread_join(other, NULL);
}

static void test_late_reads_undetermined(void **state)
{
	(void)state;
	struct assurance_ticket *ticket = assurance_ticket_new("d.test");
	const struct assurance *a = assurance_ticket_wait(ticket, clock_mono_ms() + 20),
			       *b = good();

	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_string_equal(a->domain, "d.test");
	assert_non_null(strstr(a->reasons[0], "deadline"));
	assurance_unref(a);
	assurance_ticket_answer(ticket, b);
	assurance_unref(b);
	a = assurance_ticket_wait(ticket, 0); /* by now it is there */
	assert_int_equal(a->level, ASSURANCE_AUTHENTICATED);
	assurance_unref(a);
	assurance_ticket_drop(ticket);
}

static void test_dropped_before_the_answer(void **state)
{
	(void)state;
	struct assurance_ticket *ticket = assurance_ticket_new("d.test");
	const struct assurance *a = good();

	assurance_ticket_drop(ticket);
	assurance_ticket_answer(ticket, a); /* its own hold keeps it until here */
	assurance_unref(a);
}

static void test_no_memory_reads_undetermined(void **state)
{
	(void)state;
	struct assurance_ticket *ticket = assurance_ticket_new("d.test");

	assurance_ticket_answer(ticket, NULL);
	const struct assurance *a = assurance_ticket_wait(ticket, 0);
	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assurance_unref(a);
	assurance_ticket_drop(ticket);
	a = assurance_ticket_wait(NULL, 0);
	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assurance_unref(a);
	assurance_ticket_drop(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answered_while_waiting),
		cmocka_unit_test(test_late_reads_undetermined),
		cmocka_unit_test(test_dropped_before_the_answer),
		cmocka_unit_test(test_no_memory_reads_undetermined),
	};
	return cmocka_run_group_tests_name("assurance/ticket", tests, NULL, NULL);
}
