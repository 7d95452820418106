#include "store/store.h"

#include "base/cleanup.h"
#include "support/anomaly.h"
#include "support/backend.h"
#include "support/blobs.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

static const uint8_t id[STORE_ID_BYTES] = { 0xab, 1 };
#define NAME "ab010000000000000000000000000000"

static enum rc make(enum store_area area, const uint8_t *which, struct slice text,
		    struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	enum rc rc = store_blob_new(store, area, which, &blob, why);

	if (rc == RC_OK)
		rc = store_blob_write(blob, text, why);
	if (rc == RC_OK)
		rc = store_blob_keep(&blob, why);
	return rc;
}

static char bytes[3 * STORE_SHORT_MAX];

/* Short ones, those at the bound, and long ones, whose names are files. */
static const size_t sizes[] = { 0, 1, STORE_SHORT_MAX, STORE_SHORT_MAX + 1, sizeof bytes };

static void test_roundtrip(void **state)
{
	static char back[sizeof bytes + 1];
	struct fault why = { 0 };
	int fd = -1, other = -1;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 31 >> 3);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		const struct slice whole = { bytes, sizes[i] };

		assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, &why), RC_ABSENT);
		assert_string_equal(why.text, "there is no blob " NAME);
		assert_int_equal(make(STORE_BLOBS, id, whole, &why), RC_OK);
		assert_int_equal(blobs_long(store, STORE_BLOBS), sizes[i] > STORE_SHORT_MAX);
		assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, &why), RC_OK);
		assert_int_equal(read(fd, back, sizeof back), sizes[i]);
		assert_memory_equal(back, bytes, sizes[i]);
		/* By ranges, as the portal sends it. */
		if (sizes[i] > 100) {
			assert_int_equal(pread(fd, back, 100, (off_t)sizes[i] - 100), 100);
			assert_memory_equal(back, bytes + sizes[i] - 100, 100);
		}
		assert_true(write(fd, "x", 1) < 0); /* nor can it be changed */

		/* The other area has its own names; what is there is never replaced. */
		assert_int_equal(store_blob_open(store, STORE_OUTBOX, id, &other, &why), RC_ABSENT);
		assert_int_equal(make(STORE_BLOBS, id, whole, &why), RC_INVALID);
		assert_string_equal(why.text, "blob " NAME " is there already");

		assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, &why), RC_OK);
		assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, &why), RC_OK);
		assert_int_equal(blobs_in(store, STORE_BLOBS), 0);
		assert_int_equal(pread(fd, back, sizeof back, 0),
				 sizes[i]); /* who has it keeps it */
		close(fd);
	}
}

/* Neither kill nor failure shows a sync that was left out: it is counted. */
static void test_a_long_one_is_synced_with_its_name(void **state)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;

	(void)state;
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_write(blob, (struct slice){ bytes, sizeof bytes }, NULL),
			 RC_OK);
	anomaly_steps = 0;
	assert_int_equal(store_blob_finish(blob, NULL), RC_OK);
	assert_int_equal(anomaly_steps, 2);
	anomaly_steps = 0;
	assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, NULL), RC_OK);
	assert_int_equal(anomaly_steps, 1);
}

static void test_long_ones_are_files_of_ours(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(make(STORE_BLOBS, id, (struct slice){ bytes, sizeof bytes }, NULL), RC_OK);
	assert_int_equal(stat(scratch_path(&scratch, "state/blobs/" NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, sizeof bytes);
}

static void test_dropped(void **state)
{
	struct store_blob *blob = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(store_blob_new(store, STORE_OUTBOX, id, &blob, NULL), RC_OK);
		assert_int_equal(store_blob_write(blob, (struct slice){ bytes, sizes[i] }, NULL),
				 RC_OK);
		store_blob_drop(&blob);
		assert_null(blob);
		assert_int_equal(blobs_in(store, STORE_OUTBOX), 0);
	}
}

/* A blob comes with the transaction, and goes with it when that is abandoned. */
static void test_in_a_transaction(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(sizes); i++) {
		const bool keeps = i % 2;
		CLEANUP(store_blob_drop) struct store_blob *blob = NULL;

		assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
		assert_int_equal(
			store_blob_write(blob, (struct slice){ bytes, sizes[i / 2] }, NULL), RC_OK);
		assert_int_equal(store_blob_finish(blob, NULL), RC_OK);
		begin();
		assert_int_equal(store_blob_add(tx, blob, NULL), RC_OK);
		assert_int_equal(store_blob_find(tx, STORE_BLOBS, id, NULL), RC_OK);
		if (keeps) {
			commit();
			store_blob_release(&blob);
		} else {
			store_abandon(&tx);
			store_blob_drop(&blob);
		}
		assert_int_equal(blobs_in(store, STORE_BLOBS), keeps);
		assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, NULL), RC_OK);
	}
}

