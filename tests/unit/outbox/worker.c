#include "outbox/worker.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "loop/loop.h"
#include "support/blobs.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000, START_S = 5000 };

/* ---- an MTA: answers RCPT by the recipient's name, and keeps what it took ---- */

struct mta {
	int listener;
	char address[32];
	pthread_t thread;
	pthread_mutex_t lock;
	struct buf taken; /* envelopes and messages */
	unsigned open_now, open_most;
	atomic_uint taken_count, connections;
	atomic_bool lose_dot; /* take the next message, and say nothing */
	atomic_bool relents;  /* takes for the slow ones too */
};

struct session {
	struct mta *mta;
	int fd;
	struct buf in, envelope;
};

static bool say(struct session *s, const char *line)
{
	return send(s->fd, line, strlen(line), MSG_NOSIGNAL) == (ssize_t)strlen(line);
}

/* Reads up to tail into in. */
static bool hear(struct session *s, const char *tail)
{
	char c;

	buf_clear(&s->in);
	do {
		if (recv(s->fd, &c, 1, 0) != 1 || buf_add_byte(&s->in, c) != RC_OK)
			return false;
	} while (s->in.len < strlen(tail) ||
		 strcmp(s->in.at + s->in.len - strlen(tail), tail) != 0);
	return true;
}

static const char *answer_to(struct mta *m, const char *command)
{
	if (strstr(command, "<bad"))
		return "550 5.1.1 no such mailbox\r\n";
	if (strstr(command, "<slow") && !atomic_load(&m->relents))
		return "451 4.3.0 try later\r\n";
	return "250 2.1.5 Ok\r\n";
}

static bool take_message(struct session *s)
{
	if (!say(s, "354 go on\r\n") || !hear(s, "\r\n.\r\n"))
		return false;
	pthread_mutex_lock(&s->mta->lock);
	s->mta->taken_count++;
	(void)buf_add_slice(&s->mta->taken, buf_slice(&s->envelope));
	(void)buf_add_slice(&s->mta->taken, buf_slice(&s->in));
	pthread_mutex_unlock(&s->mta->lock);
	buf_clear(&s->envelope);
	if (atomic_exchange(&s->mta->lose_dot, false))
		return false;
	return say(s, "250 2.0.0 Ok: queued as 4XyZ\r\n");
}

