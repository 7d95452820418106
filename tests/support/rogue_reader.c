/* A reader that a document has taken over: it does what its document's name says, behind
 * the walls of the real one. It answers a property "done" with errno where it is let. */
#include "reader/sandbox.h"
#include "reader/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_all(const struct buf *out)
{
	if (write(STDIN_FILENO, out->at, out->len) != (ssize_t)out->len)
		_exit(1);
}

static void say(enum wire_kind kind, const char *name, const char *body)
{
	struct buf out = BUF_INIT(4096);

	if (wire_add(&out, &(struct wire_frame){ .kind = kind,
						 .name = slice_of(name),
						 .body = slice_of(body) }) != RC_OK)
		_exit(1);
	send_all(&out);
	buf_free(&out);
}

static int try_memory(void)
{
	char *all =
		mmap(NULL, 600 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return all == MAP_FAILED ? errno : 0;
}

static int try_code(void)
{
	void *all = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return all == MAP_FAILED ? errno : 0;
}

static void spin(void)
{
	for (volatile unsigned i = 0;; i++)
		;
}

static int act(const char *deed)
{
	char *const none[] = { NULL };

	if (strcmp(deed, "crash") == 0)
		abort();
	if (strcmp(deed, "open") == 0)
		return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
	if (strcmp(deed, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
	if (strcmp(deed, "exec") == 0)
		return execve("/bin/true", none, none) < 0 ? errno : 0;
	if (strcmp(deed, "fork") == 0)
		return fork() < 0 ? errno : 0;
	if (strcmp(deed, "ptrace") == 0)
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
	if (strcmp(deed, "memory") == 0)
		return try_memory();
	if (strcmp(deed, "code") == 0)
		return try_code();
	if (strcmp(deed, "environment") == 0)
		return environ && *environ ? 0 : ENOENT;
	if (strcmp(deed, "descriptors") == 0)
		return write(3, "x", 1) < 0 ? errno : 0;
	if (strcmp(deed, "spin") == 0)
		spin();
	if (strcmp(deed, "hang") == 0)
		(void)!read(STDIN_FILENO, (char[1]){ 0 }, 1);
	if (strcmp(deed, "garbage") == 0)
		say(WIRE_DATA, "", "no reader sends data");
	if (strcmp(deed, "order") == 0)
		say(WIRE_TEXT, "", "text that was not begun");
	if (strcmp(deed, "half") == 0) {
		say(WIRE_BEGIN, "", "");
		say(WIRE_TEXT, "", "4111");
		_exit(1);
	}
	if (strcmp(deed, "leave") == 0)
		_exit(0);
	return 0;
}

static void serve(const struct wire_frame *job)
{
	char deed[64] = "", text[32];
	struct wire_limits limits;

	memcpy(deed, job->name.at, job->name.len < 63 ? job->name.len : 63);
	if (!wire_limits_take(job->body, &limits))
		_exit(1);
	reader_sandbox_limit_cpu((unsigned)limits.cpu_ms);
	int error = act(deed);
	snprintf(text, sizeof text, "%d", error);
	say(WIRE_PROPERTY, "done", text);
	say(WIRE_DONE, "", "");
	reader_sandbox_limit_cpu(0);
}

/* Whether all of a job is there. */
static bool is_whole(struct slice bytes, struct wire_frame *job)
{
	struct wire_frame frame;
	uint64_t left = UINT64_MAX;

	while (wire_take(&bytes, false, &frame) == RC_OK) {
		if (frame.kind == WIRE_JOB) {
			*job = frame;
			left = frame.number;
		} else {
			left -= frame.body.len;
		}
	}
	return left == 0;
}

int main(int argc, char **argv)
{
	static char bytes[1 << 20];
	struct wire_frame job;
	struct fault why;
	uint64_t memory;
	ssize_t n;
	size_t len = 0;

	if (argc != 2 || !slice_to_u64(slice_of(argv[1]), &memory) ||
	    reader_sandbox_enter(memory, &why) != RC_OK)
		return 1;
	while ((n = read(STDIN_FILENO, bytes + len, sizeof bytes - len)) > 0) {
		len += (size_t)n;
		if (!is_whole((struct slice){ bytes, len }, &job))
			continue;
		serve(&job);
		len = 0;
	}
	_exit(0);
}
