#include "scan/clamd.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000, SHORT_MS = 200 };

static struct scratch scratch;
static char server[120];

static struct spool *spool_of(struct slice bytes)
{
	struct spool *s = spool_new(1 << 20, 1 << 26, scratch.folder);

	assert_non_null(s);
	assert_int_equal(spool_add(s, bytes.at, bytes.len, NULL), RC_OK);
	return s;
}

static enum rc scan(struct slice bytes, int patience_ms, struct scan_result *out, struct fault *why)
{
	struct spool *s = spool_of(bytes);
	enum rc rc = scan_message(server, clock_mono_ms() + patience_ms, s, out, why);

	spool_free(s);
	return rc;
}

/* ---- a scanner that answers oddly ---- */

static struct odd {
	const char *what;
	struct slice says; /* NULs in it */
	bool reads_all;    /* before it speaks; else only the commands */
	bool stays;        /* says nothing more and does not close */
	enum rc rc;
	const char *why; /* or what was found; "" for clean */
} const *playing;

static int listener = -1;

static void read_stream(int fd)
{
	static const char end[] = { 0, 0, 0, 0 };
	char last[4] = { 1, 1, 1, 1 }, byte;

	/* Test messages have no four zeros. */
	while (recv(fd, &byte, 1, 0) == 1) {
		memmove(last, last + 1, 3);
		last[3] = byte;
		if (memcmp(last, end, 4) == 0)
			return;
	}
}

static void *play(void *arg)
{
	char byte;
	CLEANUP(cleanup_fd) int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		return arg;
	if (playing->reads_all)
		read_stream(fd);
	else
		(void)!recv(fd, &byte, 1, 0);
	if (playing->says.len)
		(void)!send(fd, playing->says.at, playing->says.len, MSG_NOSIGNAL);
	while (playing->stays && recv(fd, &byte, 1, 0) == 1)
		;
	return NULL;
}

static void listen_at(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", scratch.folder, name);
	snprintf(server, sizeof server, "unix:%s", at.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 4), 0);
}

#define SAYS(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}
#define VERSION "1: ClamAV 1.4.6\0"

static const struct odd odd[] = {
	{ "clean", SAYS(VERSION "2: stream: OK\0"), true, false, RC_OK, "" },
	{ "found", SAYS(VERSION "2: stream: Some.Virus FOUND\0"), true, false, RC_OK,
	  "Some.Virus" },
	{ "found, in the midst of it", SAYS(VERSION "2: stream: Some.Virus FOUND\0"), false, true,
	  RC_OK, "Some.Virus" },
	{ "clean before it had all", SAYS(VERSION "2: stream: OK\0"), false, true, RC_RETRY,
	  "the scanner answered before it had all" },
	{ "without a version", SAYS("1: COMMAND UNAVAILABLE\0002: stream: OK\0"), true, false,
	  RC_OK, "" },
	{ "too long", SAYS(VERSION "2: INSTREAM size limit exceeded. ERROR\0"), false, false,
	  RC_LIMIT, "the message is too long for the virus scanner" },
	{ "an error", SAYS(VERSION "2: stream: lstat() failed ERROR\0"), true, false, RC_RETRY,
	  "the scanner said: stream: lstat() failed ERROR" },
	{ "an answer to nothing", SAYS("UNKNOWN COMMAND\0"), true, false, RC_RETRY,
	  "the scanner said: UNKNOWN COMMAND" },
	{ "clean, to a command that we did not give", SAYS("3: stream: OK\0"), true, false,
	  RC_RETRY, "the scanner said: stream: OK" },
	{ "the version twice", SAYS(VERSION "1: stream: OK\0"), true, false, RC_RETRY,
	  "the scanner said: stream: OK" },
	{ "nothing, and closes", SAYS(""), true, false, RC_RETRY, "the scanner broke off" },
	{ "half an answer", SAYS(VERSION "2: stream: OK"), true, false, RC_RETRY,
	  "the scanner broke off" },
	{ "no text", SAYS("2: stream: OK\r\n\0"), true, false, RC_RETRY,
	  "the scanner's answer is none" },
	{ "nothing, and stays", SAYS(""), true, true, RC_RETRY,
	  "the scanner did not answer in time" },
};

