#include "audit/log.h"

#include "audit/verify.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/anomaly.h"
#include "support/unit.h"

enum { NOW = 1000 };

static char folder[32], path[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/postern-log-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof path, "%s/audit.jsonl", folder);
	return 0;
}

static int remove_folder(void **state)
{
	DIR *dir = opendir(folder);

	(void)state;
	for (struct dirent *e; dir && (e = readdir(dir));)
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	return rmdir(folder);
}

static struct audit_log *open_log(void)
{
	struct audit_log *log = NULL;
	struct fault why = { 0 };
	enum rc rc = audit_log_open(path, NOW, &log, &why);

	if (rc != RC_OK)
		print_message("%s\n", why.text);
	assert_int_equal(rc, RC_OK);
	return log;
}

static enum rc append(struct audit_log *log, const char *to, size_t count, bool durable)
{
	struct audit_record records[8];

	assert_true(count <= 8);
	for (size_t i = 0; i < count; i++)
		records[i] = (struct audit_record){ .ts_usec = NOW, .event = "decided", .to = to };
	return audit_log_append(log, records, count, durable, NULL);
}

static void fail_on_problem(void *arg, uint64_t line, const char *words)
{
	(void)arg;
	fail_msg("line %u: %s", (unsigned)line, words);
}

static struct audit_chain verified(void)
{
	struct audit_chain chain = { 0 };

	assert_int_equal(audit_verify(path, &chain, fail_on_problem, NULL, NULL), RC_OK);
	return chain;
}

static void add_bytes(const char *bytes)
{
	int fd = open(path, O_WRONLY | O_APPEND), strikes_at = anomaly_at;

	anomaly_at = 0; /* no failure of ours */
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	close(fd);
	anomaly_at = strikes_at;
	anomaly_steps--;
}

static void test_appends_make_a_chain(void **state)
{
	struct audit_log *log = open_log();
	struct stat st;

	(void)state;
	assert_int_equal(append(log, "a@b.test", 3, true), RC_OK);
	assert_int_equal(append(log, "a@b.test", 0, true), RC_OK);
	assert_int_equal(append(log, "c@d.test", 1, false), RC_OK);
	audit_log_close(log);
	assert_int_equal(verified().last_seq, 4);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07, 0); /* not for all to read */

	log = open_log(); /* and it goes on after a restart */
	assert_int_equal(append(log, "e@f.test", 1, true), RC_OK);
	audit_log_close(log);
	struct audit_chain chain = verified();
	assert_int_equal(chain.first_seq, 1);
	assert_int_equal(chain.last_seq, 5);
}

static void test_one_writer(void **state)
{
	struct audit_log *log = open_log(), *second = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(audit_log_open(path, NOW, &second, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "another process"));
	audit_log_close(log);
	audit_log_close(open_log());
}

static void test_a_torn_line_is_kept_aside(void **state)
{
	struct buf file = BUF_INIT(1 << 16);
	char aside[128];

	(void)state;
	struct audit_log *log = open_log();
	assert_int_equal(append(log, "a@b.test", 2, true), RC_OK);
	audit_log_close(log);
	add_bytes("{\"ts\":\"2026-11-22T0");

	audit_log_close(open_log());
	struct audit_chain chain = verified();
	assert_int_equal(chain.last_seq, 3);
	assert_int_equal(file_read(path, &file, NULL), RC_OK);
	assert_non_null(strstr(buf_text(&file), "\"event\":\"recovered\""));
	assert_non_null(
		strstr(buf_text(&file), "19 bytes that were no whole record were moved to"));
	buf_clear(&file);
	snprintf(aside, sizeof aside, "%s.torn-%d", path, NOW);
	assert_int_equal(file_read(aside, &file, NULL), RC_OK);
	assert_string_equal(buf_text(&file), "{\"ts\":\"2026-11-22T0");
	buf_free(&file);
}

