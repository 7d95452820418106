#include "deposit/time.h"

#include "base/cleanup.h"
#include "support/scratch.h"
#include "support/unit.h"

enum { NOW = 1795305600, HOUR = 3600, DAY = 86400 };

/* Each step: how much each clock has moved since the one before. */
struct step {
	int64_t wall, boot;
	bool restarted; /* the machine */
	int64_t now;    /* expected: how much the time of deposits has moved since the start */
	bool doubt;
};

static const struct {
	const char *name;
	struct step steps[8];
} stories[] = {
	{ "an ordinary day",
	  { { 600, 600, false, 600, false }, { DAY, DAY, false, DAY + 600, false } } },
	{ "a little off",
	  { { HOUR, 600, false, HOUR, false }, { 600, 600, false, HOUR + 600, false } } },
	{ "a year ahead, put right at noon",
	  { { 600, 600, false, 600, false },
	    { 365 * DAY, 600, false, 1200, true },
	    { 6 * HOUR, 6 * HOUR, false, 1200 + 6 * HOUR, true },
	    { -365 * DAY, 600, false, 600 + 6 * HOUR, false } } },
	{ "a year ahead, and nobody looks for a day",
	  { { 365 * DAY, 600, false, 600, true },
	    { 12 * HOUR, 12 * HOUR, false, 600 + 12 * HOUR, true },
	    { 12 * HOUR - 1, 12 * HOUR - 1, false, 600 + DAY - 1, true },
	    { 1, 1, false, 365 * DAY + DAY, false } } },
	{ "jumping again begins the doubt again",
	  { { 30 * DAY, 600, false, 600, true },
	    { 20 * HOUR, 20 * HOUR, false, 600 + 20 * HOUR, true },
	    { 30 * DAY, 600, false, 1200 + 20 * HOUR, true },
	    { 20 * HOUR, 20 * HOUR, false, 1200 + 40 * HOUR, true } } },
	{ "back in time, and forth again",
	  { { -10 * DAY, 600, false, -10 * DAY, false },
	    { 600, 600, false, -10 * DAY + 600, false },
	    { 10 * DAY, 600, false, -10 * DAY + 1200, true } } },
	{ "off for half an hour", { { 30 * 60, 20, true, 30 * 60, false } } },
	{ "off for a week: time for somebody to look",
	  { { 7 * DAY, 20, true, 0, true },
	    { 12 * HOUR, 12 * HOUR, false, 12 * HOUR, true },
	    { 12 * HOUR, 12 * HOUR, false, 8 * DAY, false } } },
	{ "asleep for a week is no doubt", { { 7 * DAY, 7 * DAY, false, 7 * DAY, false } } },
};

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		struct deposit_clocks clocks = { NOW, 5000, "boot-0" };
		struct deposit_time time = deposit_time_judge(NULL, &clocks);

		print_message("   %s\n", stories[i].name);
		assert_int_equal(time.now_s, NOW);
		assert_false(time.doubt);
		for (const struct step *s = stories[i].steps; s->wall; s++) {
			clocks.wall_s += s->wall;
			clocks.boot_s = s->restarted ? s->boot : clocks.boot_s + s->boot;
			clocks.boot_id[5] = (char)(clocks.boot_id[5] + s->restarted);
			time = deposit_time_judge(&time, &clocks);
			assert_int_equal(time.now_s - NOW, s->now);
			assert_int_equal(time.doubt, s->doubt);
		}
	}
}

/* The same through a store, which outlives the process. */
static void test_store(void **state)
{
	struct scratch scratch;
	struct store *store = NULL;
	struct deposit_clocks clocks = { NOW, 5000, "0f9c-boot" };
	struct deposit_time time;
	struct fault why = { 0 };

	(void)state;
	assert_true(scratch_make(&scratch));
	for (unsigned i = 0; i < COUNT(stories); i++) {
		struct store_tx *tx = NULL;
		assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
		assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
		assert_int_equal(store_delete(tx, "clock", SLICE("deposits"), NULL), RC_OK);
		assert_int_equal(store_commit(&tx, NULL), RC_OK);
		clocks = (struct deposit_clocks){ NOW, 5000, "0f9c-boot" };
		assert_int_equal(deposit_time_now(store, &clocks, &time, &why), RC_OK);
		for (const struct step *s = stories[i].steps; s->wall; s++) {
			store_close(store);
			assert_int_equal(store_open(scratch.path, &store, NULL), RC_OK);
			clocks.wall_s += s->wall;
			clocks.boot_s = s->restarted ? s->boot : clocks.boot_s + s->boot;
			clocks.boot_id[0] = (char)(clocks.boot_id[0] + s->restarted);
			assert_int_equal(deposit_time_now(store, &clocks, &time, &why), RC_OK);
			assert_int_equal(time.now_s - NOW, s->now);
			assert_int_equal(time.doubt, s->doubt);
		}
		store_close(store);
	}
	scratch_remove(&scratch);
}

static void test_accept(void **state)
{
	struct scratch scratch;
	struct store *store = NULL;
	struct deposit_clocks clocks = { NOW, 5000, "" };
	struct deposit_time time;
	struct store_tx *tx = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_true(scratch_make(&scratch));
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	assert_int_equal(deposit_time_now(store, &clocks, &time, NULL), RC_OK);
	clocks.wall_s += 7 * DAY;
	assert_int_equal(deposit_time_now(store, &clocks, &time, NULL), RC_OK);
	assert_true(time.doubt);
	assert_int_equal(deposit_time_accept(store, &clocks, NULL), RC_OK);
	assert_int_equal(deposit_time_now(store, &clocks, &time, NULL), RC_OK);
	assert_false(time.doubt);
	assert_int_equal(time.now_s, NOW + 7 * DAY);
	/* A damaged memory is no reason to trust the clock. */
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_put(tx, "clock", SLICE("deposits"), SLICE("1 2 3"), 0, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(deposit_time_now(store, &clocks, &time, &why), RC_INVALID);
	assert_string_equal(why.text, "store is damaged: the time of deposits");
	store_close(store);
	scratch_remove(&scratch);
}

static void test_clocks(void **state)
{
	struct deposit_clocks a, b;

	(void)state;
	deposit_clocks_read(&a);
	deposit_clocks_read(&b);
	assert_true(a.wall_s > NOW - 100 * DAY && a.boot_s > 0 && b.boot_s >= a.boot_s);
	assert_string_equal(a.boot_id, b.boot_id);
	assert_true(strlen(a.boot_id) < sizeof a.boot_id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_clocks),
	};
	return cmocka_run_group_tests_name("deposit/time", tests, NULL, NULL);
}
