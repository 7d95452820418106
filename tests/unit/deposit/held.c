#include "deposit/held.h"

#include "support/unit.h"

#include "support/deposits.h"

static struct deposits d;

static int set_up(void **state)
{
	(void)state;
	return deposits_open(&d) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	deposits_close(&d);
	return 0;
}

static void test_read(void **state)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	uint8_t id[STORE_ID_BYTES], none[STORE_ID_BYTES] = { 7 };
	struct fault why = { 0 };

	(void)state;
	deposits_make(&d, "b@plain.test c@plain.test", id);
	deposits_move(&d, id, 1, DEPOSIT_SENT);
	assert_int_equal(deposit_held_look(d.site.store, id, &held, &why), RC_OK);
	assert_memory_equal(held->id, id, sizeof id);
	assert_int_equal(held->state, STORE_DEPOSIT_OPEN);
	assert_int_equal(held->made_s, DEPOSITS_NOW);
	assert_int_equal(held->until_s, DEPOSITS_NOW + 14 * DEPOSITS_DAY);
	assert_true(slice_is(held->sender, "a@our.example"));
	assert_int_equal(held->recipient_count, 2);
	assert_true(slice_is(held->recipients[1].address, "c@plain.test"));
	assert_int_equal(held->recipients[1].state, DEPOSIT_SENT);
	assert_int_equal(held->recipients[0].record.len, DEPOSIT_RECIPIENT_BYTES);
	assert_int_equal(deposit_held_ended_s(held), 0);
	deposit_held_free(&held);
	assert_int_equal(deposit_held_look(d.site.store, none, &held, &why), RC_ABSENT);
	assert_null(held);
}

static bool wants(void *arg, const struct store_deposit *deposit)
{
	return deposit->until_s == *(const int64_t *)arg;
}

static void test_find(void **state)
{
	uint8_t ids[4][STORE_ID_BYTES];
	struct buf found = BUF_INIT(100 * STORE_ID_BYTES);
	int64_t until_s = DEPOSITS_NOW + 3 * DEPOSITS_DAY;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		deposits_make_at(&d, "b@plain.test", i == 1 ? 7 : 3, DEPOSITS_NOW, ids[i]);
	assert_int_equal(deposit_held_find(d.site.store, wants, &until_s, 2, &found, NULL), RC_OK);
	assert_int_equal(found.len, 2 * STORE_ID_BYTES);
	assert_memory_equal(found.at, ids[0], STORE_ID_BYTES);
	assert_memory_equal(found.at + STORE_ID_BYTES, ids[2], STORE_ID_BYTES);
	buf_clear(&found);
	assert_int_equal(deposit_held_find(d.site.store, wants, &until_s, 9, &found, NULL), RC_OK);
	assert_int_equal(found.len, 3 * STORE_ID_BYTES);
	buf_free(&found);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(deposit_pickup_name(DEPOSIT_NEW), "new");
	assert_string_equal(deposit_pickup_name(DEPOSIT_ACKNOWLEDGED), "acknowledged");
	assert_string_equal(deposit_pickup_name(DEPOSIT_SENT_ON), "sent on");
	assert_string_equal(deposit_pickup_name(6), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read),
		TEST(test_find),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("deposit/held", tests, NULL, NULL);
}
