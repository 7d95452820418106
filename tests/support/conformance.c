#include "support/conformance.h"

#include "base/cleanup.h"
#include "support/anomaly.h"
#include "support/backend.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

/* A process that is killed joins no thread: the thread sanitizer need not say so. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "report_thread_leaks=0";
}

enum {
	THREADS = 6,
	EACH = 4, /* pieces of work for each thread */
	WORKS = THREADS * EACH,
	ADDITIONS = 50,
};

/* ---- a counter that many raise ---- */

static enum rc read_number(struct store_tx *mine, const char *key, int *out)
{
	struct buf value = BUF_INIT(sizeof *out);
	enum rc rc = store_get(mine, "t", (struct slice){ key, strlen(key) }, 0, &value, NULL);

	*out = 0;
	if (rc == RC_OK)
		memcpy(out, value.at, sizeof *out);
	buf_free(&value);
	return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc write_number(struct store_tx *mine, const char *key, int number)
{
	return store_put(mine, "t", (struct slice){ key, strlen(key) },
			 (struct slice){ (const char *)&number, sizeof number }, 0, NULL);
}

static enum rc raise_number(const char *key, bool keep)
{
	CLEANUP(store_abandon) struct store_tx *mine = NULL;
	int number = 0;
	enum rc rc = store_begin(store, &mine, NULL);

