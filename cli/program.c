#include "cli/program.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { STEP = 65536 };

/* A file in memory with the input, at its start: no pipe that could fill up. */
static int input_of(struct slice input)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	for (size_t at = 0; at < input.len;) {
		ssize_t n = write(fd, input.at + at, input.len - at);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		at += (size_t)n;
	}
	(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

static int spawn(const char *path, const char *const argv[], int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error)
		return error;
	error = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
							 O_WRONLY, 0);
	if (!error)
		error = posix_spawnp(pid, path, &actions, NULL, (char *const *)(uintptr_t)argv,
				     environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

static enum rc read_all(int fd, struct buf *out)
{
	for (;;) {
		char bytes[STEP];
		ssize_t n = read(fd, bytes, sizeof bytes);
		if (n == 0)
			return RC_OK;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return RC_RETRY;
		enum rc rc = buf_add(out, bytes, (size_t)n);
		if (rc != RC_OK)
			return rc;
	}
}

static enum rc await(pid_t pid, const char *name, struct fault *why)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fault(why, RC_RETRY, "%s: %s", name, strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return RC_OK;
	return fault(why, RC_INVALID, "%s ended with %s %d", name,
		     WIFEXITED(status) ? "status" : "signal",
		     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

enum rc program_run(const char *const argv[], struct slice input, struct buf *out,
		    struct fault *why)
{
	struct buf path = BUF_INIT(4096);
	CLEANUP(cleanup_fd) int in = input_of(input);
	int ends[2];
	pid_t pid;

	if (in < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return fault(why, RC_RETRY, "%s: %s", argv[0], strerror(errno));
	CLEANUP(cleanup_fd) int from = ends[0];
	int error = spawn(argv[0], argv, in, ends[1], &pid);
	/* Not everyone's PATH has it, and it is where Postfix's programs are. */
	if (error == ENOENT && buf_addf(&path, "/usr/sbin/%s", argv[0]) == RC_OK)
		error = spawn(buf_text(&path), argv, in, ends[1], &pid);
	close(ends[1]);
	buf_free(&path);
	if (error)
		return fault(why, error == ENOENT ? RC_ABSENT : RC_RETRY, "%s: %s", argv[0],
			     strerror(error));

	enum rc rc = read_all(from, out);
	if (rc != RC_OK)
		kill(pid, SIGKILL);
	enum rc ended = await(pid, argv[0], why);
	return rc == RC_OK ? ended : fault(why, rc, "%s said too much", argv[0]);
}
