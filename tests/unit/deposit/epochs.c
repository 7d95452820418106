#include "deposit/epochs.h"

#include "base/hex.h"
#include "deposit/open.h"
#include "outbox/item.h"
#include "outbox/row.h"
#include "support/unit.h"

#include "support/deposits.h"

#include <unistd.h>

enum { NOW = DEPOSITS_NOW, DAY = DEPOSITS_DAY };

static struct deposits d;
static struct deposit_epochs kept;

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

static void keep(int64_t now_s)
{
	struct fault why = { 0 };

	if (deposit_epochs_keep(d.site.store, d.keys, 30, now_s, &kept, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void expect(uint32_t current, bool made, unsigned destroyed, unsigned lost)
{
	assert_int_equal(kept.current, current);
	assert_int_equal(kept.made, made);
	assert_int_equal(kept.destroyed, destroyed);
	assert_int_equal(kept.lost, lost);
}

/* ---- the code from the notice, as its recipient would have it ---- */

struct row {
	uint8_t id[STORE_ID_BYTES];
	struct buf record;
	enum outbox_kind kind;
};

static bool take_notice(void *arg, const struct store_outbox_row *stored)
{
	struct row *row = arg;
	struct arena *arena = arena_new(1 << 20);
	struct outbox_row decoded;

	assert_int_equal(outbox_row_decode(stored->record, arena, &decoded, NULL), RC_OK);
	if (decoded.mail.kind == OUTBOX_NOTICE) { /* the last one */
		memcpy(row->id, stored->id, sizeof row->id);
		buf_clear(&row->record);
		(void)buf_add_slice(&row->record, stored->record);
	}
	arena_free(arena);
	return true;
}

static void last_code(char code[64])
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct arena *arena = arena_new(1 << 20);
	struct row row = { .record = BUF_INIT(100000) };
	struct outbox_payload *payload = NULL;
	struct outbox_row decoded;
	struct crypto_key key;
	char text[10000];
	size_t len = 0, got = 1;

	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, take_notice, &row, NULL), RC_OK);
	store_abandon(&tx);
	assert_int_equal(outbox_row_decode(buf_slice(&row.record), arena, &decoded, NULL), RC_OK);
	assert_int_equal(outbox_unwrap(d.site.outbox, row.id, decoded.sealed_key, &key, NULL),
			 RC_OK);
	assert_int_equal(outbox_payload_open(d.site.store, row.id, &key, &payload, NULL), RC_OK);
	for (; got; len += got)
		assert_int_equal(
			outbox_payload_read(payload, text + len, sizeof text - 1 - len, &got, NULL),
			RC_OK);
	text[len] = '\0';
	outbox_payload_close(&payload);
	const char *at = strstr(text, "#");
	assert_non_null(at);
	snprintf(code, 64, "%.28s", at + 1);
	arena_free(arena);
	buf_free(&row.record);
}

static enum rc emit(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, bytes);
}

static enum rc open_it(struct store *store, const struct crypto_keys *keys, const uint8_t *id,
		       const char *code, struct fault *why)
{
	const struct deposit_visit visit = { .id = id, .code = slice_of(code) };
	struct buf out = BUF_INIT(10000);
	enum rc rc = deposit_open(store, keys, &visit, NOW, emit, &out, why);

	if (rc == RC_OK)
		assert_non_null(strstr(buf_text(&out), "CANARY-body"));
	buf_free(&out);
	return rc;
}

/* ---- */

static void test_one_after_the_other(void **state)
{
	uint8_t id[STORE_ID_BYTES];

	(void)state;
	keep(NOW);
	expect(1, false, 0, 0);
	keep(NOW + 30 * DAY - 1);
	expect(1, false, 0, 0);
	deposits_make(&d, "b@plain.test", id);
	keep(NOW + 30 * DAY);
	expect(2, true, 0, 0);
	/* The old one stays as long as a deposit needs it. */
	keep(NOW + 50 * DAY);
	expect(2, false, 0, 0);
	const struct deposit_ending ending = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };
	assert_int_equal(deposit_end(&d.life, id, &ending, NOW, NULL), RC_OK);
	keep(NOW + 50 * DAY);
	expect(2, false, 1, 0);
	assert_int_equal(access(scratch_path(&d.scratch, "keys/epoch-1.key"), F_OK), -1);
	/* A restart does not make it younger. */
	deposits_stop(&d);
	assert_true(deposits_start(&d));
	keep(NOW + 60 * DAY - 1);
	expect(2, false, 0, 0);
	keep(NOW + 60 * DAY);
	expect(3, true, 0, 0);
}