static bool serve_command(struct session *s)
{
	const char *line = buf_text(&s->in);

	if (strncmp(line, "EHLO", 4) == 0)
		return say(s, "250-mta.test\r\n250-DSN\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
	if (strncmp(line, "MAIL", 4) == 0 || strncmp(line, "RCPT", 4) == 0) {
		if (buf_add_slice(&s->envelope, buf_slice(&s->in)) != RC_OK)
			return false;
		return say(s, line[0] == 'M' ? "250 2.1.0 Ok\r\n" : answer_to(s->mta, line));
	}
	if (strncmp(line, "DATA", 4) == 0)
		return take_message(s);
	if (strncmp(line, "QUIT", 4) == 0)
		return say(s, "221 2.0.0 Bye\r\n") && false;
	return say(s, "250 2.0.0 Ok\r\n");
}

static void *serve_session(void *arg)
{
	struct session *s = arg;
	struct mta *m = s->mta;

	if (say(s, "220 mta.test ESMTP\r\n"))
		while (hear(s, "\r\n") && serve_command(s))
			;
	close(s->fd);
	pthread_mutex_lock(&m->lock);
	m->open_now--;
	pthread_mutex_unlock(&m->lock);
	buf_free(&s->in);
	buf_free(&s->envelope);
	free(s);
	return NULL;
}

static void *serve(void *arg)
{
	struct mta *m = arg;
	struct timeval limit = { .tv_sec = DEADLINE_MS / 1000 };
	int fd;

	while ((fd = accept(m->listener, NULL, NULL)) >= 0) {
		struct session *s = calloc(1, sizeof *s);
		pthread_t thread;
		if (!s)
			abort();
		*s = (struct session){ m, fd, BUF_INIT(1 << 24), BUF_INIT(1 << 16) };
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		pthread_mutex_lock(&m->lock);
		m->connections++;
		if (++m->open_now > m->open_most)
			m->open_most = m->open_now;
		pthread_mutex_unlock(&m->lock);
		if (pthread_create(&thread, NULL, serve_session, s) != 0)
			abort();
		pthread_detach(thread);
	}
	return NULL;
}

static void mta_start(struct mta *m)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;

	*m = (struct mta){ .taken = BUF_INIT(1 << 26) };
	pthread_mutex_init(&m->lock, NULL);
	m->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(m->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(m->listener, 64), 0);
	assert_int_equal(getsockname(m->listener, (struct sockaddr *)&a, &len), 0);
	snprintf(m->address, sizeof m->address, "127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
	assert_int_equal(pthread_create(&m->thread, NULL, serve, m), 0);
}

static void mta_stop(struct mta *m)
{
	bool busy = true;

	shutdown(m->listener, SHUT_RDWR);
	pthread_join(m->thread, NULL);
	close(m->listener);
	for (unsigned i = 0; busy && i < DEADLINE_MS / 10; i++) {
		pthread_mutex_lock(&m->lock);
		busy = m->open_now > 0;
		pthread_mutex_unlock(&m->lock);
		if (busy)
			usleep(10000);
	}
	assert_false(busy);
	buf_free(&m->taken);
}

/* ---- the world of one test ---- */

static struct world {
	struct scratch scratch;
	struct store *store;
	struct outbox *outbox;
	struct loop *loop;
	struct outbox_worker *worker;
	struct mta mta;
	struct loop_timer *deadline, *poll;
	atomic_llong now_s;
	atomic_uint accepted, refused, delayed, given_up, troubles;
	atomic_bool refuse_events; /* the audit is not durable */
	bool (*reached)(void);
} w;

static const struct crypto_key key = { { 7, 7, 7 } };

static int64_t now_s(void *arg)
{
	(void)arg;
	return atomic_load(&w.now_s);
}

static enum rc on_event(void *arg, const struct outbox_event *event)
{
	(void)arg;
	if (atomic_load(&w.refuse_events))
		return RC_RETRY;
	atomic_fetch_add(&w.accepted, event->fate == OUTBOX_ACCEPTED);
	atomic_fetch_add(&w.refused, event->fate == OUTBOX_REFUSED);
	atomic_fetch_add(&w.delayed, event->fate == OUTBOX_DELAYED);
	atomic_fetch_add(&w.given_up, event->fate == OUTBOX_GIVEN_UP);
	return RC_OK;
}

static void on_trouble(void *arg, enum rc rc, const char *words)
{
	(void)arg, (void)rc;
	print_message("   trouble: %s\n", words);
	atomic_fetch_add(&w.troubles, 1);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("not reached in %d ms", DEADLINE_MS);
}

static void poll_reached(void *arg)
{
	(void)arg;
	if (w.reached())
		loop_stop(w.loop);
	else
		loop_timer_set(w.poll, 10);
}

/* Runs the loop until the claim holds. */
static void run_until(bool (*reached)(void))
{
	w.reached = reached;
	loop_timer_set(w.deadline, DEADLINE_MS);
	loop_timer_set(w.poll, 1);
	loop_run(w.loop);
	loop_timer_clear(w.deadline);
}

static int set_up(void **state)
{
	(void)state;
	w = (struct world){ 0 };
	atomic_store(&w.now_s, START_S);
	if (!scratch_make(&w.scratch) ||
	    store_open(scratch_path(&w.scratch, "state"), &w.store, NULL) != RC_OK ||
	    outbox_open(w.store, &key, &w.outbox, NULL) != RC_OK)
		return -1;
	mta_start(&w.mta);
	w.loop = loop_new(NULL);
	w.deadline = loop_timer_new(w.loop, too_late, NULL);
	w.poll = loop_timer_new(w.loop, poll_reached, NULL);
	return 0;
}

static void start_worker_at(const char *server, unsigned parallel_max)
{
	struct outbox_worker_settings settings = {
		.server = server,
		.helo = "gate.test",
		.report_from = "postmaster@gate.test",
		.parallel_max = parallel_max,
		.retry_first_s = 10,
		.report_s = 3600,
		.give_up_s = 86400,
		.now_s = now_s,
	};

	assert_int_equal(outbox_worker_new(w.loop, w.outbox, &settings, on_event, on_trouble, NULL,
					   &w.worker, NULL),
			 RC_OK);
}

static void start_worker(void)
{
	start_worker_at(w.mta.address, 0);
}

static bool worker_gone(void)
{
	return w.worker == NULL;
}

static void note_gone(void *arg)
{
	(void)arg;
	w.worker = NULL;
}

static void stop_worker(void)
{
	outbox_worker_free(w.worker, note_gone, NULL);
	run_until(worker_gone);
}

static int tear_down(void **state)
{
	(void)state;
	if (w.worker)
		stop_worker();
	loop_timer_free(w.deadline);
	loop_timer_free(w.poll);
	mta_stop(&w.mta);
	outbox_close(w.outbox);
	store_close(w.store);
	loop_free(w.loop);
	scratch_remove(&w.scratch);
	return 0;
}

static void add_message(enum outbox_kind kind, const char *const *to, struct slice message)
{
	struct outbox_recipient list[8];
	struct outbox_mail mail = {
		.kind = kind,
		.from = SLICE("jane@our.example"),
		.recipients = list,
		.ret = MAIL_RET_HDRS,
		.envid = SLICE("E1"),
		.queue_id = SLICE("3XkF2"),
		.message = message,
	};
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	for (; *to; to++)
		list[mail.recipient_count++] = (struct outbox_recipient){
			.address = { *to, strlen(*to) },
			.notify = MAIL_NOTIFY_FAILURE,
		};
	assert_int_equal(outbox_seal(w.outbox, &mail, &item, NULL), RC_OK);
	assert_int_equal(store_begin(w.store, &tx, NULL), RC_OK);
	assert_int_equal(outbox_add(tx, item, now_s(NULL), NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	outbox_keep(&item);
}

#define MESSAGE "Message-ID: <1@gate.test>\r\n\r\ncanary\r\n.dot\r\n"

static void add(enum outbox_kind kind, const char *to, const char *also)
{
	const char *const list[] = { to, also, NULL };

	add_message(kind, list, SLICE(MESSAGE));
}

static bool count_one(void *arg, const struct outbox_entry *entry)
{
	++((unsigned *)arg)[entry->stuck];
	return true;
}

/* Rows that wait, and in [1] those that are stuck. */
static bool box_is(unsigned waiting, unsigned stuck)
{
	unsigned counts[2] = { 0 };

	assert_int_equal(outbox_each(w.store, count_one, counts, NULL), RC_OK);
	return counts[0] == waiting && counts[1] == stuck;
}

static unsigned count_payloads(void)
{
	return blobs_in(w.store, STORE_OUTBOX);
}

/* A payload goes after its row. */
static bool box_is_empty(void)
{
	return box_is(0, 0) && count_payloads() == 0;
}

static bool taken_has(const char *text)
{
	pthread_mutex_lock(&w.mta.lock);
	bool has = memmem(buf_text(&w.mta.taken), w.mta.taken.len, text, strlen(text)) != NULL;
	pthread_mutex_unlock(&w.mta.lock);
	return has;
}

/* ---- the tests ---- */

static void test_what_waits_is_handed_over(void **state)
{
	(void)state;
	add(OUTBOX_NOTICE, "bob@plain.test", "carol@plain.test");
	start_worker();
	run_until(box_is_empty);
	assert_true(taken_has("MAIL FROM:<jane@our.example>"));
	assert_true(taken_has("RET=HDRS"));
	assert_true(taken_has("ENVID=E1"));
	assert_true(taken_has("RCPT TO:<bob@plain.test> NOTIFY=FAILURE"));
	assert_true(taken_has("RCPT TO:<carol@plain.test>"));
	assert_true(taken_has("Message-ID: <1@gate.test>\r\n\r\ncanary\r\n..dot\r\n.\r\n"));
	assert_int_equal(atomic_load(&w.accepted), 2);
	assert_int_equal(atomic_load(&w.troubles), 0);
	assert_int_equal(w.mta.taken_count, 1);
}

static bool good_one_left(void)
{
	return taken_has("RCPT TO:<good@plain.test>");
}

static bool note_id(void *arg, const struct outbox_entry *entry)
{
	hex_format(entry->id, STORE_ID_BYTES, arg);
	return false;
}

/* A folder has the payload's name: reading it fails. */
static void spoil_payload(void)
{
	char name[2 * STORE_ID_BYTES + 1], path[100];

	assert_int_equal(outbox_each(w.store, note_id, name, NULL), RC_OK);
	snprintf(path, sizeof path, "state/outbox/%s", name);
	assert_int_equal(mkdir(scratch_path(&w.scratch, path), 0700), 0);
}

static void test_one_that_cannot_be_read_keeps_no_other_waiting(void **state)
{
	(void)state;
	add(OUTBOX_NOTICE, "spoilt@plain.test", NULL);
	spoil_payload();
	atomic_fetch_add(&w.now_s, 1);
	add(OUTBOX_NOTICE, "good@plain.test", NULL);
	start_worker_at(w.mta.address, 1);
	run_until(good_one_left);
	assert_true(atomic_load(&w.troubles) >= 1);
	assert_false(taken_has("spoilt"));
	stop_worker();
	assert_true(box_is(1, 0)); /* it waits: the disk may come back */
}

static void *add_and_wake(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 10; i++) {
		add(OUTBOX_NOTICE, "bob@plain.test", NULL);
		if (outbox_worker_wake(w.worker) != RC_OK)
			abort();
	}
	return NULL;
}

static bool ten_accepted(void)
{
	return atomic_load(&w.accepted) == 10 && box_is_empty();
}

static void test_a_wake_from_another_thread(void **state)
{
	pthread_t thread;

	(void)state;
	start_worker();
	assert_int_equal(pthread_create(&thread, NULL, add_and_wake, NULL), 0);
	run_until(ten_accepted);
	pthread_join(thread, NULL);
	assert_int_equal(w.mta.taken_count, 10);
}

static bool report_taken(void)
{
	/* The refused payload is destroyed too, a moment after its row has changed. */
	return box_is(0, 1) && taken_has("Undelivered") && count_payloads() == 0;
}

static void test_refused_for_good_is_reported_to_the_sender(void **state)
{
	(void)state;
	add(OUTBOX_NOTICE, "bad@plain.test", "good@plain.test");
	start_worker();
	run_until(report_taken);
	assert_int_equal(atomic_load(&w.refused), 1);
	assert_int_equal(atomic_load(&w.accepted), 2); /* good, and the report */
	assert_true(taken_has("MAIL FROM:<>"));
	assert_true(taken_has("RCPT TO:<jane@our.example> NOTIFY=NEVER"));
	assert_true(taken_has("550 5.1.1 no such mailbox"));
}

static bool slow_waits(void)
{
	return atomic_load(&w.accepted) == 1 && box_is(1, 0) && w.mta.connections >= 1;
}

static bool given_up(void)
{
	return atomic_load(&w.given_up) == 1 && report_taken();
}

static void test_tried_again_later_and_given_up_at_last(void **state)
{
	(void)state;
	add(OUTBOX_HANDBACK, "slow@plain.test", "good@plain.test");
	start_worker();
	run_until(slow_waits);
	assert_int_equal(w.mta.taken_count, 1);
	atomic_fetch_add(&w.now_s, 86400);
	assert_int_equal(outbox_worker_wake(w.worker), RC_OK);
	run_until(given_up);
	assert_true(taken_has("has not accepted it for 24 hours"));
	assert_int_equal(w.mta.taken_count, 2); /* the message to good, the report */
	assert_int_equal(atomic_load(&w.delayed), 0);
}

/* The report on the delay is with the sender; the mail waits. */
static bool delay_reported(void)
{
	return box_is(1, 0) && taken_has("Delayed: your message") && count_payloads() == 1;
}

static bool tried_since(void *arg, const struct outbox_entry *entry)
{
	*(bool *)arg = entry->next_s > now_s(NULL);
	return true;
}

static bool slow_was_tried_again(void)
{
	bool tried = false;

	assert_int_equal(outbox_each(w.store, tried_since, &tried, NULL), RC_OK);
	return tried;
}

static void wait_for_the_delay_to_be_told(void)
{
	add(OUTBOX_HANDBACK, "slow@plain.test", NULL);
	start_worker();
	run_until(slow_was_tried_again);
	assert_int_equal(atomic_load(&w.delayed), 0);
	atomic_fetch_add(&w.now_s, 3600);
	assert_int_equal(outbox_worker_wake(w.worker), RC_OK);
	run_until(delay_reported);
	assert_int_equal(atomic_load(&w.delayed), 1);
	assert_true(taken_has("has not accepted it for 60 minutes"));
}

static void test_a_delay_is_told_once_by_all_processes(void **state)
{
	(void)state;
	wait_for_the_delay_to_be_told();
	for (unsigned i = 0; i < 3; i++) {
		stop_worker();
		atomic_fetch_add(&w.now_s, 3600);
		start_worker();
		run_until(slow_was_tried_again);
	}
	assert_int_equal(atomic_load(&w.delayed), 1);
	assert_int_equal(w.mta.taken_count, 1); /* the one report */
	stop_worker();
	atomic_fetch_add(&w.now_s, 86400);
	start_worker();
	run_until(given_up);
	assert_int_equal(atomic_load(&w.delayed), 1);
	assert_int_equal(w.mta.taken_count, 2); /* and that it is given up */
}

static void test_what_was_late_is_not_lost(void **state)
{
	(void)state;
	wait_for_the_delay_to_be_told();
	stop_worker();
	atomic_store(&w.mta.relents, true);
	atomic_fetch_add(&w.now_s, 80000);
	start_worker();
	run_until(box_is_empty);
	assert_true(taken_has("canary"));
	assert_int_equal(atomic_load(&w.accepted), 2); /* it, and the report */
	assert_int_equal(atomic_load(&w.given_up), 0);
}

static bool check_tried(void *arg, const struct outbox_entry *entry)
{
	*(bool *)arg = entry->tries == 1 && entry->words.len > 0;
	return true;
}

static bool first_try_failed(void)
{
	bool tried = false;

	assert_int_equal(outbox_each(w.store, check_tried, &tried, NULL), RC_OK);
	return tried;
}

static void test_an_mta_that_is_down(void **state)
{
	(void)state;
	add(OUTBOX_NOTICE, "bob@plain.test", NULL);
	start_worker_at("127.0.0.1:1", 0);
	run_until(first_try_failed);
	assert_int_equal(atomic_load(&w.refused), 0);
	stop_worker();

	/* Once it is up, a new process hands over what waited. */
	atomic_fetch_add(&w.now_s, 100);
	start_worker();
	run_until(box_is_empty);
	assert_int_equal(w.mta.taken_count, 1);
}

static void test_an_answer_that_is_lost_sends_the_same_again(void **state)
{
	(void)state;
	atomic_store(&w.mta.lose_dot, true);
	add(OUTBOX_NOTICE, "bob@plain.test", NULL);
	start_worker();
	run_until(first_try_failed);
	assert_int_equal(atomic_load(&w.accepted), 0);
	atomic_fetch_add(&w.now_s, 100);
	assert_int_equal(outbox_worker_wake(w.worker), RC_OK);
	run_until(box_is_empty);
	assert_int_equal(w.mta.taken_count, 2);
	struct slice rest = buf_slice(&w.mta.taken);
	const char *second = memmem(rest.at + 1, rest.len - 1, "MAIL FROM", 9);
	assert_non_null(second);
	assert_int_equal((size_t)(second - rest.at) * 2, rest.len); /* byte for byte */
	assert_memory_equal(rest.at, second, rest.len / 2);
}

static bool event_refused(void)
{
	return atomic_load(&w.troubles) > 0;
}

static void test_what_cannot_be_audited_is_not_sent_again(void **state)
{
	(void)state;
	atomic_store(&w.refuse_events, true);
	add(OUTBOX_NOTICE, "bob@plain.test", NULL);
	start_worker();
	run_until(event_refused);
	assert_true(box_is(1, 0));
	atomic_store(&w.refuse_events, false);
	run_until(box_is_empty); /* ten seconds later, noted without the MTA */
	assert_int_equal(w.mta.taken_count, 1);
	assert_int_equal(atomic_load(&w.accepted), 1);
}

enum { MANY = 20 };

static void test_no_more_at_a_time_than_asked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		add(OUTBOX_NOTICE, "bob@plain.test", NULL);
	start_worker_at(w.mta.address, 2);
	run_until(box_is_empty);
	assert_int_equal(w.mta.taken_count, MANY);
	/* A session's end and the next one's start may overlap on the server's side. */
	assert_true(w.mta.open_most <= 4);
}

static void test_a_large_message(void **state)
{
	enum { LINES = 40000, LINE = 50 };
	char *bytes = malloc(LINES * LINE);
	const char *const to[] = { "bob@plain.test", NULL };

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < LINES; i++) {
		memset(bytes + i * LINE, 'a' + (int)(i % 26), LINE - 2);
		memcpy(bytes + (i + 1) * LINE - 2, "\r\n", 2);
	}
	add_message(OUTBOX_HANDBACK, to, (struct slice){ bytes, LINES * LINE });
	start_worker();
	run_until(box_is_empty);
	assert_non_null(memmem(w.mta.taken.at, w.mta.taken.len, bytes, LINES * LINE));
	free(bytes);
}

