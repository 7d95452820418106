#include "outbox/outbox.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypto/random.h"
#include "support/anomaly.h"
#include "support/blobs.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <dirent.h>
#include <sys/wait.h>
#include <time.h>

enum { NOW = 5000 };

static struct scratch scratch;
static struct store *store;
static struct outbox *outbox;
static const struct crypto_key key = { { 7, 7, 7 } };

static int open_all(void)
{
	struct fault why = { 0 };

	if (store_open(scratch_path(&scratch, "state"), &store, &why) != RC_OK ||
	    outbox_open(store, &key, &outbox, &why) != RC_OK) {
		print_message("%s\n", why.text);
		return -1;
	}
	return 0;
}

static void close_all(void)
{
	outbox_close(outbox);
	store_close(store);
	outbox = NULL;
	store = NULL;
}

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? open_all() : -1;
}

static int tear_down(void **state)
{
	(void)state;
	close_all();
	scratch_remove(&scratch);
	return 0;
}

static const struct outbox_recipient recipients[] = {
	{ .address = { "bob@plain.test", 14 }, .notify = MAIL_NOTIFY_FAILURE },
	{ .address = { "eve@slow.test", 13 } },
};

static struct outbox_mail specimen(void)
{
	return (struct outbox_mail){
		.kind = OUTBOX_NOTICE,
		.from = SLICE("jane@our.example"),
		.recipient_count = 2,
		.recipients = recipients,
		.ret = MAIL_RET_HDRS,
		.queue_id = SLICE("3XkF2"),
		.message_id = SLICE("<1@gate.test>"),
		.message = SLICE("Subject: x\r\n\r\ncanary K_link canary\r\n"),
	};
}

/* Seals and adds with a record of the caller's in the same transaction. */
static enum rc add(const char *neighbour)
{
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct outbox_mail mail = specimen();
	struct slice name = { neighbour, strlen(neighbour) };

	enum rc rc = outbox_seal(outbox, &mail, &item, NULL);
	if (rc == RC_OK)
		rc = store_begin(store, &tx, NULL);
	if (rc == RC_OK)
		rc = store_put(tx, "neighbour", name, name, STORE_FOREVER, NULL);
	if (rc == RC_OK)
		rc = outbox_add(tx, item, NOW, NULL);
	if (rc == RC_OK)
		rc = store_commit(&tx, NULL);
	if (rc == RC_OK)
		outbox_keep(&item);
	return rc;
}

static unsigned count_payloads(void)
{
	return blobs_in(store, STORE_OUTBOX);
}

static bool count_entry(void *arg, const struct outbox_entry *entry)
{
	assert_true(slice_is(entry->from, "jane@our.example"));
	++*(unsigned *)arg;
	return true;
}

static unsigned count_rows(void)
{
	unsigned count = 0;

	assert_int_equal(outbox_each(store, count_entry, &count, NULL), RC_OK);
	return count;
}

static bool count_record(void *arg, struct slice name, struct slice value, int64_t until_s)
{
	(void)name, (void)value, (void)until_s;
	++*(unsigned *)arg;
	return true;
}

static unsigned count_neighbours(void)
{
	struct store_tx *tx = NULL;
	unsigned count = 0;

	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_each(tx, "neighbour", NOW, count_record, &count, NULL), RC_OK);
	store_abandon(&tx);
	return count;
}

static bool check_entry(void *arg, const struct outbox_entry *entry)
{
	*(bool *)arg = true;
	assert_int_equal(entry->kind, OUTBOX_NOTICE);
	assert_false(entry->stuck);
	assert_int_equal(entry->made_s, NOW);
	assert_int_equal(entry->next_s, NOW);
	assert_int_equal(entry->tries, 0);
	assert_true(slice_is(entry->queue_id, "3XkF2"));
	assert_true(slice_is(entry->message_id, "<1@gate.test>"));
	assert_int_equal(entry->words.len, 0);
	assert_int_equal(entry->recipient_count, 2);
	assert_true(slice_is(entry->recipients[1].address, "eve@slow.test"));
	assert_int_equal(entry->recipients[0].notify, MAIL_NOTIFY_FAILURE);
	return true;
}

static void test_what_is_added_is_listed(void **state)
{
	bool seen = false;

	(void)state;
	assert_int_equal(add("n"), RC_OK);
	close_all();
	assert_int_equal(open_all(), 0);
	assert_int_equal(outbox_each(store, check_entry, &seen, NULL), RC_OK);
	assert_true(seen);
	assert_int_equal(count_payloads(), 1);
	assert_string_equal(outbox_kind_name(OUTBOX_HANDBACK), "handback");
}