/* The row's end is the short blob's, in one transaction. */
static void test_goes_with_its_row(void **state)
{
	struct store_deposit deposit = { .id = { 0xab, 1 }, .record = SLICE("") };
	struct store_outbox_row row = { .id = { 0xab, 1 } };

	(void)state;
	begin();
	assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	commit();
	assert_int_equal(make(STORE_BLOBS, id, SLICE("sealed"), NULL), RC_OK);
	assert_int_equal(make(STORE_OUTBOX, id, SLICE("sealed"), NULL), RC_OK);
	deposit.until_s = 7; /* it stays open */
	begin();
	assert_int_equal(store_deposit_set(tx, &deposit, NULL), RC_OK);
	assert_int_equal(store_outbox_remove(tx, row.id, NULL), RC_OK);
	commit();
	assert_int_equal(blobs_in(store, STORE_OUTBOX), 0);
	assert_int_equal(blobs_in(store, STORE_BLOBS), 1);
	deposit.state = STORE_DEPOSIT_REVOKED;
	begin();
	assert_int_equal(store_deposit_set(tx, &deposit, NULL), RC_OK);
	commit();
	assert_int_equal(blobs_in(store, STORE_BLOBS), 0);
	assert_int_equal(make(STORE_BLOBS, id, SLICE("sealed"), NULL), RC_OK);
	begin();
	assert_int_equal(store_deposit_remove(tx, id, NULL), RC_OK);
	commit();
	assert_int_equal(blobs_in(store, STORE_BLOBS), 0);
}

static void test_too_long(void **state)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	struct fault why;

	(void)state;
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_write(blob, (struct slice){ bytes, STORE_BLOB_MAX + 1u }, &why),
			 RC_LIMIT);
	assert_string_equal(why.text, "blob is longer than 1073741824 bytes");
}

static void age(const char *name, int64_t mtime_s)
{
	const struct timespec times[2] = { { .tv_sec = mtime_s }, { .tv_sec = mtime_s } };

	assert_int_equal(utimensat(AT_FDCWD, scratch_path(&scratch, name), times, 0), 0);
}

enum { DAY = 24 * 3600 };

static void test_sweep_of_files(void **state)
{
	const int64_t now_s = time(NULL);
	const struct slice text = { bytes, sizeof bytes };
	const struct store_deposit kept = { .id = { 1 }, .record = SLICE("") };
	const struct store_outbox_row row = { .id = { 2 } };
	const uint8_t old[STORE_ID_BYTES] = { 3 }, young[STORE_ID_BYTES] = { 4 };
	unsigned count = 99;

	(void)state;
	begin();
	assert_int_equal(store_deposit_add(tx, &kept, NULL), RC_OK);
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	commit();
	assert_int_equal(make(STORE_BLOBS, kept.id, text, NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, old, text, NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, young, text, NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, row.id, text, NULL), RC_OK); /* wrong area */
	assert_int_equal(make(STORE_OUTBOX, row.id, text, NULL), RC_OK);
	assert_int_equal(make(STORE_OUTBOX, kept.id, text, NULL), RC_OK);
	fclose(fopen(scratch_path(&scratch, "state/blobs/README"), "w"));
	age("state/blobs/01000000000000000000000000000000", now_s - DAY - 1);
	age("state/blobs/02000000000000000000000000000000", now_s - DAY - 1);
	age("state/blobs/03000000000000000000000000000000", now_s - DAY - 1);
	age("state/blobs/04000000000000000000000000000000", now_s - DAY + 1);
	age("state/blobs/README", now_s - DAY - 1);
	age("state/outbox/02000000000000000000000000000000", now_s - DAY - 1);
	age("state/outbox/01000000000000000000000000000000", now_s - DAY - 1);

	assert_int_equal(store_blob_sweep(store, now_s, &count, NULL), RC_OK);
	assert_int_equal(count, 3);
	assert_int_equal(blobs_in(store, STORE_BLOBS), 3); /* kept, young, README */
	assert_int_equal(blobs_in(store, STORE_OUTBOX), 1);
	begin();
	assert_int_equal(store_blob_find(tx, STORE_BLOBS, kept.id, NULL), RC_OK);
	assert_int_equal(store_blob_find(tx, STORE_OUTBOX, row.id, NULL), RC_OK);
	commit();
}

static void test_sweep_of_short_ones(void **state)
{
	const int64_t now_s = time(NULL);
	const struct store_deposit kept = { .id = { 1 }, .record = SLICE("") };
	const struct store_deposit ended = { .id = { 3 },
					     .state = STORE_DEPOSIT_EXPIRED,
					     .record = SLICE("") };
	const struct store_outbox_row row = { .id = { 2 } };
	unsigned count = 99;

	(void)state;
	begin();
	assert_int_equal(store_deposit_add(tx, &kept, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &ended, NULL), RC_OK);
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	commit();
	assert_int_equal(make(STORE_BLOBS, kept.id, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, ended.id, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, row.id, SLICE("x"), NULL), RC_OK); /* wrong area */
	assert_int_equal(make(STORE_OUTBOX, row.id, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_OUTBOX, kept.id, SLICE("x"), NULL), RC_OK);

	assert_int_equal(store_blob_sweep(store, now_s + DAY - 60, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(store_blob_sweep(store, now_s + DAY + 60, &count, NULL), RC_OK);
	assert_int_equal(count, 3);
	begin();
	assert_int_equal(store_blob_find(tx, STORE_BLOBS, kept.id, NULL), RC_OK);
	assert_int_equal(store_blob_find(tx, STORE_OUTBOX, row.id, NULL), RC_OK);
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_roundtrip),
		TEST(test_a_long_one_is_synced_with_its_name),
		TEST(test_long_ones_are_files_of_ours),
		TEST(test_dropped),
		TEST(test_in_a_transaction),
		TEST(test_goes_with_its_row),
		TEST(test_too_long),
		TEST(test_sweep_of_files),
		TEST(test_sweep_of_short_ones),
	};
	return cmocka_run_group_tests_name("store/blob", tests, NULL, NULL);
}
