#include "pickup/progress.h"

#include "support/pickup_site.h"
#include "support/unit.h"

static const uint8_t id[STORE_ID_BYTES] = { 1, 2, 3 };

static void what_is_counted_is_kept(void **state)
{
	struct site *site = *state;
	struct pickup_progress in = {
		.wrong = 4,
		.wrong_s = 5,
		.code = { 6 },
		.code_until_s = 7,
		.code_tries = 2,
		.code_total = 9,
		.codes = { 10, 3 },
		.client_count = 2,
		.clients = { { 11 }, { 12 } },
		.last = { 13, "192.0.2.7", "Firefox on Windows", true },
		.replies = { 14, 1 },
		.unsaid_s = 15,
	};
	struct pickup_progress out;
	static const struct pickup_progress none;
	struct store_tx *tx;

	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	memset(&out, 0xff, sizeof out);
	assert_int_equal(pickup_progress_get(tx, id, 1, &out, NULL), RC_OK);
	assert_memory_equal(&out, &none, sizeof out);
	assert_int_equal(pickup_progress_put(tx, id, 1, &in, SITE_NOW, NULL), RC_OK);
	assert_int_equal(pickup_progress_get(tx, id, 1, &out, NULL), RC_OK);
	assert_memory_equal(&out, &in, sizeof in);
	assert_int_equal(pickup_progress_get(tx, id, 2, &out, NULL), RC_OK);
	assert_memory_equal(&out, &none, sizeof out);
	store_abandon(&tx);
}

static void a_damaged_record_is_a_failure_of_ours(void **state)
{
	struct site *site = *state;
	struct pickup_progress out;
	struct store_tx *tx;
	struct fault why;

	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_put(tx, "pickup",
				   (struct slice){ "\1\2\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 20 },
				   SLICE("x"), 0, NULL),
			 RC_OK);
	assert_int_equal(pickup_progress_get(tx, id, 1, &out, &why), RC_RETRY);
	assert_string_equal(why.text, "store is damaged: a pickup's record");
	store_abandon(&tx);
}

static void the_wait_after_wrong_factors(void **state)
{
	(void)state;
	static const unsigned waits[] = { 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300 };
	struct pickup_progress g = { .wrong = 0 };

	for (size_t i = 0; i < COUNT(waits); i++) {
		pickup_progress_wrong(&g, SITE_NOW);
		assert_int_equal(pickup_progress_wait(&g, SITE_NOW), waits[i]);
		assert_int_equal(pickup_progress_wait(&g, SITE_NOW + waits[i]), 0);
		/* A clock that was put back: no longer than it was. */
		assert_int_equal(pickup_progress_wait(&g, SITE_NOW - 10000), waits[i]);
	}
	g.wrong = UINT32_MAX;
	pickup_progress_wrong(&g, SITE_NOW);
	assert_int_equal(pickup_progress_wait(&g, SITE_NOW), 300);
	pickup_progress_wrong(&g, SITE_NOW + PICKUP_WRONG_FORGET_S);
	assert_int_equal(g.wrong, 1);
}

static void an_hour_begins_with_its_first(void **state)
{
	(void)state;
	struct pickup_hour hour = { 0 };
	uint32_t wait_s = 0;

	assert_true(pickup_hour_take(&hour, 2, SITE_NOW, &wait_s));
	assert_true(pickup_hour_take(&hour, 2, SITE_NOW + 3000, &wait_s));
	assert_false(pickup_hour_take(&hour, 2, SITE_NOW + 3500, &wait_s));
	assert_int_equal(wait_s, 100);
	assert_true(pickup_hour_take(&hour, 2, SITE_NOW + 3600, &wait_s));
	assert_true(
		pickup_hour_take(&hour, 2, SITE_NOW - 10000, &wait_s)); /* the clock was put back */
}

static bool count_one(void *arg, const uint8_t found[STORE_ID_BYTES], uint32_t number)
{
	assert_memory_equal(found, id, sizeof id);
	*(uint32_t *)arg += number;
	return true;
}

static void what_is_unsaid_is_found(void **state)
{
	struct site *site = *state;
	struct pickup_progress g = { .wrong = 0 };
	struct store_tx *tx;
	uint32_t sum = 0;

	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(pickup_progress_put(tx, id, 1, &g, SITE_NOW, NULL), RC_OK);
	g.unsaid_s = SITE_NOW;
	assert_int_equal(pickup_progress_put(tx, id, 20, &g, SITE_NOW, NULL), RC_OK);
	g.unsaid_s = SITE_NOW - PICKUP_UNSAID_S;
	assert_int_equal(pickup_progress_put(tx, id, 300, &g, SITE_NOW, NULL), RC_OK);
	g.unsaid_s = 1;
	assert_int_equal(pickup_progress_put(tx, id, 4000, &g, SITE_NOW, NULL), RC_OK);
	assert_int_equal(pickup_progress_unsaid(tx, SITE_NOW, count_one, &sum, NULL), RC_OK);
	assert_int_equal(sum, 4300);
	store_abandon(&tx);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(what_is_counted_is_kept),
		AT_SITE(a_damaged_record_is_a_failure_of_ours),
		cmocka_unit_test(the_wait_after_wrong_factors),
		cmocka_unit_test(an_hour_begins_with_its_first),
		AT_SITE(what_is_unsaid_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