static bool connected(void)
{
	return w.mta.connections > 0;
}

static void test_stopped_in_the_middle_loses_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		add(OUTBOX_NOTICE, "bob@plain.test", NULL);
	start_worker();
	run_until(connected);
	stop_worker();
	start_worker();
	run_until(box_is_empty);
	assert_true(w.mta.taken_count >= 5);
}

static void check_no_canary(const char *folder)
{
	DIR *dir = opendir(folder);

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		struct buf path = BUF_INIT(4096), bytes = BUF_INIT(1 << 26);
		assert_int_equal(buf_addf(&path, "%s/%s", folder, e->d_name), RC_OK);
		if (e->d_name[0] != '.' && e->d_type == DT_DIR)
			check_no_canary(buf_text(&path));
		else if (e->d_name[0] != '.' && file_read(buf_text(&path), &bytes, NULL) == RC_OK)
			assert_null(memmem(bytes.at, bytes.len, "canary", 6));
		buf_free(&path);
		buf_free(&bytes);
	}
	closedir(dir);
}

static bool slow_tried(void)
{
	return first_try_failed() && box_is(1, 0);
}

static void test_the_canary_is_nowhere_at_any_time(void **state)
{
	(void)state;
	add(OUTBOX_NOTICE, "slow@plain.test", NULL);
	check_no_canary(scratch_path(&w.scratch, "state"));
	start_worker();
	run_until(slow_tried);
	check_no_canary(scratch_path(&w.scratch, "state"));
	atomic_fetch_add(&w.now_s, 86400);
	assert_int_equal(outbox_worker_wake(w.worker), RC_OK);
	run_until(given_up);
	check_no_canary(scratch_path(&w.scratch, "state"));
}

