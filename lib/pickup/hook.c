#include "pickup/hook.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "pickup/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEXT_MAX = 4096,
	STEP_MS = 20,
	GRACE_MS = 2000, /* the runner's own time beside the command's */
	STARTED_NOT = 126,
	TOO_MANY = 253,
	TOO_LONG = 254,
};

/* ---- the runner's processes ---- */

_Noreturn static void become(const char *command, int input)
{
	char *const words[] = { (char *)(uintptr_t)command, NULL };
	char *const environment[] = { (char[]){ "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
						"/usr/bin:/sbin:/bin" },
				      NULL };

	setpgid(0, 0);
	if (dup2(input, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(STARTED_NOT);
	execve(command, words, environment);
	_exit(STARTED_NOT);
}

/* A command that does not read is told by its status, not by a signal to us. */
static void give(int fd, struct slice text)
{
	while (text.len) {
		ssize_t n = write(fd, text.at, text.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text = (struct slice){ text.at + n, text.len - (size_t)n };
	}
}

/* The exit status, or what stands for it. */
static int wait_for(pid_t pid)
{
	int64_t until_ms = clock_mono_ms() + PICKUP_HOOK_MS;
	int status;

	for (;;) {
		pid_t ended = waitpid(pid, &status, WNOHANG);
		if (ended == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : STARTED_NOT;
		if (ended < 0 && errno != EINTR)
			return STARTED_NOT;
		if (clock_mono_ms() >= until_ms)
			break;
		poll(NULL, 0, STEP_MS);
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return TOO_LONG;
}

static int run(const char *command, struct slice text)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return STARTED_NOT;
	pid_t pid = fork();
	if (pid == 0)
		become(command, ends[0]);
	close(ends[0]);
	if (pid > 0)
		give(ends[1], text); /* shorter than a pipe holds: it does not block */
	close(ends[1]);
	return pid > 0 ? wait_for(pid) : STARTED_NOT;
}

static void answer(int fd, int status)
{
	(void)!write(fd, &(uint8_t){ (uint8_t)status }, 1);
}

/* One code: a process for each, so that a slow gateway keeps nobody waiting. */
static void serve(const char *command, const struct buf *bytes, int fd, unsigned *running)
{
	while (*running && waitpid(-1, NULL, WNOHANG) > 0)
		--*running;
	if (*running >= PICKUP_HOOKS_MAX) {
		answer(fd, TOO_MANY);
		return;
	}
	pid_t pid = fork();
	if (pid == 0) {
		answer(fd, run(command, buf_slice(bytes)));
		_exit(0);
	}
	if (pid < 0)
		answer(fd, STARTED_NOT);
	*running += pid > 0;
}

_Noreturn static void runner(const char *command, int socket)
{
	struct buf bytes = BUF_SECRET(PICKUP_WIRE_MAX);
	unsigned running = 0;
	enum rc rc;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* it ends with the keeper, which finishes what is under way */
	signal(SIGTERM, SIG_IGN);
	while ((rc = pickup_receive(socket, -1, &bytes, &fd, NULL)) != RC_ABSENT) {
		if (rc == RC_OK && fd >= 0)
			serve(command, &bytes, fd, &running);
		if (fd >= 0)
			cleanup_fd(&fd);
		buf_wipe(&bytes);
		bytes = BUF_SECRET(PICKUP_WIRE_MAX);
	}
	_exit(0);
}

enum rc pickup_hook_start(const char *command, pickup_drop_fn *drop, void *arg, int *socket,
			  struct fault *why)
{
	int theirs, ours;
	enum rc rc = pickup_pair(&ours, &theirs, why);

	if (rc != RC_OK)
		return rc;
	pid_t pid = fork();
	if (pid == 0) {
		close(ours);
		if (drop && drop(arg, NULL) != RC_OK)
			_exit(STARTED_NOT);
		runner(command, theirs);
	}
	close(theirs);
	if (pid < 0) {
		rc = fault(why, RC_RETRY, "cannot start a process: %s", strerror(errno));
		close(ours);
		return rc;
	}
	*socket = ours;
	return RC_OK;
}

/* ---- the keeper's side ---- */

/* What stands in a line must not make a second one. */
static void add_line(struct buf *out, const char *key, const char *value)
{
	(void)buf_addf(out, "%s=", key);
	for (; *value; value++)
		(void)buf_add_byte(out, (unsigned char)*value < ' ' ? ' ' : *value);
	(void)buf_add_byte(out, '\n');
}

static enum rc take_status(int fd, struct fault *why)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	uint8_t status;

	if (poll(&ready, 1, PICKUP_HOOK_MS + GRACE_MS) <= 0 || read(fd, &status, 1) != 1)
		return fault(why, RC_RETRY, "portal.code_command: no word of its end");
	if (status == TOO_LONG)
		return fault(why, RC_RETRY, "portal.code_command took more than %d s",
			     PICKUP_HOOK_MS / 1000);
	if (status == TOO_MANY)
		return fault(why, RC_RETRY, "portal.code_command: %d of them run already",
			     PICKUP_HOOKS_MAX);
	return status ? fault(why, RC_RETRY, "portal.code_command ended with %d", status) : RC_OK;
}

enum rc pickup_hook_send(int socket, const struct pickup_code *code, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(TEXT_MAX);
	char until[CLOCK_TEXT];
	int ends[2];

	add_line(&text, "number", code->number);
	add_line(&text, "code", code->code);
	add_line(&text, "language", code->language);
	add_line(&text, "organisation", code->organisation);
	add_line(&text, "until", clock_format(code->until_s, until));
	if (buf_state(&text) != RC_OK)
		return fault(why, buf_state(&text), "no room for a code");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fault(why, RC_RETRY, "cannot make a pipe: %s", strerror(errno));
	enum rc rc = pickup_send(socket, buf_slice(&text), ends[1], why);
	close(ends[1]);
	if (rc == RC_OK)
		rc = take_status(ends[0], why);
	close(ends[0]);
	return rc == RC_ABSENT ? RC_RETRY : rc;
}
