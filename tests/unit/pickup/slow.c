#include "pickup/slow.h"

#include "support/unit.h"

#include <pthread.h>

static const uint8_t here[PICKUP_PREFIX_BYTES] = { 4, 192, 0, 2 };
static const uint8_t there[PICKUP_PREFIX_BYTES] = { 4, 192, 0, 3 };
enum { NOW = 1000000 };

static int setup(void **state)
{
	return pickup_slow_new((struct pickup_slow **)state, NULL) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	pickup_slow_free(*state);
	return 0;
}

static uint32_t wait_of(struct pickup_slow *slow, const uint8_t *prefix, int64_t now_s)
{
	bool look;

	return pickup_slow_wait(slow, prefix, now_s, &look);
}

static void the_wait_grows_to_a_minute(void **state)
{
	struct pickup_slow *slow = *state;
	static const unsigned waits[] = { 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	int64_t now_s = NOW;

	for (size_t i = 0; i < COUNT(waits); i++) {
		pickup_slow_wrong(slow, here, now_s);
		assert_int_equal(wait_of(slow, here, now_s), waits[i]);
		assert_int_equal(wait_of(slow, there, now_s), 0);
		now_s += waits[i];
		assert_int_equal(wait_of(slow, here, now_s), 0);
	}
}

static void impatience_makes_it_no_longer(void **state)
{
	struct pickup_slow *slow = *state;

	for (int i = 0; i < 100; i++)
		pickup_slow_wrong(slow, here, NOW);
	assert_int_equal(wait_of(slow, here, NOW), 1);
}

static void after_ten_quiet_minutes_all_is_forgotten(void **state)
{
	struct pickup_slow *slow = *state;
	int64_t now_s = NOW;

	for (int i = 0; i < 12; i++, now_s += 60)
		pickup_slow_wrong(slow, here, now_s);
	now_s += PICKUP_SLOW_FORGET_S;
	pickup_slow_wrong(slow, here, now_s);
	assert_int_equal(wait_of(slow, here, now_s), 0);
}

static void a_right_proof_makes_up_for_wrong_ones(void **state)
{
	struct pickup_slow *slow = *state;

	for (int i = 0; i < 12; i++) {
		pickup_slow_wrong(slow, here, NOW + 60 * i);
		pickup_slow_wrong(slow, there, NOW + 60 * i);
	}
	pickup_slow_right(slow, here, NOW + 660);
	pickup_slow_right(slow, here, NOW + 660); /* where there is nothing to forget */
	assert_int_equal(wait_of(slow, here, NOW + 660), 0);
	assert_int_equal(wait_of(slow, there, NOW + 660), 60);
	for (int i = 0; i < PICKUP_SLOW_FREE; i++)
		pickup_slow_wrong(slow, here, NOW + 660);
	assert_int_equal(wait_of(slow, here, NOW + 660), 0);
}

static void a_clock_put_back_makes_no_wait_longer(void **state)
{
	struct pickup_slow *slow = *state;

	for (int i = 0; i < 6; i++)
		pickup_slow_wrong(slow, here, NOW + 100 * i);
	assert_int_equal(wait_of(slow, here, NOW + 500), 4);
	assert_true(wait_of(slow, here, NOW + 400) <= 4);
	assert_int_equal(wait_of(slow, here, NOW - 100000), 0);
}

static void some_proofs_are_looked_at_in_each_second(void **state)
{
	struct pickup_slow *slow = *state;
	int looked = 0;

	for (int i = 0; i < 20; i++)
		pickup_slow_wrong(slow, here, NOW + 60 * i);
	for (int second = 0; second < 3; second++)
		for (int i = 0; i < 100; i++) {
			bool look;
			assert_true(pickup_slow_wait(slow, here, NOW + 60 * 19 + second, &look) >
				    0);
			looked += look;
		}
	assert_int_equal(looked, 3 * PICKUP_SLOW_LOOKS);
}

/* More networks than there is room for: the table is bounded, the newest is remembered. */
static void the_table_is_bounded(void **state)
{
	struct pickup_slow *slow = *state;
	uint8_t prefix[PICKUP_PREFIX_BYTES] = { 6 };

	for (unsigned i = 0; i < 10 * PICKUP_SLOW_CLIENTS; i++) {
		memcpy(prefix + 1, &i, sizeof i);
		for (int n = 0; n < PICKUP_SLOW_FREE + 1; n++)
			pickup_slow_wrong(slow, prefix, NOW + i / 1000);
		assert_int_equal(wait_of(slow, prefix, NOW + i / 1000), 1);
	}
}

static void *hammer(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		uint8_t prefix[PICKUP_PREFIX_BYTES] = { 4, (uint8_t)(i % 8) };
		pickup_slow_wrong(arg, prefix, NOW + i / 100);
		(void)wait_of(arg, prefix, NOW + i / 100);
	}
	return NULL;
}

/* A thousand guesses a second, for a hundred seconds, from one network. */
static void of_a_hundred_thousand_guesses_few_are_looked_at(void **state)
{
	struct pickup_slow *slow = *state;
	unsigned looked_at = 0, delayed = 0;

	for (unsigned i = 0; i < 100000; i++) {
		int64_t now_s = NOW + i / 1000;
		bool look;
		delayed += pickup_slow_wait(slow, here, now_s, &look) > 0;
		if (!look)
			continue;
		looked_at++;
		pickup_slow_wrong(slow, here, now_s);
	}
	assert_in_range(looked_at, 1, 2100); /* some twenty a second */
	assert_true(delayed > 99000);
	assert_int_equal(wait_of(slow, there, NOW + 100), 0); /* nobody else waits */
	bool look;
	(void)pickup_slow_wait(slow, here, NOW + 101, &look);
	assert_true(look); /* and a recipient behind the same proxy is let in */
}

static void many_threads_may_ask(void **state)
{
	pthread_t threads[4];

	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, *state), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
#define WITH_TABLE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH_TABLE(the_wait_grows_to_a_minute),
		WITH_TABLE(impatience_makes_it_no_longer),
		WITH_TABLE(after_ten_quiet_minutes_all_is_forgotten),
		WITH_TABLE(a_right_proof_makes_up_for_wrong_ones),
		WITH_TABLE(a_clock_put_back_makes_no_wait_longer),
		WITH_TABLE(some_proofs_are_looked_at_in_each_second),
		WITH_TABLE(the_table_is_bounded),
		WITH_TABLE(of_a_hundred_thousand_guesses_few_are_looked_at),
		WITH_TABLE(many_threads_may_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