/* A message that is being sealed while the epoch changes. */
static void test_grace(void **state)
{
	uint8_t id[STORE_ID_BYTES];
	struct crypto_keys *old = NULL, *fresh = d.keys;
	char code[64];

	(void)state;
	keep(NOW);
	assert_int_equal(crypto_keys_open(scratch_path(&d.scratch, "keys"), &old, NULL), RC_OK);
	keep(NOW + 30 * DAY);
	expect(2, true, 0, 0);
	d.site.keys = old; /* has not seen the new one yet */
	deposits_make_at(&d, "b@plain.test", 14, NOW + 30 * DAY, id);
	d.site.keys = fresh;
	last_code(code);
	keep(NOW + 31 * DAY);
	expect(2, false, 0, 0);
	assert_int_equal(open_it(d.site.store, d.keys, id, code, NULL), RC_OK);
	crypto_keys_free(&old);
}

static void copy_state(const char *to)
{
	char command[300];

	snprintf(command, sizeof command, "cp -a %s/state %s/%s", d.scratch.folder,
		 d.scratch.folder, to);
	assert_int_equal(system(command), 0);
}

/* A backup of the store, with the notice and all other keys, and even with what was backed up
 * of the folder of keys at any later time: it opens nothing once the epoch is gone. */
static void test_a_backup_opens_nothing(void **state)
{
	struct store *backup = NULL;
	uint8_t id[STORE_ID_BYTES];
	struct fault why = { 0 };
	unsigned count;
	char code[64];

	(void)state;
	keep(NOW);
	deposits_make(&d, "b@plain.test", id);
	last_code(code);
	deposits_stop(&d);
	copy_state("backup");
	assert_true(deposits_start(&d));
	assert_int_equal(open_it(d.site.store, d.keys, id, code, NULL), RC_OK);

	assert_int_equal(deposit_expire(&d.life, NOW + 14 * DAY, NULL, NULL, &count, NULL), RC_OK);
	assert_int_equal(open_it(d.site.store, d.keys, id, code, &why), RC_ABSENT);
	/* Until the epoch is over the backup still opens: the manual says so. */
	assert_int_equal(store_open(scratch_path(&d.scratch, "backup"), &backup, NULL), RC_OK);
	assert_int_equal(open_it(backup, d.keys, id, code, NULL), RC_OK);
	keep(NOW + 30 * DAY);
	keep(NOW + 31 * DAY);
	expect(2, false, 1, 0);
	assert_int_equal(open_it(backup, d.keys, id, code, &why), RC_ABSENT);
	assert_string_equal(why.text, "the key of epoch 1 is destroyed");
	store_close(backup);
}

/* The folder of keys was restored from a backup, in which epochs never are. */
static void test_lost(void **state)
{
	uint8_t id[STORE_ID_BYTES], later[STORE_ID_BYTES];
	struct fault why = { 0 };
	char code[64];

	(void)state;
	keep(NOW);
	deposits_make(&d, "b@plain.test", id);
	last_code(code);
	deposits_stop(&d);
	assert_int_equal(unlink(scratch_path(&d.scratch, "keys/epoch-1.key")), 0);
	assert_true(deposits_start(&d)); /* which makes an epoch 1 anew: another */
	keep(NOW + 60);
	expect(2, true, 0, 1);
	assert_int_equal(open_it(d.site.store, d.keys, id, code, &why), RC_INVALID);
	deposits_make(&d, "b@plain.test", later);
	last_code(code);
	assert_int_equal(open_it(d.site.store, d.keys, later, code, NULL), RC_OK);
	keep(NOW + 2 * DAY);
	expect(2, false, 1, 1);
	keep(NOW + 3 * DAY);
	expect(2, false, 0, 1);
	/* The number of a lost epoch is never used again, however often. */
	deposits_stop(&d);
	assert_int_equal(unlink(scratch_path(&d.scratch, "keys/epoch-2.key")), 0);
	assert_true(deposits_start(&d));
	keep(NOW + 3 * DAY);
	expect(3, true, 1, 2);
	assert_int_equal(open_it(d.site.store, d.keys, later, code, &why), RC_ABSENT);
}

static void test_damaged(void **state)
{
	struct store_tx *tx = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_put(tx, "epoch", SLICE("0000000001"), SLICE("soon"), 0, NULL),
			 RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(deposit_epochs_keep(d.site.store, d.keys, 30, NOW, &kept, &why), RC_RETRY);
	assert_string_equal(why.text, "store is damaged: what is known of an epoch");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_after_the_other),
		TEST(test_grace),
		TEST(test_a_backup_opens_nothing),
		TEST(test_lost),
		TEST(test_damaged),
	};
	return cmocka_run_group_tests_name("deposit/epochs", tests, NULL, NULL);
}
