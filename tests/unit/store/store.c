#include "store/store.h"

#include "support/backend.h"
#include "support/conformance.h"

#include <sys/stat.h>

static void put(const char *key)
{
	assert_int_equal(
		store_put(tx, "t", (struct slice){ key, strlen(key) }, SLICE("v"), 0, NULL), RC_OK);
}

static bool has(const char *key)
{
	struct buf out = BUF_INIT(10);
	enum rc rc = store_get(tx, "t", (struct slice){ key, strlen(key) }, 0, &out, NULL);

	buf_free(&out);
	assert_true(rc == RC_OK || rc == RC_ABSENT);
	return rc == RC_OK;
}

static void test_files(void **state)
{
	const struct {
		const char *name;
		mode_t mode;
	} files[] = {
		{ "state", 0700 },
		{ "state/blobs", 0700 },
		{ "state/outbox", 0700 },
		{ "state/postern.db", 0600 },
	};
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		assert_int_equal(stat(scratch_path(&scratch, files[i].name), &st), 0);
		assert_int_equal(st.st_mode & 07777, files[i].mode);
	}
}

static void test_commit_and_abandon(void **state)
{
	(void)state;
	begin();
	put("kept");
	commit();
	begin();
	put("lost");
	assert_true(has("lost"));
	store_abandon(&tx);
	assert_null(tx);
	store_abandon(&tx);
	begin();
	assert_true(has("kept"));
	assert_false(has("lost"));
	commit();

	/* Also after it was closed and opened again. */
	store_close(store);
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	begin();
	assert_true(has("kept"));
	assert_false(has("lost"));
	commit();
}

static void test_visitor(void **state)
{
	struct store *other = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(store_open_existing(scratch_path(&scratch, "nowhere"), &other, &why),
			 RC_ABSENT);
	assert_int_not_equal(access(scratch.path, F_OK), 0);
	assert_int_equal(store_open_existing(scratch_path(&scratch, "state"), &other, &why), RC_OK);
	store_close(other);
	store_close(NULL);
}

static void test_root_makes_it_for_the_owner(void **state)
{
	const char *const names[] = { "theirs/postern.db", "theirs/postern.db-wal",
				      "theirs/postern.db-shm", "theirs/blobs", "theirs/outbox" };
	struct store *other = NULL;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(scratch_path(&scratch, "theirs"), 0700), 0);
	assert_int_equal(chown(scratch.path, 1234, 1235), 0);
	assert_int_equal(store_open(scratch.path, &other, NULL), RC_OK);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(stat(scratch_path(&scratch, names[i]), &st), 0);
		assert_int_equal(st.st_uid, 1234);
		assert_int_equal(st.st_gid, 1235);
	}
	store_close(other);
}

static void test_not_ours(void **state)
{
	struct store *other = NULL;
	struct fault why = { 0 };
	FILE *f;

	(void)state;
	assert_int_equal(mkdir(scratch_path(&scratch, "foreign"), 0700), 0);
	f = fopen(scratch_path(&scratch, "foreign/postern.db"), "w");
	fprintf(f, "this is no database, however long one makes it; %0600d", 7);
	fclose(f);
	assert_int_equal(store_open(scratch_path(&scratch, "foreign"), &other, &why), RC_RETRY);
	assert_string_equal(why.text, "store is damaged: file is not a database");
	assert_null(other);
	assert_int_equal(store_open(scratch_path(&scratch, "foreign/postern.db"), &other, &why),
			 RC_INVALID);
}

/* What is deleted is in no file any more, the log included. */
static void assert_nowhere(const char *canary)
{
	const char *const files[] = { "state/postern.db", "state/postern.db-wal" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		static char bytes[1 << 20];
		FILE *f = fopen(scratch_path(&scratch, files[i]), "r");
		size_t len = f ? fread(bytes, 1, sizeof bytes, f) : 0;
		if (f)
			fclose(f);
		if (memmem(bytes, len, canary, strlen(canary)))
			fail_msg("%s is in %s", canary, files[i]);
	}
}

static void test_deleted_is_overwritten(void **state)
{
	struct store_outbox_row row = { .id = { 1 },
					.record = SLICE("CANARY-one-"
							"of-the-outbox") };
	struct store_deposit deposit = { .id = { 1 },
					 .record = SLICE("CANARY-of-a-"
							 "deposit") };

	(void)state;
	begin();
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
	commit();
	row.record = SLICE("other");
	deposit.record = SLICE("other");
	begin();
	assert_int_equal(store_outbox_set(tx, &row, NULL), RC_OK);
	assert_int_equal(store_deposit_set(tx, &deposit, NULL), RC_OK);
	commit();
	assert_nowhere("CANARY");
	begin();
	assert_int_equal(store_outbox_remove(tx, row.id, NULL), RC_OK);
	assert_int_equal(store_deposit_remove(tx, deposit.id, NULL), RC_OK);
	commit();
	assert_nowhere("other");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_files),    TEST(test_commit_and_abandon),
		TEST(test_visitor),  TEST(test_root_makes_it_for_the_owner),
		TEST(test_not_ours), TEST(test_deleted_is_overwritten),
	};
	int failed = cmocka_run_group_tests_name("store/store", tests, NULL, NULL);
	return failed + conformance_run();
}