static void test_odd_answers(void **state)
{
	/* More than a socket holds: it cannot all be said before the answer is heard. */
	static char bytes[4 << 20];

	(void)state;
	memset(bytes, 'x', sizeof bytes);
	listen_at("odd");
	for (size_t i = 0; i < COUNT(odd); i++) {
		struct scan_result result = { .found = false };
		struct fault why = { "" };
		pthread_t thread;

		print_message("   %s\n", odd[i].what);
		playing = &odd[i];
		assert_int_equal(pthread_create(&thread, NULL, play, NULL), 0);
		bool long_one = !odd[i].reads_all;
		enum rc rc = scan((struct slice){ bytes, long_one ? sizeof bytes : 1000 },
				  odd[i].stays && odd[i].reads_all ? SHORT_MS : PATIENCE_MS,
				  &result, &why);
		assert_int_equal(pthread_join(thread, NULL), 0);
		assert_int_equal(rc, odd[i].rc);
		assert_string_equal(rc == RC_OK ? result.name : why.text, odd[i].why);
		if (rc == RC_OK) {
			assert_int_equal(result.found, odd[i].why[0] != '\0');
			assert_memory_equal(result.engine, "ClamAV", 6);
		}
	}
	close(listener);
}

static void test_nobody_there(void **state)
{
	struct scan_result result;
	struct fault why;

	(void)state;
	snprintf(server, sizeof server, "unix:%s/nobody", scratch.folder);
	assert_int_equal(scan(SLICE("x"), PATIENCE_MS, &result, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "cannot connect to unix:/"));
	snprintf(server, sizeof server, "clamd.example:3310");
	assert_int_equal(scan(SLICE("x"), PATIENCE_MS, &result, &why), RC_INVALID);
}

/* ---- the real one, with one signature of our own ---- */

/* The test file that all scanners know (eicar.org), in two pieces, so that none of them
 * finds it in this file or program. */
static const char eicar[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-"
			    "STANDARD-ANTIVIRUS-";

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static pid_t start_clamd(void)
{
	char text[600];
	int n = snprintf(text, sizeof text, "Postern-Test:0:*:");

	for (size_t i = 0; i < 40; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%02x", (unsigned char)eicar[i]);
	assert_int_equal(mkdir(scratch_path(&scratch, "db"), 0755), 0);
	write_file("db/test.ndb", strcat(text, "\n"));
	snprintf(text, sizeof text,
		 "LocalSocket %s/real\nDatabaseDirectory %s/db\nForeground yes\nMaxThreads 2\n"
		 "ConcurrentDatabaseReload no\nStreamMaxLength 1M\nTemporaryDirectory %s\n",
		 scratch.folder, scratch.folder, scratch.folder);
	write_file("clamd.conf", text);
	chmod(scratch.folder, 0755);
	pid_t child = fork();
	if (child == 0) {
		char option[100];
		snprintf(option, sizeof option, "--config-file=%s/clamd.conf", scratch.folder);
		if (!freopen(scratch_path(&scratch, "clamd.log"), "w", stdout))
			_exit(126);
		dup2(1, 2);
		execl("/usr/sbin/clamd", "clamd", option, (char *)NULL);
		_exit(127);
	}
	return child;
}

static bool answers(void)
{
	struct scan_result result;

	return scan_engine(server, clock_mono_ms() + PATIENCE_MS, &result, NULL) == RC_OK;
}

static struct {
	char bytes[3 << 20];
	size_t len;
} mail;

static void make_mail(const char *tail, size_t fill)
{
	int n = snprintf(mail.bytes, sizeof mail.bytes,
			 "From: a@our.example\r\nSubject: x\r\n\r\n%s%s\r\n",
			 tail ? eicar : "harmless", tail ? tail : "");

	mail.len = (size_t)n;
	memset(mail.bytes + mail.len, 'x', fill);
	mail.len += fill;
}

static void test_with_the_real_one(void **state)
{
	struct scan_result result;
	struct fault why = { "" };

	(void)state;
	if (access("/usr/sbin/clamd", X_OK) != 0)
		skip();
	snprintf(server, sizeof server, "unix:%s/real", scratch.folder);
	pid_t clamd = start_clamd();
	for (int i = 0; i < 200 && !answers(); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);

	make_mail(NULL, 500000);
	assert_int_equal(scan((struct slice){ mail.bytes, mail.len }, PATIENCE_MS, &result, &why),
			 RC_OK);
	assert_false(result.found);
	assert_string_equal(result.name, "");
	assert_memory_equal(result.engine, "ClamAV ", 7);
	make_mail("TEST-FILE!$H+H*", 0);
	assert_int_equal(scan((struct slice){ mail.bytes, mail.len }, PATIENCE_MS, &result, &why),
			 RC_OK);
	assert_true(result.found);
	assert_string_equal(result.name, "Postern-Test.UNOFFICIAL");
	make_mail(NULL, 2 << 20);
	assert_int_equal(scan((struct slice){ mail.bytes, mail.len }, PATIENCE_MS, &result, &why),
			 RC_LIMIT);
	kill(clamd, SIGTERM);
	waitpid(clamd, NULL, 0);
	assert_int_equal(scan(SLICE("x"), PATIENCE_MS, &result, &why), RC_RETRY);
}

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_odd_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nobody_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_with_the_real_one, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("scan/clamd", tests, NULL, NULL);
}
