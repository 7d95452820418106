#include "reader/sandbox.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a taken-over reader may do is tested where it matters, in reader/pool; here that the
 * walls stand at all, each in a process of its own. */
static int status_of(void (*deed)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct fault why;
		if (reader_sandbox_enter(512u << 20, &why) != RC_OK)
			_exit(99);
		deed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void nothing(void)
{
}

static void open_a_file(void)
{
	_exit(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES ? 7 : 8);
}

static void open_a_socket(void)
{
	(void)!socket(AF_UNIX, SOCK_STREAM, 0);
}

static void kill_another(void)
{
	(void)kill(getppid(), SIGTERM);
}

static void spin(void)
{
	reader_sandbox_limit_cpu(50);
	for (volatile unsigned i = 0;; i++)
		;
}

static void test_the_walls(void **state)
{
	static const struct {
		const char *name;
		void (*deed)(void);
		int signal, status;
	} rows[] = {
		{ "nothing", nothing, 0, 0 },
		{ "a file is refused", open_a_file, 0, 7 },
		{ "a socket is the end", open_a_socket, SIGSYS, 0 },
		{ "so is a signal to others", kill_another, SIGSYS, 0 },
		{ "and the CPU's bound", spin, SIGPROF, 0 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = status_of(rows[i].deed);
		int by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		if (by != rows[i].signal || (!by && WEXITSTATUS(status) != rows[i].status))
			fail_msg("%s: %x", rows[i].name, (unsigned)status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_walls) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