static void test_a_file_of_something_else_is_not_touched(void **state)
{
	struct audit_log *log = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(file_replace(path, SLICE("dear diary\n"), 0600, NULL), RC_OK);
	assert_int_equal(audit_log_open(path, NOW, &log, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "holds no audit record"));
	struct buf file = BUF_INIT(100);
	assert_int_equal(file_read(path, &file, NULL), RC_OK);
	assert_string_equal(buf_text(&file), "dear diary\n");
	buf_free(&file);
}

static void test_rotation_continues_the_chain(void **state)
{
	char old[80];
	struct audit_chain chain = { 0 };

	(void)state;
	snprintf(old, sizeof old, "%s.1", path);
	struct audit_log *log = open_log();
	assert_int_equal(append(log, "a@b.test", 2, true), RC_OK);
	assert_int_equal(audit_log_reopen(log, NOW, NULL), RC_OK); /* same file: nothing happens */
	assert_int_equal(rename(path, old), 0);
	assert_int_equal(append(log, "late@b.test", 1, true), RC_OK); /* still to the old one */
	assert_int_equal(audit_log_reopen(log, NOW, NULL), RC_OK);
	assert_int_equal(append(log, "new@b.test", 1, true), RC_OK);
	audit_log_close(log);
	assert_int_equal(audit_verify(old, &chain, fail_on_problem, NULL, NULL), RC_OK);
	assert_int_equal(audit_verify(path, &chain, fail_on_problem, NULL, NULL), RC_OK);
	assert_int_equal(chain.last_seq, 4);
}

static void test_restart_between_rename_and_reopen(void **state)
{
	char old[80];
	struct audit_chain chain = { 0 };

	(void)state;
	snprintf(old, sizeof old, "%s-20261122", path);
	struct audit_log *log = open_log();
	assert_int_equal(append(log, "a@b.test", 2, true), RC_OK);
	audit_log_close(log);
	assert_int_equal(rename(path, old), 0);
	log = open_log();
	assert_int_equal(append(log, "new@b.test", 1, true), RC_OK);
	audit_log_close(log);
	assert_int_equal(audit_verify(old, &chain, fail_on_problem, NULL, NULL), RC_OK);
	assert_int_equal(audit_verify(path, &chain, fail_on_problem, NULL, NULL), RC_OK);
	assert_int_equal(chain.last_seq, 3);
}

static void test_a_record_too_long_writes_nothing(void **state)
{
	char *to = malloc(AUDIT_LINE_MAX + 1);
	struct audit_log *log = open_log();

	(void)state;
	assert_non_null(to);
	memset(to, 't', AUDIT_LINE_MAX);
	to[AUDIT_LINE_MAX] = '\0';
	assert_int_equal(append(log, to, 1, true), RC_LIMIT);
	assert_int_equal(append(log, "a@b.test", 1, true), RC_OK);
	audit_log_close(log);
	assert_int_equal(verified().last_seq, 1);
	free(to);
}

/* A disk that fills up within a line, played by a limit on the size of files. */
static void fill_up_within_a_line(void)
{
	struct rlimit limit = { 1000, RLIM_INFINITY };
	struct audit_log *log = open_log();

	signal(SIGXFSZ, SIG_IGN);
	if (append(log, "a@b.test", 1, true) != RC_OK || setrlimit(RLIMIT_FSIZE, &limit) < 0)
		_exit(1);
	if (append(log, "b@b.test", 4, true) != RC_RETRY)
		_exit(2);
	limit.rlim_cur = RLIM_INFINITY;
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0 || append(log, "c@b.test", 1, true) != RC_OK)
		_exit(3);
	audit_log_close(log);
	_exit(0);
}

static void run_in_child(void (*fn)(void), int want)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		fn();
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
}

static void test_a_full_disk_leaves_whole_lines(void **state)
{
	(void)state;
	run_in_child(fill_up_within_a_line, 0);
	assert_int_equal(verified().last_seq, 2);
}

/* Dies within a line: what was durable before stays, and the chain goes on. */
static void die_within_a_line(void)
{
	struct audit_log *log = open_log();

	if (append(log, "a@b.test", 2, true) != RC_OK)
		_exit(1);
	add_bytes("{\"ts\":");
	_exit(7);
}