	if (rc == RC_OK)
		rc = read_number(mine, key, &number);
	if (rc == RC_OK)
		rc = write_number(mine, key, number + 1);
	return rc == RC_OK && keep ? store_commit(&mine, NULL) : rc;
}

static int number_of(const char *key)
{
	int number;

	begin();
	assert_int_equal(read_number(tx, key, &number), RC_OK);
	commit();
	return number;
}

/* One of three is taken back, one of three stumbles over a key that is taken and goes on. */
static void *raise_often(void *arg)
{
	static const struct store_outbox_row taken = { .id = { 7 } };

	for (int i = 0; i < ADDITIONS; i++) {
		CLEANUP(store_abandon) struct store_tx *mine = NULL;

		if (raise_number("sum", i % 3 != 0) != RC_OK)
			return arg;
		if (i % 3 != 1)
			continue;
		if (store_begin(store, &mine, NULL) != RC_OK ||
		    write_number(mine, "lost", 1) != RC_OK ||
		    store_outbox_add(mine, &taken, NULL) != RC_INVALID)
			return arg;
	}
	return NULL;
}

static void run_threads(void *(*fn)(void *), void *args, size_t size)
{
	pthread_t threads[THREADS];
	void *failed;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fn, (char *)args + i * size), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

static void test_threads_do_not_disturb_each_other(void **state)
{
	static const struct store_outbox_row row = { .id = { 7 } };

	(void)state;
	begin();
	assert_int_equal(store_outbox_add(tx, &row, NULL), RC_OK);
	commit();
	run_threads(raise_often, &scratch, 0);
	assert_int_equal(number_of("sum"), THREADS * (ADDITIONS - (ADDITIONS + 2) / 3));
	assert_int_equal(number_of("lost"), 0);
}

/* Others wait while a transaction goes on, and see it when they have their turn. */
static void *raise_once(void *arg)
{
	return raise_number("sum", true) == RC_OK ? NULL : arg;
}

static void test_threads_wait(void **state)
{
	pthread_t thread;
	void *failed = NULL;
	int number;

	(void)state;
	begin();
	assert_int_equal(write_number(tx, "sum", 5), RC_OK);
	assert_int_equal(pthread_create(&thread, NULL, raise_once, &scratch), 0);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	assert_int_equal(read_number(tx, "sum", &number), RC_OK);
	assert_int_equal(number, 5);
	commit();
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(number_of("sum"), 6);
}

static pid_t start_child(void (*fn)(void))
{
	pid_t child = fork();

	if (child == 0) {
		if (store_open(scratch_path(&scratch, "state"), &store, NULL) != RC_OK)
			_exit(3);
		fn();
		_exit(0);
	}
	assert_true(child > 0);
	return child;
}

static int end_of(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void reopen(void)
{
	struct fault why = { 0 };

	if (store_open(scratch_path(&scratch, "state"), &store, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void raise_in_child(void)
{
	for (int i = 0; i < ADDITIONS; i++)
		if (raise_number("sum", true) != RC_OK)
			_exit(1);
}

/* A recipient's pickup goes forward once, whoever of two nodes is first. */
static bool note_state(void *arg, const struct store_recipient *recipient)
{
	*(uint32_t *)arg = recipient->state;
	return true;
}

static enum rc prove(uint8_t number, bool *won)
{
	CLEANUP(store_abandon) struct store_tx *mine = NULL;
	struct store_recipient row = { .deposit = { number }, .state = 1, .record = SLICE("r") };
	uint32_t stage = 9;
	enum rc rc = store_begin(store, &mine, NULL);

	if (rc == RC_OK)
		rc = store_recipients(mine, row.deposit, note_state, &stage, NULL);
	*won = stage == 0;
	if (rc == RC_OK && *won)
		rc = store_recipient_set(mine, &row, NULL);
	return rc == RC_OK ? store_commit(&mine, NULL) : rc;
}

static void prove_in_child(void)
{
	bool won;
	int wins = 0;

	for (uint8_t i = 1; i <= ADDITIONS; i++) {
		if (prove(i, &won) != RC_OK)
			_exit(200);
		wins += won;
	}
	_exit(wins);
}

static void test_two_processes_do_not_race(void **state)
{
	struct store_deposit deposit = { .record = SLICE("d") };
	struct store_recipient recipient = { .record = SLICE("r"), .address = SLICE("b@y") };

	(void)state;
	begin();
	for (uint8_t i = 1; i <= ADDITIONS; i++) {
		deposit.id[0] = recipient.deposit[0] = i;
		assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
		assert_int_equal(store_recipient_add(tx, &recipient, NULL), RC_OK);
	}
	commit();
	store_close(store); /* nothing open is carried over a fork */
	pid_t children[2] = { start_child(raise_in_child), start_child(raise_in_child) };
	assert_int_equal(end_of(children[0]), 0);
	assert_int_equal(end_of(children[1]), 0);
	children[0] = start_child(prove_in_child);
	children[1] = start_child(prove_in_child);
	assert_int_equal(end_of(children[0]) + end_of(children[1]), ADDITIONS);
	reopen();
	assert_int_equal(number_of("sum"), 2 * ADDITIONS);
}

static void test_two_openings_see_each_other(void **state)
{
	struct store *other = NULL;
	struct store_tx *theirs = NULL;
	int number = 0;

	(void)state;
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &other, NULL), RC_OK);
	assert_int_equal(raise_number("sum", true), RC_OK);
	assert_int_equal(store_begin(other, &theirs, NULL), RC_OK);
	assert_int_equal(read_number(theirs, "sum", &number), RC_OK);
	assert_int_equal(number, 1);
	assert_int_equal(store_commit(&theirs, NULL), RC_OK);
	store_close(other);
}

/* ---- who only reads ---- */

static void *look(void *arg)
{
	CLEANUP(store_abandon) struct store_tx *mine = NULL;

	if (store_begin_reading(store, &mine, NULL) != RC_OK ||
	    read_number(mine, "sum", arg) != RC_OK)
		*(int *)arg = -1;
	return NULL;
}

static int seen_by_another(void)
{
	pthread_t thread;
	int seen = -1;

	assert_int_equal(pthread_create(&thread, NULL, look, &seen), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return seen;
}

static void test_a_reader_sees_what_is_durable_and_waits_for_nobody(void **state)
{
	(void)state;
	assert_int_equal(raise_number("sum", true), RC_OK);
	begin();
	assert_int_equal(write_number(tx, "sum", 2), RC_OK);
	assert_int_equal(seen_by_another(), 1);
	store_abandon(&tx);
	assert_int_equal(seen_by_another(), 1);
	begin();
	assert_int_equal(write_number(tx, "sum", 3), RC_OK);
	commit();
	assert_int_equal(seen_by_another(), 3);
}

static void test_what_a_reader_reads_stays_true(void **state)
{
	struct store_tx *mine = NULL;
	pthread_t thread;
	int number;

	(void)state;
	assert_int_equal(raise_number("sum", true), RC_OK);
	assert_int_equal(store_begin_reading(store, &mine, NULL), RC_OK);
	assert_int_equal(read_number(mine, "sum", &number), RC_OK);
	assert_int_equal(pthread_create(&thread, NULL, raise_once, &scratch), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(read_number(mine, "sum", &number), RC_OK);
	assert_int_equal(number, 1);
	assert_int_equal(store_commit(&mine, NULL), RC_OK);
	assert_int_equal(number_of("sum"), 2);
}

static void test_a_reader_cannot_write(void **state)
{
	struct store_tx *mine = NULL;

	(void)state;
	assert_int_equal(store_begin_reading(store, &mine, NULL), RC_OK);
	assert_int_equal(write_number(mine, "sum", 1), RC_RETRY);
	assert_int_equal(store_commit(&mine, NULL), RC_RETRY);
	assert_int_equal(number_of("sum"), 0);
}

/* ---- whole pieces of work, cut short ---- */

static char long_text[STORE_SHORT_MAX + 1];

static void name_work(int number, uint8_t id[STORE_ID_BYTES])
{
	memset(id, 0, STORE_ID_BYTES);
	id[0] = (uint8_t)(number + 1);
}

static enum rc make_blob(int number, enum store_area area, struct store_blob **out,
			 struct fault *why)
{
	uint8_t id[STORE_ID_BYTES];
	/* Every other one is long. */
	struct slice text = { long_text, number % 2 ? sizeof long_text : 300 };

	name_work(number, id);
	enum rc rc = store_blob_new(store, area, id, out, why);
	if (rc == RC_OK)
		rc = store_blob_write(*out, text, why);
	return rc == RC_OK ? store_blob_finish(*out, why) : rc;
}

static enum rc add_rows(int number, struct store_tx *mine, struct fault *why)
{
	struct store_deposit deposit = { .record = SLICE("record") };
	struct store_recipient recipient = { .address = SLICE("b"), .record = SLICE("record") };
	struct store_outbox_row row = { .record = SLICE("record") };
	char key[] = { (char)('A' + number), '\0' };

	name_work(number, deposit.id);
	name_work(number, recipient.deposit);
	name_work(number, row.id);
	enum rc rc = store_deposit_add(mine, &deposit, why);
	if (rc == RC_OK)
		rc = store_recipient_add(mine, &recipient, why);
	if (rc == RC_OK)
		rc = store_outbox_add(mine, &row, why);
	return rc == RC_OK ? store_put(mine, "work", slice_of(key), SLICE("v"), 0, why) : rc;
}

/* One transaction of each kind of thing that there is. */
static enum rc work(int number, struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL, *payload = NULL;
	CLEANUP(store_abandon) struct store_tx *mine = NULL;
	enum rc rc = make_blob(number, STORE_BLOBS, &blob, why);

	if (rc == RC_OK)
		rc = make_blob(number, STORE_OUTBOX, &payload, why);
	if (rc == RC_OK)
		rc = store_begin(store, &mine, why);
	if (rc == RC_OK)
		rc = store_blob_add(mine, blob, why);
	if (rc == RC_OK)
		rc = store_blob_add(mine, payload, why);
	if (rc == RC_OK)
		rc = add_rows(number, mine, why);
	if (rc == RC_OK)
		rc = store_commit(&mine, why);
	if (rc != RC_OK)
		return rc;
	store_blob_release(&blob);
	store_blob_release(&payload);
	return RC_OK;
}

struct part {
	uint8_t id[STORE_ID_BYTES];
	int count;
};

static bool count_deposit(void *arg, const struct store_deposit *deposit)
{
	struct part *part = arg;

	part->count += memcmp(part->id, deposit->id, STORE_ID_BYTES) == 0;
	return true;
}

static bool count_recipient(void *arg, const struct store_recipient *recipient)
{
	((struct part *)arg)->count += recipient->number == 0;
	return true;
}

static bool count_row(void *arg, const struct store_outbox_row *row)
{
	struct part *part = arg;

	part->count += memcmp(part->id, row->id, STORE_ID_BYTES) == 0;
	return true;
}

static bool is_whole(enum store_area area, const uint8_t *id, int number)
{
	struct stat st;
	int fd = -1;

	if (store_blob_open(store, area, id, &fd, NULL) != RC_OK)
		return false;
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	return st.st_size == (number % 2 ? (off_t)sizeof long_text : 300);
}

enum { ALL = 4 };

/* How much of a piece of work is there: 0, ALL, or something between, which must never be. */
static int parts(int number)
{
	char key[] = { (char)('A' + number), '\0' };
	struct buf value = BUF_INIT(10);
	struct part part = { .count = 0 };

	name_work(number, part.id);
	begin();
	assert_int_equal(store_deposit_each(tx, count_deposit, &part, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, count_row, &part, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, part.id, count_recipient, &part, NULL), RC_OK);
	part.count += store_get(tx, "work", slice_of(key), 0, &value, NULL) == RC_OK;
	commit();
	buf_free(&value);
	if (part.count == ALL) /* then its blobs are there too */
		assert_true(is_whole(STORE_BLOBS, part.id, number) &&
			    is_whole(STORE_OUTBOX, part.id, number));
	return part.count;
}

/* What the workers were told, wherever they run: 1 granted, 2 refused. */
static atomic_uchar *told;

static void *work_often(void *arg)
{
	int first = *(int *)arg * EACH;

	for (int i = first; i < first + EACH; i++)
		atomic_store(&told[i], work(i, NULL) == RC_OK ? 1 : 2);
	return NULL;
}

static void work_by_threads(void)
{
	int numbers[THREADS];

	for (int i = 0; i < THREADS; i++)
		numbers[i] = i;
	run_threads(work_often, numbers, sizeof *numbers);
}

static void work_alone(void)
{
	atomic_store(&told[0], work(0, NULL) == RC_OK ? 1 : 2);
	atomic_store(&told[1], work(1, NULL) == RC_OK ? 1 : 2);
}

static int at_step, with_errno;
static void (*the_work)(void);

static void work_until_struck(void)
{
	anomaly_errno = with_errno;
	anomaly_steps = 0;
	anomaly_at = at_step;
	the_work();
	_exit(anomaly_steps < at_step ? 2 : 0);
}

/* The work in a process of its own that fails at step n, or with error 0 is killed there, and
 * otherwise ends as if killed. False: there was no step n. */
static bool struck_at(void **state, void (*fn)(void), int n, int error)
{
	start_afresh(state);
	memset((void *)told, 0, WORKS);
	store_close(store);
	the_work = fn;
	at_step = n;
	with_errno = error;
	int status = end_of(start_child(work_until_struck));
	assert_true(status == 0 || status == 2 || (status == ANOMALY_EXIT && !error));
	reopen();
	return status != 2;
}

struct tally {
	int none, all, refused;
};

/* What was granted is there, whole; what was refused is not; and what was cut off before
 * anybody was told is there whole or not at all. */
static void check_all(int n, struct tally *tally)
{
	for (int i = 0; i < WORKS; i++) {
		int there = parts(i), word = told[i];
		if ((there != 0 && there != ALL) || (word == 1 && there != ALL) ||
		    (word == 2 && there != 0))
			fail_msg("step %d, work %d: told %d, %d parts are there", n, i, word,
				 there);
		tally->none += there == 0;
		tally->all += there == ALL;
		tally->refused += word == 2;
	}
}

/* With threads the steps come in another order each time, so that not each is tried. Under the
 * thread sanitizer, which looks at what they share and not at the disk, fewer are. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define WATCHED
#endif
#endif
#ifdef WATCHED
enum { STRIDE = 17 };
#else
enum { STRIDE = 3 };
#endif

static void strike(void **state, void (*fn)(void), int error, int stride, struct tally *tally)
{
	*tally = (struct tally){ 0 };
	for (int n = 1; struck_at(state, fn, n, error); n += stride)
		check_all(n, tally);
	check_all(0, tally);
}

static void test_killed_at_each_step(void **state)
{
	struct tally tally;

	strike(state, work_alone, 0, 1, &tally);
	print_message("   killed: %d times nothing, %d times all\n", tally.none, tally.all);
	assert_true(tally.all > 10 && tally.refused == 0);
}

static void test_threads_killed_at_each_step(void **state)
{
	struct tally tally;

	strike(state, work_by_threads, 0, STRIDE, &tally);
	print_message("   killed: %d times nothing, %d times all\n", tally.none, tally.all);
	assert_true(tally.all > WORKS && tally.refused == 0);
}

/* A step fails, those whose work it was are told so, and then the process is killed: what was
 * not granted must not come back when the store is opened again. */
static void test_each_step_fails_and_then_it_is_killed(void **state)
{
	struct tally tally;

	strike(state, work_alone, EIO, 1, &tally);
	assert_true(tally.refused > 10);
	strike(state, work_by_threads, EIO, STRIDE, &tally);
	print_message("   failed: %d refused, %d granted\n", tally.refused, tally.all);
	assert_true(tally.refused > 5 && tally.all > WORKS);
}

static const struct {
	int error;
	const char *words;
} errors[] = {
	{ ENOSPC, "store is full: " },
	{ EDQUOT, "store is full: " },
	{ EIO, "store failed: " },
};

/* The same store goes on after the failure. */
static void fail_at(int n, int error, const char *words)
{
	for (int number = 0; number < 2; number++) {
		struct fault why = { 0 };

		anomaly_errno = error;
		anomaly_steps = 0;
		anomaly_at = n;
		enum rc rc = work(number, &why);
		anomaly_at = 0;
		assert_int_equal(parts(number), rc == RC_OK ? ALL : 0);
		if (rc == RC_OK)
			continue;
		assert_int_equal(rc, RC_RETRY);
		if (strncmp(why.text, words, strlen(words)) != 0)
			fail_msg("step %d: %s", n, why.text);
		assert_int_equal(work(number, &why), RC_OK); /* there is room again */
		assert_int_equal(parts(number), ALL);
	}
}

static void test_each_step_fails_and_it_goes_on(void **state)
{
	anomaly_steps = 0;
	assert_int_equal(work(0, NULL), RC_OK);
	assert_int_equal(work(1, NULL), RC_OK);
	int steps = anomaly_steps;

	for (size_t i = 0; i < COUNT(errors); i++)
		for (int n = 1; n <= steps; n++) {
			start_afresh(state);
			fail_at(n, errors[i].error, errors[i].words);
		}
}

/* ---- a disk that is full ---- */

static void check_full(void)
{
	struct fault why = { 0 };
	enum rc rc = RC_OK;
	int number = 0, granted = 0;

	for (; number < WORKS && (rc = work(number, &why)) == RC_OK; number++)
		granted++;
	if (rc != RC_RETRY || strncmp(why.text, "store is full: ", 15) != 0)
		_exit(4);
	for (int i = 0; i < WORKS; i++)
		if (parts(i) != (i < granted ? ALL : 0))
			_exit(5);
}

static void fill_small_files(void)
{
	const struct rlimit small = { 4 * sizeof long_text, 4 * sizeof long_text };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &small) < 0)
		_exit(6);
	/* Only the short ones grow one file. */
	struct fault why = { 0 };
	enum rc rc = RC_OK;
	int number = 0;
	while (rc == RC_OK && number < 2 * 100)
		rc = store_begin(store, &tx, &why) == RC_OK &&
				     store_put(tx, "t",
					       (struct slice){ (char *)&number, sizeof number },
					       (struct slice){ long_text, 30000 }, 0, &why) == RC_OK
			     ? (number++, store_commit(&tx, &why))
			     : RC_RETRY;
	store_abandon(&tx);
	_exit(rc == RC_RETRY && strncmp(why.text, "store is full: ", 15) == 0 ? number : 0);
}

static void test_files_may_not_grow(void **state)
{
	(void)state;
	store_close(store);
	int number = end_of(start_child(fill_small_files));
	assert_true(number > 1);
	reopen();
	begin();
	for (int i = 0; i <= number; i++) {
		struct buf out = BUF_INIT(30000);
		/* The last one was refused. */
		assert_int_equal(
			store_get(tx, "t", (struct slice){ (char *)&i, sizeof i }, 0, &out, NULL),
			i < number - 1 ? RC_OK : RC_ABSENT);
		buf_free(&out);
	}
	commit();
}

static void fill_the_disk(void)
{
	uint8_t id[STORE_ID_BYTES];

	store_close(store);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("full", scratch.folder, "tmpfs", 0, "size=1500k") < 0)
		_exit(77); /* not ours to do here */
	if (store_open(scratch_path(&scratch, "state"), &store, NULL) != RC_OK)
		_exit(3);
	check_full();
	/* When something goes, something comes. */
	for (int i = 1; i < 6; i += 2) {
		name_work(i, id);
		if (store_blob_remove(store, STORE_OUTBOX, id, NULL) != RC_OK ||
		    store_blob_remove(store, STORE_BLOBS, id, NULL) != RC_OK)
			_exit(7);
		begin();
		if (store_outbox_remove(tx, id, NULL) != RC_OK)
			_exit(8);
		commit();
	}
	_exit(work(WORKS, NULL) == RC_OK ? 0 : 9);
}

static void test_full_disk(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	int status = end_of(start_child(fill_the_disk));
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
}

/* ---- files that are no longer what was written ---- */

enum { BLOCK = 4096 };

static void spoil(const char *name)
{
	struct stat st;
	int fd = open(scratch_path(&scratch, name), O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = BLOCK; S_ISREG(st.st_mode) && at < st.st_size; at += BLOCK)
		assert_int_equal(pwrite(fd, long_text + 1, 64, at), 64);
	close(fd);
}

/* Whatever files the backend has: what they held is gone, and nothing else is told instead. */
static void test_damaged_files_are_told(void **state)
{
	struct fault why = { 0 };
	int damaged = 0;

	(void)state;
	for (int i = 0; i < WORKS; i++)
		assert_int_equal(work(i, NULL), RC_OK);
	store_close(store);
	store = NULL;
	DIR *dir = opendir(scratch_path(&scratch, "state"));
	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));) {
		char name[300];
		snprintf(name, sizeof name, "state/%s", e->d_name);
		spoil(name);
	}
	closedir(dir);
	enum rc rc = store_open(scratch_path(&scratch, "state"), &store, &why);
	for (int i = 0; rc == RC_OK && i < WORKS; i++) {
		struct part part = { .count = 0 };
		struct store_tx *mine = NULL;
		if (store_begin(store, &mine, &why) != RC_OK)
			continue;
		enum rc read = store_deposit_each(mine, count_deposit, &part, &why);
		assert_true(read == RC_RETRY || part.count == 0);
		damaged += read == RC_RETRY && strncmp(why.text, "store is damaged: ", 18) == 0;
		store_abandon(&mine);
	}
	assert_true(rc == RC_OK ? damaged > 0 : strncmp(why.text, "store is damaged: ", 18) == 0);
}

int conformance_run(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_threads_do_not_disturb_each_other),
		TEST(test_threads_wait),
		TEST(test_two_processes_do_not_race),
		TEST(test_two_openings_see_each_other),
		TEST(test_a_reader_sees_what_is_durable_and_waits_for_nobody),
		TEST(test_what_a_reader_reads_stays_true),
		TEST(test_a_reader_cannot_write),
		TEST(test_killed_at_each_step),
		TEST(test_threads_killed_at_each_step),
		TEST(test_each_step_fails_and_then_it_is_killed),
		TEST(test_each_step_fails_and_it_goes_on),
		TEST(test_files_may_not_grow),
		TEST(test_full_disk),
		TEST(test_damaged_files_are_told),
	};
	told = mmap(NULL, WORKS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(long_text, 'x', sizeof long_text);
	return cmocka_run_group_tests_name("store conformance", tests, NULL, NULL);
}
