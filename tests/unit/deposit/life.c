#include "deposit/life.h"

#include "base/cleanup.h"
#include "support/scratch.h"
#include "support/unit.h"

static struct scratch scratch;
static struct store *store;

static int set_up(void **state)
{
	(void)state;
	if (!scratch_make(&scratch))
		return -1;
	return store_open(scratch_path(&scratch, "state"), &store, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static void put(uint8_t number, int64_t until_s)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	const struct store_deposit deposit = { .id = { number },
					       .until_s = until_s,
					       .record = SLICE("KEYS-of-it") };
	const struct store_recipient recipients[] = {
		{ .deposit = { number },
		  .number = 0,
		  .address = SLICE("b"),
		  .record = SLICE("KEYS") },
		{ .deposit = { number },
		  .number = 1,
		  .address = SLICE("c"),
		  .record = SLICE("KEYS") },
	};

	assert_int_equal(store_blob_new(store, STORE_BLOBS, deposit.id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_keep(&blob, NULL), RC_OK);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
	assert_int_equal(store_recipient_add(tx, &recipients[0], NULL), RC_OK);
	assert_int_equal(store_recipient_add(tx, &recipients[1], NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static char text[200];

static bool see_deposit(void *arg, const struct store_deposit *d)
{
	(void)arg;
	snprintf(text, sizeof text, "%d:%zu", (int)d->state, d->record.len);
	return true;
}

static bool see_recipient(void *arg, const struct store_recipient *r)
{
	size_t len = strlen(text);

	(void)arg;
	snprintf(text + len, sizeof text - len, " %.*s:%zu", SLICE_ARG(r->address), r->record.len);
	return true;
}

static void assert_is(uint8_t number, const char *expected, bool blob)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	const uint8_t id[STORE_ID_BYTES] = { number };

	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_find(tx, id, see_deposit, NULL, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, id, see_recipient, NULL, NULL), RC_OK);
	assert_string_equal(text, expected);
	assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, NULL),
			 blob ? RC_OK : RC_ABSENT);
}

static void test_expire(void **state)
{
	unsigned count = 9;

	(void)state;
	put(1, 100);
	put(2, 200);
	assert_int_equal(deposit_expire(store, 99, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
	assert_is(1, "0:10 b:4 c:4", true);
	assert_int_equal(deposit_expire(store, 100, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
	assert_is(1, "2:0 b:0 c:0", false);
	assert_is(2, "0:10 b:4 c:4", true);
	assert_int_equal(deposit_expire(store, 100, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
}

static void test_many_expire(void **state)
{
	unsigned count = 0;

	(void)state;
	for (uint8_t i = 1; i <= 130; i++)
		put(i, 5);
	assert_int_equal(deposit_expire(store, 100, &count, NULL), RC_OK);
	assert_int_equal(count, 130);
	assert_is(130, "2:0 b:0 c:0", false);
}

static void test_revoke(void **state)
{
	const uint8_t one[STORE_ID_BYTES] = { 1 }, none[STORE_ID_BYTES] = { 7 };
	struct fault why = { 0 };

	(void)state;
	put(1, 100);
	put(2, 100);
	assert_int_equal(deposit_revoke(store, one, &why), RC_OK);
	assert_is(1, "1:0 b:0 c:0", false);
	assert_is(2, "0:10 b:4 c:4", true);
	assert_int_equal(deposit_revoke(store, one, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit has ended");
	assert_int_equal(deposit_revoke(store, none, &why), RC_ABSENT);
	assert_string_equal(why.text, "there is no such deposit");
}

/* The keys are not in the log either. */
static void test_keys_are_gone(void **state)
{
	static char bytes[1 << 20];
	const char *const files[] = { "state/postern.db", "state/postern.db-wal" };

	(void)state;
	put(1, 100);
	assert_int_equal(deposit_expire(store, 100, NULL, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *f = fopen(scratch_path(&scratch, files[i]), "r");
		assert_non_null(f);
		size_t len = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		assert_null(memmem(bytes, len, "KEYS", 4));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_expire),
		TEST(test_many_expire),
		TEST(test_revoke),
		TEST(test_keys_are_gone),
	};
	return cmocka_run_group_tests_name("deposit/life", tests, NULL, NULL);
}
