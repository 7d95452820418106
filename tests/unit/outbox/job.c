#include "outbox/job.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "mail/header.h"
#include "support/anomaly.h"
#include "support/blobs.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <dirent.h>
#include <sys/wait.h>

enum { NOW = 5000 };

static struct scratch scratch;
static struct store *store;
static struct outbox *outbox;
static const struct crypto_key key = { { 7, 7, 7 } };
static const struct outbox_worker_settings settings = {
	.server = "127.0.0.1:1",
	.helo = "gate.test",
	.report_from = "postmaster@gate.test",
	.retry_first_s = 10,
	.retry_max_s = 900,
	.report_s = 3600,
	.give_up_s = 86400,
	.keep_stuck_s = 86400,
};

static int open_all(void)
{
	return store_open(scratch_path(&scratch, "state"), &store, NULL) == RC_OK &&
			       outbox_open(store, &key, &outbox, NULL) == RC_OK
		       ? 0
		       : -1;
}

static void close_all(void)
{
	outbox_close(outbox);
	store_close(store);
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

static void add(enum outbox_kind kind, const char *from)
{
	struct outbox_mail mail = {
		.kind = kind,
		.from = { from, strlen(from) },
		.recipient_count = 2,
		.recipients = recipients,
		.ret = MAIL_RET_HDRS,
		.envid = SLICE("E1"),
		.queue_id = SLICE("3XkF2"),
		.message_id = SLICE("<1@gate.test>"),
		.message = SLICE("Subject: x\r\n\r\nbody\r\n"),
	};
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	assert_int_equal(outbox_seal(outbox, &mail, &item, NULL), RC_OK);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(outbox_add(tx, item, NOW, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	outbox_keep(&item);
}

struct loading {
	struct outbox_job *job;
	struct outbox *with;
};

static bool copy_row(void *arg, const struct store_outbox_row *row)
{
	struct loading *l = arg;

	return outbox_job_load(l->with, row, &settings, &l->job, NULL) != RC_OK;
}

static struct outbox_job *load_with(struct outbox *with)
{
	struct loading loading = { NULL, with };
	struct store_tx *tx = NULL;

	/* Loading opens a file, and asks nothing of the store's records. */
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_due(tx, INT64_MAX, 1, copy_row, &loading, NULL), RC_OK);
	store_abandon(&tx);
	assert_non_null(loading.job);
	return loading.job;
}

static struct outbox_job *load(void)
{
	return load_with(outbox);
}

/* What the program is told, and its answer. */
struct told {
	unsigned accepted, refused, delayed, given_up, calls;
	unsigned fail_at; /* this call is answered with RC_RETRY; 0: none */
	struct outbox_event last;
	char to[64], words[128], mta_id[32];
};

static enum rc on_event(void *arg, const struct outbox_event *event)
{
	struct told *told = arg;

	if (++told->calls == told->fail_at)
		return RC_RETRY;
	told->accepted += event->fate == OUTBOX_ACCEPTED;
	told->refused += event->fate == OUTBOX_REFUSED;
	told->delayed += event->fate == OUTBOX_DELAYED;
	told->given_up += event->fate == OUTBOX_GIVEN_UP;
	told->last = *event;
	snprintf(told->to, sizeof told->to, "%.*s", SLICE_ARG(event->to));
	snprintf(told->words, sizeof told->words, "%s", event->words);
	snprintf(told->mta_id, sizeof told->mta_id, "%.*s", SLICE_ARG(event->mta_queue_id));
	return RC_OK;
}

static enum rc settle(struct outbox_job *job, enum smtp_fate bob, enum smtp_fate eve, int64_t now_s,
		      struct told *told)
{
	const struct smtp_result results[] = {
		{ bob, 0, bob == SMTP_REFUSED ? "550 5.1.1 no such mailbox" : "bob's words" },
		{ eve, 0, "eve's words" },
	};
	const struct smtp_outcome outcome = {
		.count = 2,
		.results = results,
		.final = "250 2.0.0 Ok: queued as 4XyZ",
	};
	struct outbox_settling settling = { outbox, &settings, on_event, told, now_s };

	if (!job->answered)
		outbox_job_answer(job, &outcome, "");
	return outbox_job_settle(job, &settling, NULL);
}

/* The outbox in a line: "notice 1 waiting(eve@slow.test) report 0 waiting(…)"; "late" is
 * what waits and was told of. */
static bool describe(void *arg, const struct outbox_entry *e)
{
	struct buf *out = arg;

	assert_int_equal(buf_addf(out, "%s%s %u %s(", out->len ? " " : "",
				  outbox_kind_name(e->kind), e->tries,
				  e->stuck  ? "stuck"
				  : e->late ? "late"
					    : "waiting"),
			 RC_OK);
	for (size_t i = 0; i < e->recipient_count; i++)
		assert_int_equal(
			buf_addf(out, "%s%.*s", i ? "," : "", SLICE_ARG(e->recipients[i].address)),
			RC_OK);
	assert_int_equal(buf_addf(out, ")"), RC_OK);
	return true;
}

static void check_rows(const char *want)
{
	struct buf out = BUF_INIT(4096);

	assert_int_equal(outbox_each(store, describe, &out, NULL), RC_OK);
	assert_string_equal(buf_text(&out), want);
	buf_free(&out);
}

static void check_box(const char *want, unsigned payloads)
{
	check_rows(want);
	assert_int_equal(blobs_in(store, STORE_OUTBOX), payloads);
}

static void test_the_submission_is_the_envelope(void **state)
{
	char text[100];
	size_t got = 0;

	(void)state;
	add(OUTBOX_NOTICE, "jane@our.example");
	struct outbox_job *job = load();
	assert_string_equal(job->submission.server, "127.0.0.1:1");
	assert_string_equal(job->submission.from, "jane@our.example");
	assert_int_equal(job->submission.ret, SMTP_RET_HDRS);
	assert_int_equal(job->submission.required, SMTP_DSN);
	assert_string_equal(job->submission.envid, "E1");
	assert_int_equal(job->submission.recipient_count, 2);
	assert_string_equal(job->submission.recipients[0].notify, "FAILURE");
	assert_string_equal(job->submission.recipients[1].notify, "");
	assert_int_equal(job->submission.read(job->submission.read_arg, text, sizeof text, &got),
			 RC_OK);
	assert_int_equal(got, 20);
	assert_memory_equal(text, "Subject: x\r\n\r\nbody\r\n", 20);
	outbox_job_free(&job);
}

static const struct {
	const char *name;
	enum outbox_kind kind;
	const char *from;
	enum smtp_fate bob, eve;
	int64_t after_s;
	const char *box; /* what is left */
	unsigned payloads, accepted, refused, delayed, given_up;
} rows[] = {
	{ "all accepted: nothing is left", OUTBOX_NOTICE, "j@o.test", SMTP_ACCEPTED, SMTP_ACCEPTED,
	  0, "", 0, 2, 0, 0, 0 },
	{ "one to be tried again", OUTBOX_NOTICE, "j@o.test", SMTP_ACCEPTED, SMTP_RETRY, 0,
	  "notice 1 waiting(eve@slow.test)", 1, 1, 0, 0, 0 },
	{ "one refused, the sender is told", OUTBOX_NOTICE, "j@o.test", SMTP_REFUSED, SMTP_ACCEPTED,
	  0, "notice 1 stuck(bob@plain.test) report 0 waiting(j@o.test)", 1, 1, 1, 0, 0 },
	{ "one refused while another waits", OUTBOX_HANDBACK, "j@o.test", SMTP_REFUSED, SMTP_RETRY,
	  0, "handback 1 waiting(eve@slow.test) report 0 waiting(j@o.test)", 2, 0, 1, 0, 0 },
	{ "told after hours, and kept", OUTBOX_HANDBACK, "j@o.test", SMTP_RETRY, SMTP_ACCEPTED,
	  3600, "handback 1 late(bob@plain.test) report 0 waiting(j@o.test)", 2, 1, 0, 1, 0 },
	{ "not told a second before", OUTBOX_HANDBACK, "j@o.test", SMTP_RETRY, SMTP_ACCEPTED, 3599,
	  "handback 1 waiting(bob@plain.test)", 1, 1, 0, 0, 0 },
	{ "one report tells of one refused and one late", OUTBOX_NOTICE, "j@o.test", SMTP_REFUSED,
	  SMTP_RETRY, 3600, "notice 1 late(eve@slow.test) report 0 waiting(j@o.test)", 2, 0, 1, 1,
	  0 },
	{ "nobody is told by mail that a report is late", OUTBOX_REPORT, "j@o.test", SMTP_RETRY,
	  SMTP_RETRY, 3600, "report 1 late(bob@plain.test,eve@slow.test)", 1, 0, 0, 2, 0 },
	{ "nor that an alert is", OUTBOX_ALERT, "j@o.test", SMTP_RETRY, SMTP_ACCEPTED, 3600,
	  "alert 1 late(bob@plain.test)", 1, 1, 0, 1, 0 },
	{ "nor is the null sender", OUTBOX_HANDBACK, "", SMTP_RETRY, SMTP_ACCEPTED, 3600,
	  "handback 1 late(bob@plain.test)", 1, 1, 0, 1, 0 },
	{ "given up after days, and only that is told", OUTBOX_HANDBACK, "j@o.test", SMTP_RETRY,
	  SMTP_ACCEPTED, 86400, "handback 1 stuck(bob@plain.test) report 0 waiting(j@o.test)", 1, 1,
	  0, 0, 1 },
	{ "not given up a second before", OUTBOX_HANDBACK, "j@o.test", SMTP_RETRY, SMTP_ACCEPTED,
	  86399, "handback 1 late(bob@plain.test) report 0 waiting(j@o.test)", 2, 1, 0, 1, 0 },
	{ "a report is not reported on", OUTBOX_REPORT, "j@o.test", SMTP_REFUSED, SMTP_REFUSED, 0,
	  "report 1 stuck(bob@plain.test,eve@slow.test)", 0, 0, 2, 0, 0 },
	{ "nor is an alert", OUTBOX_ALERT, "j@o.test", SMTP_REFUSED, SMTP_ACCEPTED, 0,
	  "alert 1 stuck(bob@plain.test)", 0, 1, 1, 0, 0 },
	{ "the null sender is told nothing", OUTBOX_HANDBACK, "", SMTP_REFUSED, SMTP_ACCEPTED, 0,
	  "handback 1 stuck(bob@plain.test)", 0, 1, 1, 0, 0 },
};

static void test_settle(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct told told = { 0 };

		print_message("   %s\n", rows[i].name);
		add(rows[i].kind, rows[i].from);
		struct outbox_job *job = load();
		assert_int_equal(
			settle(job, rows[i].bob, rows[i].eve, NOW + rows[i].after_s, &told), RC_OK);
		outbox_job_free(&job);
		check_box(rows[i].box, rows[i].payloads);
		assert_int_equal(told.accepted, rows[i].accepted);
		assert_int_equal(told.refused, rows[i].refused);
		assert_int_equal(told.delayed, rows[i].delayed);
		assert_int_equal(told.given_up, rows[i].given_up);
		assert_int_equal(tear_down(state) || set_up(state), 0);
	}
}

static void test_the_program_is_told_the_facts(void **state)
{
	struct told told = { 0 };

	(void)state;
	add(OUTBOX_NOTICE, "j@o.test");
	struct outbox_job *job = load();
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_ACCEPTED, NOW, &told), RC_OK);
	assert_string_equal(told.to, "eve@slow.test");
	assert_string_equal(told.words, "eve's words");
	assert_string_equal(told.mta_id, "4XyZ");
	assert_int_equal(told.last.tries, 1);
	assert_true(memcmp(told.last.id, job->stored.id, STORE_ID_BYTES) == 0);
	outbox_job_free(&job);
}

