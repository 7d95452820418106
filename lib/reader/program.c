#include "reader/program.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* From build/milter, build/tests, build/tests/scenario. */
static const char *const beside[] = { "../reader/postern-reader", "../../reader/postern-reader" };

void reader_program_find(char path[READER_PATH_MAX])
{
	char own[READER_PATH_MAX / 2];
	ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);

	for (size_t i = 0; len > 0 && i < sizeof beside / sizeof *beside; i++) {
		own[len] = '\0';
		snprintf(path, READER_PATH_MAX, "%s/%s", dirname(own), beside[i]);
		if (access(path, X_OK) == 0)
			return;
		len = readlink("/proc/self/exe", own, sizeof own - 1);
	}
	snprintf(path, READER_PATH_MAX, "%s", POSTERN_READER);
}

static int set_up(posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes, int fd)
{
	sigset_t none, all;
	int failed = posix_spawn_file_actions_adddup2(files, fd, STDIN_FILENO);

	sigemptyset(&none);
	sigfillset(&all);
	if (!failed)
		failed = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null",
							  O_WRONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
	if (!failed)
		failed = posix_spawnattr_setsigmask(attributes, &none);
	if (!failed)
		failed = posix_spawnattr_setsigdefault(attributes, &all);
	if (!failed)
		failed = posix_spawnattr_setflags(attributes,
						  POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return failed;
}

static int spawn(const char *path, uint64_t memory_bytes, int fd, pid_t *pid)
{
	char name[] = "postern-reader", memory[24];
	char *const arguments[] = { name, memory, NULL }, *const environment[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;

	snprintf(memory, sizeof memory, "%llu", (unsigned long long)memory_bytes);
	int failed = posix_spawn_file_actions_init(&files);
	if (failed)
		return failed;
	failed = posix_spawnattr_init(&attributes);
	if (!failed) {
		failed = set_up(&files, &attributes, fd);
		if (!failed)
			failed =
				posix_spawn(pid, path, &files, &attributes, arguments, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

enum rc reader_program_start(const char *path, uint64_t memory_bytes, struct reader_process *out,
			     struct fault *why)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return fault(why, RC_RETRY, "cannot make a socket for %s: %s", path,
			     strerror(errno));
	struct reader_process p = { .fd = ends[0] };
	int failed = spawn(path, memory_bytes, ends[1], &p.pid);
	close(ends[1]);
	if (!failed && fcntl(p.fd, F_SETFL, O_NONBLOCK) != 0) {
		failed = errno;
		(void)reader_program_end(&p);
	} else if (failed) {
		close(p.fd);
	}
	if (failed)
		return fault(why, failed == ENOENT || failed == EACCES ? RC_ABSENT : RC_RETRY,
			     "cannot start %s: %s", path, strerror(failed));
	*out = p;
	return RC_OK;
}

const char *reader_program_end(struct reader_process *p)
{
	int status = 0;
	pid_t ended;

	close(p->fd);
	/* One that has ended by itself keeps its own status. */
	(void)kill(p->pid, SIGKILL);
	do
		ended = waitpid(p->pid, &status, 0);
	while (ended < 0 && errno == EINTR);
	int by = ended == p->pid && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	*p = (struct reader_process){ .fd = -1 };
	if (by == SIGPROF || by == SIGXCPU)
		return "inspect-cpu-ms";
	if (by == SIGSYS)
		return "reader-forbidden";
	return "reader-crash";
}
