/* A web worker that was taken over, before the real keeper: it says what its second argument
 * says, and exits 0 when the keeper has answered as it should; the program's status is the
 * keeper's.   rogue_worker SETTINGS WHAT */
#include "base/log.h"
#include "pickup/pipe.h"
#include "portal/keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES = 3 };

static int lines[LINES];

/* The result of a question, or -1. */
static int ask(int line, enum pickup_verb verb)
{
	struct pickup_request q = { .verb = verb, .client = SLICE("192.0.2.7") };
	struct buf space = BUF_SECRET(PICKUP_WIRE_MAX);
	struct pickup_reply reply;
	struct fault why;
	int fd = -1;
	enum rc rc = pickup_ask(line, &q, -1, &space, &reply, &fd, &why);

	if (rc != RC_OK)
		fprintf(stderr, "rogue: %s\n", why.text);
	buf_wipe(&space);
	return rc == RC_OK && fd < 0 ? (int)reply.result : -1;
}

static void push(int line, const char *bytes, size_t len)
{
	if (send(line, bytes, len, MSG_NOSIGNAL) < 0)
		perror("rogue: send");
}

/* Waits for its own end, which is the keeper's to bring about. */
_Noreturn static void linger(void)
{
	sleep(30);
	_exit(9);
}

static void say_garbage(void)
{
	push(lines[0], "garbage", 7);
	linger();
}

static void say_too_much(void)
{
	static char bytes[PICKUP_WIRE_MAX + 1];

	push(lines[1], bytes, sizeof bytes);
	linger();
}

static void bring_two(void)
{
	int fds[2] = { 0, 1 };
	char control[CMSG_SPACE(sizeof fds)] = { 0 };
	struct iovec part = { (char[]){ 'x' }, 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof control };
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	*head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof fds) };
	memcpy(CMSG_DATA(head), fds, sizeof fds);
	if (sendmsg(lines[0], &message, 0) < 0)
		perror("rogue: sendmsg");
	linger();
}

/* Every verb with nothing to show for it: never more than a refusal. */
static void ask_everything(void)
{
	for (unsigned verb = PICKUP_PROVE; verb < PICKUP_VERBS; verb++) {
		int result = ask(lines[0], (enum pickup_verb)verb);
		if (result != PICKUP_DENIED && result != PICKUP_ORDER && result != PICKUP_SLOW)
			_exit(20 + (int)verb);
	}
	_exit(ask(lines[0], PICKUP_HELLO) == PICKUP_OK ? 0 : 3);
}

/* One line is stuffed with questions whose answers are not read: the others are served. */
static void stuff_one_line(void)
{
	struct pickup_request q = { .verb = PICKUP_HELLO };
	struct buf bytes = BUF_INIT(PICKUP_WIRE_MAX);

	if (pickup_request_encode(&q, &bytes, NULL) != RC_OK)
		_exit(4);
	while (send(lines[0], bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		;
	for (int i = 0; i < 100; i++)
		if (ask(lines[1 + i % 2], PICKUP_HELLO) != PICKUP_OK)
			_exit(5);
	_exit(0);
}

static void end_at_once(void)
{
	_exit(7);
}

static void ask_on(void)
{
	while (ask(lines[0], PICKUP_HELLO) == PICKUP_OK)
		usleep(1000);
	_exit(0);
}

static const struct {
	const char *name;
	void (*play)(void);
} plays[] = {
	{ "garbage", say_garbage },  { "too-much", say_too_much },
	{ "two", bring_two },        { "everything", ask_everything },
	{ "stuff", stuff_one_line }, { "end", end_at_once },
	{ "ask-on", ask_on },
};

static pid_t start(const char *what, const int *keepers)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (size_t i = 0; i < LINES; i++)
		close(keepers[i]);
	for (size_t i = 0; i < sizeof plays / sizeof *plays; i++)
		if (strcmp(plays[i].name, what) == 0)
			plays[i].play();
	_exit(2);
}

int main(int argc, char **argv)
{
	const struct settings *settings;
	struct fault why;
	int keepers[LINES];

	log_open("rogue", LOG_TO_STDERR, LOG_NOTE);
	if (argc != 3 || settings_read(argv[1], &settings, &why) != RC_OK)
		return 2;
	for (size_t i = 0; i < LINES; i++)
		if (pickup_pair(&lines[i], &keepers[i], &why) != RC_OK)
			return 2;
	const struct keeper_config config = { .settings = settings,
					      .socket_count = LINES,
					      .sockets = keepers,
					      .worker = start(argv[2], keepers),
					      .hook = -1 };
	for (size_t i = 0; i < LINES; i++)
		close(lines[i]);
	int status = keeper_run(&config);
	settings_unref(settings);
	return status;
}