static void test_an_unrecorded_end_changes_nothing(void **state)
{
	struct told told = { .fail_at = 2 };

	(void)state;
	add(OUTBOX_NOTICE, "j@o.test");
	struct outbox_job *job = load();
	assert_int_equal(settle(job, SMTP_ACCEPTED, SMTP_REFUSED, NOW, &told), RC_RETRY);
	check_box("notice 0 waiting(bob@plain.test,eve@slow.test)", 1);
	/* Settled again, it says the rest, and what was said once is not said twice. */
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_RETRY, NOW, &told), RC_OK);
	assert_int_equal(told.accepted, 1);
	assert_int_equal(told.refused, 1);
	check_box("notice 1 stuck(eve@slow.test) report 0 waiting(j@o.test)", 1);
	outbox_job_free(&job);
}

static bool note_next(void *arg, const struct outbox_entry *e)
{
	*(int64_t *)arg = e->next_s;
	return true;
}

/* Tries again at each time that the row names; how often it was told, and when first. The
 * outbox is opened anew before each try: what is told once is told once by all processes. */
static struct told try_until_it_ends(int64_t *told_s, int64_t *ended_s)
{
	int64_t next = 0, now = NOW;
	struct told told = { 0 };

	*told_s = 0;
	for (unsigned i = 0; i < 200 && !told.given_up; i++) {
		close_all();
		assert_int_equal(open_all(), 0);
		struct outbox_job *job = load();
		assert_int_equal(settle(job, SMTP_RETRY, SMTP_ACCEPTED, now, &told), RC_OK);
		outbox_job_free(&job);
		if (told.delayed && !*told_s)
			*told_s = now;
		*ended_s = now;
		assert_int_equal(outbox_each(store, note_next, &next, NULL), RC_OK);
		assert_true(next > now);
		now = next;
	}
	return told;
}

