#include "store/store.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "support/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct scratch scratch;
static struct store *store;
static struct store_tx *tx;

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
	store_abandon(&tx);
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static void begin(void)
{
	struct fault why = { 0 };

	if (store_begin(store, &tx, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void commit(void)
{
	struct fault why = { 0 };

	if (store_commit(&tx, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_null(tx);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const uint8_t id[STORE_ID_BYTES] = { 0xab, 1 };
#define NAME "ab010000000000000000000000000000"

static enum rc make(enum store_area area, const uint8_t *which, struct slice bytes,
		    struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	enum rc rc = store_blob_new(store, area, which, &blob, why);

	if (rc == RC_OK)
		rc = store_blob_write(blob, bytes, why);
	if (rc == RC_OK)
		rc = store_blob_keep(&blob, why);
	return rc;
}

static unsigned files_in(const char *area)
{
	DIR *dir = opendir(scratch_path(&scratch, area));
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void test_roundtrip(void **state)
{
	struct fault why = { 0 };
	char back[10];
	struct stat st;
	int fd = -1;

	(void)state;
	assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, &why), RC_ABSENT);
	assert_string_equal(why.text, "there is no blob " NAME);
	assert_int_equal(make(STORE_BLOBS, id, SLICE("sealed"), &why), RC_OK);
	assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, &why), RC_OK);
	assert_int_equal(read(fd, back, sizeof back), 6);
	assert_memory_equal(back, "sealed", 6);
	close(fd);
	assert_int_equal(stat(scratch_path(&scratch, "state/blobs/" NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);

	/* The other area has its own names. */
	assert_int_equal(store_blob_open(store, STORE_OUTBOX, id, &fd, &why), RC_ABSENT);
	/* What is there is never replaced. */
	assert_int_equal(make(STORE_BLOBS, id, SLICE("other"), &why), RC_INVALID);
	assert_string_equal(why.text, "blob " NAME " is there already");
	assert_int_equal(files_in("state/blobs"), 1);

	assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, &why), RC_OK);
	assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, &why), RC_OK);
	assert_int_equal(files_in("state/blobs"), 0);
}

static void test_dropped(void **state)
{
	struct store_blob *blob = NULL, *second = NULL;

	(void)state;
	assert_int_equal(store_blob_new(store, STORE_OUTBOX, id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_new(store, STORE_OUTBOX, id, &second, NULL), RC_INVALID);
	assert_int_equal(store_blob_write(blob, SLICE("half"), NULL), RC_OK);
	store_blob_drop(&blob);
	assert_null(blob);
	assert_int_equal(files_in("state/outbox"), 0);
}

static void age(const char *name, int64_t mtime_s)
{
	const struct timespec times[2] = { { .tv_sec = mtime_s }, { .tv_sec = mtime_s } };

	assert_int_equal(utimensat(AT_FDCWD, scratch_path(&scratch, name), times, 0), 0);
}

static void test_sweep(void **state)
{
	enum { NOW = 1800000000, DAY = 24 * 3600 };
	const struct store_deposit kept = { .id = { 1 }, .record = SLICE("") };
	const struct store_outbox_row row = { .id = { 2 } };
	const uint8_t old[STORE_ID_BYTES] = { 3 }, young[STORE_ID_BYTES] = { 4 };
	unsigned count = 99;
	FILE *f;

	(void)state;
	begin();
	assert_int_equal(store_deposit_add(tx, &kept, NULL), RC_OK);
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	commit();
	assert_int_equal(make(STORE_BLOBS, kept.id, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, old, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, young, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_BLOBS, row.id, SLICE("x"), NULL), RC_OK); /* wrong area */
	assert_int_equal(make(STORE_OUTBOX, row.id, SLICE("x"), NULL), RC_OK);
	assert_int_equal(make(STORE_OUTBOX, kept.id, SLICE("x"), NULL), RC_OK);
	f = fopen(scratch_path(&scratch, "state/blobs/" NAME ".new"), "w");
	fclose(f);
	f = fopen(scratch_path(&scratch, "state/blobs/README"), "w");
	fclose(f);
	age("state/blobs/01000000000000000000000000000000", NOW - DAY - 1);
	age("state/blobs/02000000000000000000000000000000", NOW - DAY - 1);
	age("state/blobs/03000000000000000000000000000000", NOW - DAY - 1);
	age("state/blobs/04000000000000000000000000000000", NOW - DAY + 1);
	age("state/blobs/" NAME ".new", NOW - DAY - 1);
	age("state/blobs/README", NOW - DAY - 1);
	age("state/outbox/02000000000000000000000000000000", NOW - DAY - 1);
	age("state/outbox/01000000000000000000000000000000", NOW - DAY - 1);

	assert_int_equal(store_blob_sweep(store, NOW, &count, NULL), RC_OK);
	assert_int_equal(count, 4);
	assert_int_equal(files_in("state/blobs"), 3); /* kept, young, README */
	assert_int_equal(files_in("state/outbox"), 1);
	int fd = -1;
	assert_int_equal(store_blob_open(store, STORE_BLOBS, kept.id, &fd, NULL), RC_OK);
	close(fd);
	assert_int_equal(store_blob_open(store, STORE_OUTBOX, row.id, &fd, NULL), RC_OK);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_roundtrip),
		TEST(test_dropped),
		TEST(test_sweep),
	};
	return cmocka_run_group_tests_name("store/blob", tests, NULL, NULL);
}
