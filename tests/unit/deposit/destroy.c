#include "deposit/destroy.h"

#include "deposit/open.h"
#include "deposit/share.h"
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

static bool copy_record(void *arg, const struct store_recipient *recipient)
{
	struct deposit_recipient_record *out = arg;
	bool ended;

	assert_int_equal(deposit_recipient_decode_any(recipient->record, out, &ended, NULL), RC_OK);
	return false;
}

static struct deposit_recipient_record record_of(const uint8_t *id)
{
	struct deposit_recipient_record record;
	struct store_tx *tx = NULL;

	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, id, copy_record, &record, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	return record;
}

static bool has(const char *bucket, const void *key, size_t len)
{
	struct store_tx *tx = NULL;
	struct buf value = BUF_INIT(10000);

	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	enum rc rc = store_get(tx, bucket, (struct slice){ key, len }, 0, &value, NULL);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	buf_free(&value);
	assert_true(rc == RC_OK || rc == RC_ABSENT);
	return rc == RC_OK;
}

static void put(const char *bucket, const void *key, size_t len)
{
	struct store_tx *tx = NULL;

	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_put(tx, bucket, (struct slice){ key, len }, SLICE("share"), 0, NULL),
			 RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static enum rc end_it(const uint8_t *id, enum store_deposit_state how, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(deposit_ended_forget) struct deposit_ended ended = { 0 };
	enum rc rc = store_begin(d.site.store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_end_rows(tx, id, how, DEPOSITS_NOW + 5, &ended, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	return rc == RC_OK ? deposit_ended_clear(d.site.store, &ended, why) : rc;
}

static void test_end(void **state)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	uint8_t id[STORE_ID_BYTES], other[STORE_ID_BYTES], key[STORE_ID_BYTES + 2] = { 0 };
	struct deposit_ended_record end;
	struct fault why = { 0 };

	(void)state;
	deposits_make(&d, "b@plain.test c@plain.test", id);
	deposits_make(&d, "b@plain.test", other);
	memcpy(key, id, sizeof id);
	put("escrow", key, sizeof key);
	put("upgrade", key, sizeof id);
	put("upgrade", other, sizeof other);
	struct deposit_recipient_record before = record_of(id);
	assert_int_equal(deposits_outbox(&d), 3 + 2);

	assert_int_equal(end_it(id, STORE_DEPOSIT_SENT_ON, &why), RC_OK);
	assert_int_equal(deposits_outbox(&d), 2);
	assert_false(has("escrow", key, sizeof key));
	assert_false(has("upgrade", id, sizeof id));
	assert_false(has("mail", id, sizeof id));
	assert_true(has("upgrade", other, sizeof other));
	assert_true(has("mail", other, sizeof other));
	assert_true(has("facts", id, sizeof id));
	assert_int_equal(store_blob_open(d.site.store, STORE_BLOBS, id, &fd, NULL), RC_ABSENT);

	/* Who holds the link is still known: the link verifier and the locator. */
	struct deposit_recipient_record after = record_of(id);
	assert_memory_equal(after.link_verifier, before.link_verifier, CRYPTO_HASH_BYTES);
	assert_true(has("locate", after.locator, sizeof after.locator));
	assert_int_equal(after.wrapped_dek[0] | after.wrapped_server[0] | after.rounds, 0);

	assert_int_equal(deposit_held_look(d.site.store, id, &held, NULL), RC_OK);
	assert_int_equal(held->state, STORE_DEPOSIT_SENT_ON);
	assert_int_equal(deposit_held_ended_s(held), DEPOSITS_NOW + 5);
	assert_int_equal(deposit_ended_decode(held->record, &end, NULL), RC_OK);
	assert_int_equal(end_it(id, STORE_DEPOSIT_REVOKED, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit has ended");
}

/* What cannot be read is destroyed all the same. */
static void test_damaged(void **state)
{
	uint8_t id[STORE_ID_BYTES];
	struct store_recipient row = { .record = SLICE("KEYS of another form") };
	struct store_tx *tx = NULL;
	struct fault why = { 0 };

	(void)state;
	deposits_make(&d, "b@plain.test", id);
	memcpy(row.deposit, id, sizeof id);
	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipient_set(tx, &row, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(end_it(id, STORE_DEPOSIT_REVOKED, &why), RC_OK);
	struct deposit_recipient_record after = record_of(id);
	assert_int_equal(after.link_verifier[0] | after.link_verifier[31], 0);
}

static void test_purge(void **state)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	uint8_t id[STORE_ID_BYTES];
	struct store_tx *tx = NULL;

	(void)state;
	deposits_make(&d, "b@plain.test", id);
	assert_int_equal(end_it(id, STORE_DEPOSIT_REVOKED, NULL), RC_OK);
	struct deposit_recipient_record record = record_of(id);
	assert_int_equal(deposit_held_look(d.site.store, id, &held, NULL), RC_OK);
	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_purge_rows(tx, held, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_false(has("locate", record.locator, sizeof record.locator));
	assert_false(has("facts", id, sizeof id));
	deposit_held_free(&held);
	assert_int_equal(deposit_held_look(d.site.store, id, &held, NULL), RC_ABSENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_end),
		TEST(test_damaged),
		TEST(test_purge),
	};
	return cmocka_run_group_tests_name("deposit/destroy", tests, NULL, NULL);
}