static void test_told_once_and_given_up_at_their_times(void **state)
{
	int64_t told_s = 0, ended_s = 0;

	(void)state;
	add(OUTBOX_ALERT, "j@o.test"); /* no report gets in its way */
	struct told told = try_until_it_ends(&told_s, &ended_s);
	assert_int_equal(told.delayed, 1);
	assert_int_equal(told.given_up, 1);
	assert_int_equal(told_s, NOW + 3600); /* neither is late by a pause */
	assert_int_equal(ended_s, NOW + 86400);
	char box[64];
	snprintf(box, sizeof box, "alert %u stuck(bob@plain.test)", (unsigned)told.last.tries);
	check_box(box, 0);
}

static void test_a_late_one_is_accepted_in_the_end(void **state)
{
	struct told told = { 0 };

	(void)state;
	add(OUTBOX_ALERT, "j@o.test");
	struct outbox_job *job = load();
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_RETRY, NOW + 4000, &told), RC_OK);
	outbox_job_free(&job);
	check_box("alert 1 late(bob@plain.test,eve@slow.test)", 1);
	job = load();
	assert_false(job->answered); /* its payload is there */
	assert_int_equal(settle(job, SMTP_ACCEPTED, SMTP_ACCEPTED, NOW + 80000, &told), RC_OK);
	outbox_job_free(&job);
	assert_int_equal(told.delayed, 2);
	assert_int_equal(told.accepted, 2);
	check_box("", 0);
}

