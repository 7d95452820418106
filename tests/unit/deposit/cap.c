#include "deposit/cap.h"

#include "support/scratch.h"
#include "support/unit.h"

static struct scratch scratch;
static struct store *store;
static struct store_tx *tx;

static int set_up(void **state)
{
	(void)state;
	if (!scratch_make(&scratch) ||
	    store_open(scratch_path(&scratch, "state"), &store, NULL) != RC_OK)
		return -1;
	return store_begin(store, &tx, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	store_abandon(&tx);
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static enum rc take(const char *sender, int64_t now_s, bool count)
{
	struct fault why = { 0 };
	enum rc rc = deposit_cap_take(tx, (struct slice){ sender, strlen(sender) }, 2, now_s, count,
				      &why);

	if (rc == RC_LIMIT)
		assert_string_equal(why.text, "sender has made 2 deposits within an hour");
	return rc;
}

static void test_cap(void **state)
{
	(void)state;
	assert_int_equal(take("a@our.example", 1000, true), RC_OK);
	assert_int_equal(take("a@our.example", 1001, false), RC_OK);
	assert_int_equal(take("a@our.example", 1001, false), RC_OK);
	assert_int_equal(take("a@our.example", 1002, true), RC_OK);
	assert_int_equal(take("a@our.example", 1003, true), RC_LIMIT);
	assert_int_equal(take("a@our.example", 1003, false), RC_LIMIT);
	assert_int_equal(take("b@our.example", 1003, true), RC_OK);
	/* The hour began with the first and is over: a new one begins. */
	assert_int_equal(take("a@our.example", 4599, true), RC_LIMIT);
	assert_int_equal(take("a@our.example", 4600, true), RC_OK);
	assert_int_equal(take("a@our.example", 8199, true), RC_OK);
	assert_int_equal(take("a@our.example", 8199, true), RC_LIMIT);
	for (int i = 0; i < 9; i++)
		assert_int_equal(deposit_cap_take(tx, SLICE("c"), 0, 0, true, NULL), RC_OK);
}

static void test_damaged(void **state)
{
	const struct slice damaged[] = { SLICE(""),        SLICE("x"),
					 SLICE("1"),       SLICE("-1 5000"),
					 SLICE("1 5000 "), SLICE("1 99999999999999999999") };

	(void)state;
	for (size_t i = 0; i < COUNT(damaged); i++) {
		assert_int_equal(
			store_put(tx, "deposits-per-hour", SLICE("a"), damaged[i], 0, NULL), RC_OK);
		assert_int_equal(take("a", 1000, true), RC_RETRY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("deposit/cap", tests, NULL, NULL);
}