static bool one_stuck(void)
{
	return box_is(0, 1);
}

static void test_stuck_entries_go_after_their_time(void **state)
{
	(void)state;
	add(OUTBOX_REPORT, "bad@plain.test", NULL);
	start_worker();
	run_until(one_stuck);
	stop_worker();
	atomic_fetch_add(&w.now_s, 5 * 86400 + 1);
	start_worker();
	run_until(box_is_empty);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_waits_is_handed_over),
		TEST(test_one_that_cannot_be_read_keeps_no_other_waiting),
		TEST(test_a_wake_from_another_thread),
		TEST(test_refused_for_good_is_reported_to_the_sender),
		TEST(test_tried_again_later_and_given_up_at_last),
		TEST(test_a_delay_is_told_once_by_all_processes),
		TEST(test_what_was_late_is_not_lost),
		TEST(test_an_mta_that_is_down),
		TEST(test_an_answer_that_is_lost_sends_the_same_again),
		TEST(test_what_cannot_be_audited_is_not_sent_again),
		TEST(test_no_more_at_a_time_than_asked),
		TEST(test_a_large_message),
		TEST(test_stopped_in_the_middle_loses_nothing),
		TEST(test_the_canary_is_nowhere_at_any_time),
		TEST(test_stuck_entries_go_after_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