static void test_settled_again_it_means_what_it_meant(void **state)
{
	struct told told = { .fail_at = 2 };

	(void)state;
	add(OUTBOX_NOTICE, "j@o.test");
	struct outbox_job *job = load();
	/* The disk is full for a day: bob's delay was told, so that he is not given up unsaid. */
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_RETRY, NOW + 4000, &told), RC_RETRY);
	check_box("notice 0 waiting(bob@plain.test,eve@slow.test)", 1);
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_RETRY, NOW + 90000, &told), RC_OK);
	outbox_job_free(&job);
	assert_int_equal(told.delayed, 2);
	assert_int_equal(told.given_up, 0);
	check_box("notice 1 late(bob@plain.test,eve@slow.test) report 0 waiting(j@o.test)", 2);
}

static void test_what_cannot_be_opened_is_refused(void **state)
{
	const struct crypto_key other = { { 8 } };
	struct outbox *stranger = NULL;
	struct told told = { 0 };

	(void)state;
	add(OUTBOX_HANDBACK, "j@o.test");
	assert_int_equal(outbox_open(store, &other, &stranger, NULL), RC_OK);
	struct outbox_job *job = load_with(stranger);
	assert_true(job->answered);
	assert_int_equal(settle(job, SMTP_RETRY, SMTP_RETRY, NOW, &told), RC_OK);
	assert_int_equal(told.refused, 2);
	assert_non_null(strstr(told.words, "our copy cannot be opened"));
	outbox_job_free(&job);
	outbox_close(stranger);
	check_box("handback 1 stuck(bob@plain.test,eve@slow.test) report 0 waiting(j@o.test)", 1);
}

/* After a death within settling, the mail is either still to be handed over, or its end
 * was told and the sender's report stands in the outbox. */
static void test_killed_at_each_step_of_settling(void **state)
{
	int killed = 0;

	for (int n = 1; n < 60; n++) {
		int status = 0;
		struct buf out = BUF_INIT(4096);
		add(OUTBOX_NOTICE, "j@o.test");
		close_all();
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct told told = { 0 };
			if (open_all() < 0)
				_exit(1);
			struct outbox_job *job = load();
			anomaly_steps = 0;
			anomaly_errno = 0;
			anomaly_at = n;
			_exit(settle(job, SMTP_ACCEPTED, SMTP_REFUSED, NOW, &told) == RC_OK ? 0
											    : 2);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(open_all(), 0);
		assert_int_equal(outbox_each(store, describe, &out, NULL), RC_OK);
		bool before = strcmp(buf_text(&out),
				     "notice 0 waiting(bob@plain.test,eve@slow.test)") == 0;
		bool after =
			strcmp(buf_text(&out),
			       "notice 1 stuck(eve@slow.test) report 0 waiting(j@o.test)") == 0;
		assert_true(before || after);
		if (before) {
			struct told told = { 0 };
			struct outbox_job *job = load();
			assert_false(job->answered); /* it opens, so it can be sent again */
			assert_int_equal(settle(job, SMTP_ACCEPTED, SMTP_ACCEPTED, NOW, &told),
					 RC_OK);
			outbox_job_free(&job);
		}
		buf_free(&out);
		assert_int_equal(tear_down(state) || set_up(state), 0);
		if (WEXITSTATUS(status) == 0)
			break;
		assert_int_equal(WEXITSTATUS(status), ANOMALY_EXIT);
		killed++;
	}
	assert_true(killed > 5);
}

