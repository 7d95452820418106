#include "store/db.h"

#include "base/cleanup.h"
#include "support/backend.h"

static void test_errors_in_words(void **state)
{
	const struct {
		int result;
		enum rc rc;
		const char *begins;
	} rows[] = {
		{ SQLITE_OK, RC_OK, "" },
		{ SQLITE_DONE, RC_OK, "" },
		{ SQLITE_FULL, RC_RETRY, "store is full: " },
		{ SQLITE_BUSY, RC_RETRY, "store is busy: " },
		{ SQLITE_BUSY_SNAPSHOT, RC_RETRY, "store is busy: " },
		{ SQLITE_CORRUPT, RC_RETRY, "store is damaged: " },
		{ SQLITE_NOTADB, RC_RETRY, "store is damaged: " },
		{ SQLITE_IOERR_READ, RC_RETRY, "store failed: " },
		{ SQLITE_READONLY, RC_RETRY, "store failed: " },
		{ SQLITE_NOMEM, RC_NOMEM, "out of memory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fault why = { 0 };

		assert_int_equal(db_fault(&store->writer, rows[i].result, &why), rows[i].rc);
		assert_memory_equal(why.text, rows[i].begins, strlen(rows[i].begins));
	}
}

static void test_settings_in_force(void **state)
{
	const struct {
		const char *pragma, *value;
	} rows[] = {
		{ "PRAGMA journal_mode", "wal" }, { "PRAGMA synchronous", "2" },
		{ "PRAGMA secure_delete", "1" },  { "PRAGMA foreign_keys", "1" },
		{ "PRAGMA user_version", "2" },   { "PRAGMA integrity_check", "ok" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		sqlite3_stmt *s = NULL;
		assert_int_equal(
			sqlite3_prepare_v2(store->writer.handle, rows[i].pragma, -1, &s, NULL), 0);
		assert_int_equal(sqlite3_step(s), SQLITE_ROW);
		assert_string_equal((const char *)sqlite3_column_text(s, 0), rows[i].value);
		sqlite3_finalize(s);
	}
}

static void run_sql(const char *sql)
{
	assert_int_equal(sqlite3_exec(store->writer.handle, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void test_newer_version(void **state)
{
	struct store *other = NULL;
	struct fault why = { 0 };
	char expected[500];

	(void)state;
	run_sql("PRAGMA user_version = 3");
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &other, &why), RC_INVALID);
	snprintf(expected, sizeof expected, "%s/postern.db has version 3, this Postern knows 2",
		 scratch.path);
	assert_string_equal(why.text, expected);
	run_sql("PRAGMA user_version = 2; PRAGMA application_id = 7");
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &other, &why), RC_INVALID);
}

/* A store that version 1 made goes on with what it has. */
static void test_older_version(void **state)
{
	const uint8_t id[STORE_ID_BYTES] = { 9 };
	struct store_blob *blob = NULL;

	(void)state;
	begin();
	assert_int_equal(store_put(tx, "t", SLICE("k"), SLICE("v"), 0, NULL), RC_OK);
	commit();
	run_sql("DROP TABLE blob; PRAGMA user_version = 1");
	store_close(store);
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	begin();
	assert_int_equal(store_put(tx, "t", SLICE("k"), SLICE("w"), 0, NULL), RC_OK);
	commit();
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_keep(&blob, NULL), RC_OK);
	begin();
	assert_int_equal(store_blob_find(tx, STORE_BLOBS, id, NULL), RC_OK);
	commit();
}

static bool never(void *arg, const struct store_outbox_row *row)
{
	(void)arg, (void)row;
	fail_msg("a damaged row was handed out");
	return true;
}

/* A row that we did not write is no row: the store says so and the transaction ends. */
static void test_damaged_rows(void **state)
{
	const char *const rows[] = {
		"INSERT INTO outbox VALUES (x'00', 0, 0, 0, 0, x'')",
		"INSERT INTO outbox VALUES (x'00112233445566778899aabbccddeeff', 7, 0, 0, 0, x'')",
		"INSERT INTO outbox VALUES (x'00112233445566778899aabbccddeeff', 0, 0, 0, -1, x'')",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fault why = { 0 };

		run_sql("DELETE FROM outbox");
		run_sql(rows[i]);
		begin();
		assert_int_equal(store_outbox_each(tx, never, NULL, &why), RC_RETRY);
		assert_string_equal(why.text, "store is damaged: a row of outbox cannot be read");
		/* Nothing of such a transaction is kept. */
		assert_int_equal(store_put(tx, "t", SLICE("k"), SLICE("v"), 0, &why), RC_RETRY);
		assert_int_equal(store_commit(&tx, &why), RC_RETRY);
	}
	begin();
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_errors_in_words), TEST(test_settings_in_force), TEST(test_newer_version),
		TEST(test_older_version),   TEST(test_damaged_rows),
	};
	return cmocka_run_group_tests_name("store/db", tests, NULL, NULL);
}