static void test_killed_again_and_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char aside[128];
		run_in_child(die_within_a_line, 7);
		snprintf(aside, sizeof aside, "%s.torn-%d", path, NOW);
		assert_int_equal(access(aside, F_OK), i == 0 ? -1 : 0);
	}
	audit_log_close(open_log());
	assert_int_equal(verified().last_seq, 3 * 2 + 3);
}

/* Three lives that each end within a line. How many records were said to be durable. */
static unsigned tell_story(void)
{
	struct audit_log *log = NULL;
	unsigned kept = 0;

	for (unsigned i = 0; i < 3; i++) {
		if (audit_log_open(path, NOW + i, &log, NULL) != RC_OK)
			continue;
		kept += append(log, "a@b.test", 2, true) == RC_OK ? 2 : 0;
		kept += append(log, "b@b.test", 1, true) == RC_OK;
		kept += append(log, "c@b.test", 1, true) == RC_OK;
		audit_log_close(log);
		add_bytes("{\"torn\":");
	}
	return kept;
}

/* The chain holds, and no more is missing than what was said to have failed. */
static void check_story(unsigned kept)
{
	struct buf file = BUF_INIT(1 << 20);
	struct slice rest, line;
	unsigned whole = 0;

	audit_log_close(open_log());
	(void)verified();
	assert_int_equal(file_read(path, &file, NULL), RC_OK);
	for (rest = buf_slice(&file); slice_take_line(&rest, &line);)
		if (memmem(line.at, line.len, "@b.test", 7))
			whole++;
	assert_true(whole >= kept);
	buf_free(&file);
}

static void test_each_step_fails_in_turn(void **state)
{
	anomaly_at = 0;
	anomaly_steps = 0;
	assert_int_equal(tell_story(), 12);
	int steps = anomaly_steps;
	assert_true(steps > 20);
	for (int n = 1; n <= steps; n++) {
		assert_int_equal(remove_folder(state), 0);
		assert_int_equal(make_folder(state), 0);
		anomaly_steps = 0;
		anomaly_errno = n % 2 ? EIO : ENOSPC;
		anomaly_at = n;
		unsigned kept = tell_story();
		anomaly_at = 0;
		assert_true(kept >= 8); /* one failure costs at most one opening */
		check_story(kept);
	}
}

static void story_in_child(void)
{
	(void)tell_story();
	_exit(0);
}

static void test_killed_at_each_step(void **state)
{
	anomaly_errno = 0;
	for (int n = 1;; n++) {
		int status = 0;
		assert_int_equal(remove_folder(state), 0);
		assert_int_equal(make_folder(state), 0);
		anomaly_steps = 0;
		anomaly_at = n;
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			story_in_child();
		anomaly_at = 0;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		check_story(0);
		if (WEXITSTATUS(status) == 0)
			break;
		assert_int_equal(WEXITSTATUS(status), ANOMALY_EXIT);
		assert_true(n < 200);
	}
}

enum { THREADS = 8, ROUNDS = 25 };

static void *append_many(void *log)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		if (append(log, "t@b.test", 2, i % 2 == 0) != RC_OK)
			return log;
	return NULL;
}

static void test_threads_share_the_chain(void **state)
{
	struct audit_log *log = open_log();
	pthread_t threads[THREADS];

	(void)state;
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_many, log), 0);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(audit_log_reopen(log, NOW, NULL), RC_OK);
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed;
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	audit_log_close(log);
	assert_int_equal(verified().last_seq, THREADS * ROUNDS * 2);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_appends_make_a_chain),
		TEST(test_one_writer),
		TEST(test_a_torn_line_is_kept_aside),
		TEST(test_a_file_of_something_else_is_not_touched),
		TEST(test_rotation_continues_the_chain),
		TEST(test_restart_between_rename_and_reopen),
		TEST(test_a_record_too_long_writes_nothing),
		TEST(test_a_full_disk_leaves_whole_lines),
		TEST(test_killed_again_and_again),
		TEST(test_each_step_fails_in_turn),
		TEST(test_killed_at_each_step),
		TEST(test_threads_share_the_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