static void test_dropped_and_abandoned_leave_nothing(void **state)
{
	struct outbox_mail mail = specimen();
	struct outbox_item *item = NULL;
	struct store_tx *tx = NULL;

	(void)state;
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_OK);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(outbox_add(tx, item, NOW, NULL), RC_OK);
	store_abandon(&tx);
	outbox_drop(&item);
	assert_null(item);
	assert_int_equal(count_payloads(), 0);
	assert_int_equal(count_rows(), 0);
}

static void test_mail_that_cannot_be(void **state)
{
	static struct outbox_recipient many[OUTBOX_RECIPIENTS_MAX + 1];
	struct outbox_recipient bad = { .address = SLICE("x@y.test\r\nDATA") };
	struct outbox_mail mail = specimen();
	struct outbox_item *item = NULL;

	(void)state;
	mail.recipient_count = 0;
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_INVALID);
	mail.recipient_count = 1;
	mail.recipients = &bad;
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_INVALID);
	bad.address = (struct slice){ 0 };
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_INVALID);
	mail = specimen();
	mail.from = SLICE("a@b\n");
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_INVALID);
	mail = specimen();
	mail.recipients = many;
	mail.recipient_count = COUNT(many);
	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_LIMIT);
	assert_null(item);
	assert_int_equal(count_payloads(), 0);
}

static void check_no_canary(const char *folder, const char *canary)
{
	DIR *dir = opendir(folder);

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		struct buf path = BUF_INIT(4096), bytes = BUF_INIT(1 << 26);
		assert_int_equal(buf_addf(&path, "%s/%s", folder, e->d_name), RC_OK);
		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			check_no_canary(buf_text(&path), canary);
		else if (e->d_name[0] != '.' && file_read(buf_text(&path), &bytes, NULL) == RC_OK)
			assert_null(memmem(bytes.at, bytes.len, canary, strlen(canary)));
		buf_free(&path);
		buf_free(&bytes);
	}
	closedir(dir);
}

static void test_the_payload_is_nowhere_in_clear(void **state)
{
	(void)state;
	assert_int_equal(add("n"), RC_OK);
	check_no_canary(scratch_path(&scratch, "state"), "canary");
	close_all();
	check_no_canary(scratch_path(&scratch, "state"), "canary");
	assert_int_equal(open_all(), 0);
}

/* Row, neighbour and payload are there together, or neither row nor neighbour; a payload
 * of nobody goes with the sweep. */
static void check_whole(unsigned before)
{
	unsigned rows = count_rows(), swept = 0;

	assert_int_equal(rows, count_neighbours());
	assert_true(rows == before || rows == before + 1);
	assert_true(count_payloads() >= rows);
	assert_int_equal(store_blob_sweep(store, time(NULL) + 3 * 86400, &swept, NULL), RC_OK);
	assert_int_equal(count_payloads(), rows);
}

static int steps_of_adding(void)
{
	anomaly_steps = 0;
	anomaly_at = 0;
	assert_int_equal(add("first"), RC_OK);
	assert_true(anomaly_steps > 5);
	return anomaly_steps;
}

static void test_each_step_fails_in_turn(void **state)
{
	int steps = steps_of_adding();

	(void)state;
	for (int n = 1; n <= steps; n++) {
		char name[16];
		unsigned before = count_rows();
		snprintf(name, sizeof name, "n%d", n);
		anomaly_steps = 0;
		anomaly_errno = n % 2 ? ENOSPC : EIO;
		anomaly_at = n;
		enum rc rc = add(name);
		anomaly_at = 0;
		assert_int_equal(count_rows(), before + (rc == RC_OK));
		check_whole(before);
	}
}

static void test_killed_at_each_step(void **state)
{
	int steps = steps_of_adding(), killed = 0;

	(void)state;
	for (int n = 1; n <= steps + 10; n++) {
		char name[16];
		int status = 0;
		unsigned before = count_rows();
		snprintf(name, sizeof name, "k%d", n);
		close_all();
		anomaly_errno = 0;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			int bad = open_all();
			anomaly_steps = 0;
			anomaly_at = n;
			_exit(bad || add(name) != RC_OK);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(open_all(), 0);
		if (WEXITSTATUS(status) == ANOMALY_EXIT)
			killed++;
		else
			assert_int_equal(WEXITSTATUS(status), 0);
		check_whole(before);
	}
	assert_true(killed > 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_added_is_listed), TEST(test_dropped_and_abandoned_leave_nothing),
		TEST(test_mail_that_cannot_be),     TEST(test_the_payload_is_nowhere_in_clear),
		TEST(test_each_step_fails_in_turn), TEST(test_killed_at_each_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
