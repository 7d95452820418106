#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "support/scratch.h"

#include "base/cleanup.h"
#include "support/anomaly.h"

#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>

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

/* Others wait, in this process and in another one. */
static void *second(void *arg)
{
	struct store_tx *mine = NULL;

	if (store_begin(store, &mine, NULL) != RC_OK ||
	    store_put(mine, "t", SLICE("second"), SLICE(""), 0, NULL) != RC_OK ||
	    store_commit(&mine, NULL) != RC_OK)
		return arg;
	return NULL;
}

static void test_threads_wait(void **state)
{
	pthread_t thread;
	void *failed = NULL;

	(void)state;
	begin();
	assert_int_equal(pthread_create(&thread, NULL, second, &scratch), 0);
	usleep(20000);
	put("first");
	assert_false(has("second"));
	commit();
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	begin();
	assert_true(has("first"));
	assert_true(has("second"));
	commit();
}

static void test_two_connections(void **state)
{
	struct store *other = NULL;
	struct store_tx *theirs = NULL;
	struct buf out = BUF_INIT(10);

	(void)state;
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &other, NULL), RC_OK);
	begin();
	put("mine");
	commit();
	assert_int_equal(store_begin(other, &theirs, NULL), RC_OK);
	assert_int_equal(store_get(theirs, "t", SLICE("mine"), 0, &out, NULL), RC_OK);
	assert_int_equal(store_commit(&theirs, NULL), RC_OK);
	store_close(other);
	buf_free(&out);
}

/* One transaction of each kind of thing that there is. */
static enum rc work(struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *mine = NULL;
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	const struct store_deposit deposit = { .id = { 1 }, .record = SLICE("record") };
	const struct store_outbox_row row = { .id = { 2 }, .record = SLICE("record") };
	enum rc rc = store_blob_new(store, STORE_BLOBS, deposit.id, &blob, why);

	if (rc == RC_OK)
		rc = store_blob_write(blob, SLICE("sealed"), why);
	if (rc == RC_OK)
		rc = store_blob_keep(&blob, why);
	if (rc == RC_OK)
		rc = store_begin(store, &mine, why);
	if (rc == RC_OK)
		rc = store_deposit_add(mine, &deposit, why);
	if (rc == RC_OK)
		rc = store_outbox_add(mine, &row, why);
	if (rc == RC_OK)
		rc = store_put(mine, "t", SLICE("work"), SLICE("v"), 0, why);
	return rc == RC_OK ? store_commit(&mine, why) : rc;
}

static bool count_deposit(void *arg, const struct store_deposit *deposit)
{
	(void)deposit;
	++*(int *)arg;
	return true;
}

static bool count_row(void *arg, const struct store_outbox_row *row)
{
	(void)row;
	++*(int *)arg;
	return true;
}

/* How much of work() is there: 0, 3, or something between, which must never be. */
static int parts(void)
{
	int count = 0, fd = -1;

	begin();
	assert_int_equal(store_deposit_each(tx, count_deposit, &count, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, count_row, &count, NULL), RC_OK);
	count += has("work");
	commit();
	if (count == 3) { /* then its blob is there too */
		assert_int_equal(store_blob_open(store, STORE_BLOBS, (uint8_t[16]){ 1 }, &fd, NULL),
				 RC_OK);
		close(fd);
	}
	return count;
}

static int steps_of_work(void)
{
	struct fault why = { 0 };

	anomaly_steps = 0;
	if (work(&why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(parts(), 3);
	return anomaly_steps;
}

static void start_afresh(void **state)
{
	tear_down(state);
	assert_int_equal(set_up(state), 0);
}

/* work() in a process of its own that fails at step n, or with error 0 is killed there.
 * Its exit status: 0 granted, 1 refused. *struck: there was a step n. */
static int work_of_child(int n, int error, bool *struck)
{
	int status;

	store_close(store); /* a database is not carried over a fork */
	pid_t child = fork();
	if (child == 0) {
		if (store_open(scratch_path(&scratch, "state"), &store, NULL) != RC_OK)
			_exit(3);
		anomaly_errno = error;
		anomaly_steps = 0;
		anomaly_at = n;
		int refused = work(NULL) != RC_OK;
		_exit(anomaly_steps < n ? 2 : refused);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 3);
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	*struck = WEXITSTATUS(status) != 2;
	return *struck ? WEXITSTATUS(status) : 0;
}

static void test_killed_at_each_step(void **state)
{
	int none = 0, all = 0;
	bool struck = true;

	for (int n = 1; struck; n++) {
		start_afresh(state);
		int status = work_of_child(n, 0, &struck), there = parts();
		assert_int_equal(status, struck ? ANOMALY_EXIT : 0);
		assert_true(there == 3 || (struck && there == 0));
		*(there ? &all : &none) += 1;
	}
	print_message("   %d times nothing, %d times all\n", none, all);
	assert_true(none > 10 && all > 1);
}

/* A step fails, the process says so and is killed: what it did not grant must not come back
 * from the log when the store is opened again. */
static void test_fails_and_is_killed(void **state)
{
	int refused = 0;
	bool struck = true;

	for (int n = 1; struck; n++) {
		start_afresh(state);
		int status = work_of_child(n, EIO, &struck), there = parts();
		if (there != (status == 0 ? 3 : 0))
			fail_msg("step %d: %d parts are there", n, there);
		refused += status;
	}
	assert_true(refused > 10);
}

static const struct {
	int error;
	const char *words;
} errors[] = {
	{ ENOSPC, "store is full: " },
	{ EDQUOT, "store is full: " },
	{ EIO, "store failed: " },
};

static void test_each_step_fails(void **state)
{
	int steps = steps_of_work();

	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		for (int n = 1; n <= steps; n++) {
			struct fault why = { 0 };

			start_afresh(state);
			anomaly_errno = errors[i].error;
			anomaly_steps = 0;
			anomaly_at = n;
			enum rc rc = work(&why);
			anomaly_at = 0;
			anomaly_errno = 0;
			/* What was not granted is not there, and what was is. */
			assert_int_equal(parts(), rc == RC_OK ? 3 : 0);
			if (rc == RC_OK)
				continue;
			assert_int_equal(rc, RC_RETRY);
			if (strncmp(why.text, errors[i].words, strlen(errors[i].words)) != 0)
				fail_msg("step %d: %s", n, why.text);
			/* The store goes on when there is room again: a retry works, but for the
			 * blob's name, which a retry does not use again. */
			assert_int_equal(
				store_blob_remove(store, STORE_BLOBS, (uint8_t[16]){ 1 }, NULL),
				RC_OK);
			assert_int_equal(work(&why), RC_OK);
			assert_int_equal(parts(), 3);
		}
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
		TEST(test_files),
		TEST(test_commit_and_abandon),
		TEST(test_visitor),
		TEST(test_root_makes_it_for_the_owner),
		TEST(test_not_ours),
		TEST(test_threads_wait),
		TEST(test_two_connections),
		TEST(test_killed_at_each_step),
		TEST(test_each_step_fails),
		TEST(test_fails_and_is_killed),
		TEST(test_deleted_is_overwritten),
	};
	return cmocka_run_group_tests_name("store/store", tests, NULL, NULL);
}