/* After a death within telling that mail is late, mark and report are both there or neither,
 * and the mail can be sent. */
static void test_killed_at_each_step_of_telling_a_delay(void **state)
{
	int killed = 0;

	for (int n = 1; n < 60; n++) {
		int status = 0;
		struct buf out = BUF_INIT(4096);
		add(OUTBOX_NOTICE, "j@o.test");
		close_all();
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct told told = { 0 };
			if (open_all() < 0)
				_exit(1);
			struct outbox_job *job = load();
			anomaly_steps = 0;
			anomaly_errno = 0;
			anomaly_at = n;
			enum rc rc = settle(job, SMTP_ACCEPTED, SMTP_RETRY, NOW + 3600, &told);
			_exit(rc == RC_OK ? 0 : 2);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(open_all(), 0);
		assert_int_equal(outbox_each(store, describe, &out, NULL), RC_OK);
		bool before = strcmp(buf_text(&out),
				     "notice 0 waiting(bob@plain.test,eve@slow.test)") == 0;
		bool after = strcmp(buf_text(&out), "notice 1 late(eve@slow.test) report 0 "
						    "waiting(j@o.test)") == 0;
		assert_true(before || after);
		buf_free(&out);
		struct told told = { 0 };
		if (before) {
			struct outbox_job *job = load();
			assert_false(job->answered);
			assert_int_equal(settle(job, SMTP_ACCEPTED, SMTP_RETRY, NOW + 3700, &told),
					 RC_OK);
			outbox_job_free(&job);
			assert_int_equal(told.delayed, 1);
			check_rows("notice 1 late(eve@slow.test) report 0 waiting(j@o.test)");
		}
		assert_int_equal(tear_down(state) || set_up(state), 0);
		if (WEXITSTATUS(status) == 0)
			break;
		assert_int_equal(WEXITSTATUS(status), ANOMALY_EXIT);
		killed++;
	}
	assert_true(killed > 5);
}

static void test_each_step_of_settling_fails_in_turn(void **state)
{
	int failed = 0;

	for (int n = 1; n < 60; n++) {
		struct told told = { 0 };
		add(OUTBOX_NOTICE, "j@o.test");
		struct outbox_job *job = load();
		anomaly_steps = 0;
		anomaly_errno = EIO;
		anomaly_at = n;
		enum rc rc = settle(job, SMTP_ACCEPTED, SMTP_REFUSED, NOW, &told);
		bool struck = anomaly_steps >= n;
		anomaly_at = 0;
		if (rc != RC_OK) {
			failed++;
			rc = settle(job, SMTP_ACCEPTED, SMTP_REFUSED, NOW, &told);
			assert_int_equal(rc, RC_OK);
		}
		assert_int_equal(told.accepted, 1);
		assert_int_equal(told.refused, 1);
		outbox_job_free(&job);
		struct buf out = BUF_INIT(4096);
		assert_int_equal(outbox_each(store, describe, &out, NULL), RC_OK);
		assert_string_equal(buf_text(&out),
				    "notice 1 stuck(eve@slow.test) report 0 waiting(j@o.test)");
		buf_free(&out);
		assert_int_equal(tear_down(state) || set_up(state), 0);
		if (!struck)
			break;
	}
	assert_true(failed > 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_submission_is_the_envelope),
		TEST(test_settle),
		TEST(test_the_program_is_told_the_facts),
		TEST(test_an_unrecorded_end_changes_nothing),
		TEST(test_told_once_and_given_up_at_their_times),
		TEST(test_a_late_one_is_accepted_in_the_end),
		TEST(test_settled_again_it_means_what_it_meant),
		TEST(test_what_cannot_be_opened_is_refused),
		TEST(test_killed_at_each_step_of_settling),
		TEST(test_killed_at_each_step_of_telling_a_delay),
		TEST(test_each_step_of_settling_fails_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
