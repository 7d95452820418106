#include "smtp/submit.h"

#include "base/buf.h"
#include "loop/loop.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000, SCRIPT_MAX = 16 };

/* The server's part: text is sent; "<" waits for a line, "<<" for a whole
 * message, "~" until the client goes away, "!" goes away itself at once. */
struct server {
	int listener;
	char address[32];
	const char *const *script;
	struct buf heard; /* all that the client sent */
	pthread_t thread;
};

static bool ends_with(const struct buf *b, const char *tail)
{
	size_t len = strlen(tail);

	return b->len >= len && memcmp(b->at + b->len - len, tail, len) == 0;
}

/* Byte by byte, so that nothing of what follows is taken. */
static bool hear_until(struct server *v, int fd, const char *tail)
{
	char c;

	do {
		if (recv(fd, &c, 1, 0) != 1 || buf_add_byte(&v->heard, c) != RC_OK)
			return false;
	} while (!tail || !ends_with(&v->heard, tail));
	return true;
}

static void *serve(void *arg)
{
	struct server *v = arg;
	int fd = accept(v->listener, NULL, NULL);
	struct timeval limit = { .tv_sec = DEADLINE_MS / 1000 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	for (const char *const *line = v->script; *line; line++) {
		if (strcmp(*line, "<") == 0)
			hear_until(v, fd, "\r\n");
		else if (strcmp(*line, "<<") == 0)
			hear_until(v, fd, "\r\n.\r\n");
		else if (strcmp(*line, "~") == 0)
			hear_until(v, fd, NULL);
		else if (strcmp(*line, "!") == 0)
			break;
		else
			send(fd, *line, strlen(*line), MSG_NOSIGNAL);
	}
	close(fd);
	return NULL;
}

static void server_start(struct server *v, const char *const *script)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;

	*v = (struct server){ .script = script, .heard = BUF_INIT(16 << 20) };
	v->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(v->listener, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(v->listener, 1), 0);
	assert_int_equal(getsockname(v->listener, (struct sockaddr *)&a, &len), 0);
	snprintf(v->address, sizeof v->address, "127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
	assert_int_equal(pthread_create(&v->thread, NULL, serve, v), 0);
}

static void server_stop(struct server *v)
{
	pthread_join(v->thread, NULL);
	close(v->listener);
	buf_free(&v->heard);
}

/* What a test wants to remember of an outcome. */
struct end {
	struct loop *loop;
	bool done, doubtful;
	enum smtp_fate fate[2];
	char words[2][SMTP_WORDS_MAX], final[SMTP_WORDS_MAX];
	unsigned missing;
};

static void on_done(void *arg, const struct smtp_outcome *o)
{
	struct end *end = arg;

	assert_false(end->done);
	end->done = true;
	end->doubtful = o->doubtful;
	end->missing = o->missing;
	strcpy(end->final, o->final);
	for (size_t i = 0; i < o->count; i++) {
		end->fate[i] = o->results[i].fate;
		strcpy(end->words[i], o->results[i].words);
	}
	loop_stop(end->loop);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("no outcome in %d ms", DEADLINE_MS);
}

static const struct smtp_recipient recipients[] = {
	{ "c@d.example", "FAILURE", "rfc822;c@d.example" },
	{ "e@f.example", "NEVER", NULL },
};

static struct smtp_submission submission(void)
{
	return (struct smtp_submission){ .helo = "gate.example",
					 .from = "a@b.example",
					 .ret = SMTP_RET_HDRS,
					 .envid = "dep-77",
					 .recipient_count = COUNT(recipients),
					 .recipients = recipients,
					 .message =
						 SLICE("Subject: x\r\n\r\n.hidden\r\n..\r\nlast") };
}

static struct end submit(const struct smtp_submission *s)
{
	struct end end = { .loop = loop_new(NULL) };
	struct loop_timer *deadline = loop_timer_new(end.loop, too_late, NULL);

	loop_timer_set(deadline, DEADLINE_MS);
	assert_non_null(smtp_submit_start(end.loop, s, on_done, &end));
	assert_false(end.done);
	loop_run(end.loop);
	assert_true(end.done);
	loop_timer_free(deadline);
	loop_free(end.loop);
	return end;
}

#define HELLO "220 mx\r\n", "<", "250-mx\r\n250-DSN\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", "<"
#define OK "250 2.1.0 Ok\r\n", "<"
#define GO "354 go\r\n", "<<"

static void test_every_byte_as_it_should_be(void **state)
{
	(void)state;
	const char *script[] = {
		HELLO, OK, OK, OK, GO, "250 2.0.0 Ok: queued as 4XyZ\r\n", "<", "221 bye\r\n", NULL
	};
	struct smtp_submission s = submission();
	struct server v;
	struct slice id;

	server_start(&v, script);
	s.server = v.address;
	struct end end = submit(&s);
	pthread_join(v.thread, NULL);
	assert_string_equal(buf_text(&v.heard),
			    "EHLO gate.example\r\n"
			    "MAIL FROM:<a@b.example> RET=HDRS ENVID=dep-77\r\n"
			    "RCPT TO:<c@d.example> NOTIFY=FAILURE ORCPT=rfc822;c@d.example\r\n"
			    "RCPT TO:<e@f.example> NOTIFY=NEVER\r\n"
			    "DATA\r\n"
			    "Subject: x\r\n\r\n..hidden\r\n...\r\nlast\r\n.\r\n"
			    "QUIT\r\n");
	for (int i = 0; i < 2; i++)
		assert_int_equal(end.fate[i], SMTP_ACCEPTED);
	assert_true(smtp_queue_id(end.final, &id));
	assert_true(slice_is(id, "4XyZ"));
	close(v.listener);
	buf_free(&v.heard);
}

/* What the server does, and each recipient's end. */
static const struct {
	const char *name;
	const char *script[SCRIPT_MAX];
	enum smtp_fate fate[2];
	const char *words[2];
	bool doubtful;
} stories[] = {
	{ "a sender for later",
	  { HELLO, "451 4.3.0 later\r\n", "<", "221 bye\r\n" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "451 4.3.0 later", "451 4.3.0 later" },
	  false },
	{ "one recipient refused",
	  { HELLO, OK, "550 5.1.1 no such\r\n", "<", OK, GO, "250 2.0.0 Ok\r\n", "<", "221 x\r\n" },
	  { SMTP_REFUSED, SMTP_ACCEPTED },
	  { "550 5.1.1 no such", "250 2.0.0 Ok" },
	  false },
	{ "421 for a greeting",
	  { "421 4.3.2 busy\r\n", "!" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "421 4.3.2 busy", "421 4.3.2 busy" },
	  false },
	{ "gone after the dot",
	  { HELLO, OK, OK, OK, GO, "!" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "connection lost while waiting for the answer to the message: closed by the server",
	    "connection lost while waiting for the answer to the message: closed by the server" },
	  true },
	{ "gone after EHLO",
	  { "220 mx\r\n", "<", "!" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "connection lost while waiting for the answer to EHLO: closed by the server",
	    "connection lost while waiting for the answer to EHLO: closed by the server" },
	  false },
	{ "gone instead of 221",
	  { HELLO, OK, OK, OK, GO, "250 Ok\r\n", "!" },
	  { SMTP_ACCEPTED, SMTP_ACCEPTED },
	  { "250 Ok", "250 Ok" },
	  false },
	{ "never a greeting",
	  { "~" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "waited 0.3 s for the greeting", "waited 0.3 s for the greeting" },
	  false },
	{ "a greeting that drips",
	  { "220-a\r\n", "~" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "waited 0.3 s for the greeting", "waited 0.3 s for the greeting" },
	  false },
	{ "silent after the dot",
	  { HELLO, OK, OK, OK, GO, "~" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "waited 0.4 s for the answer to the message",
	    "waited 0.4 s for the answer to the message" },
	  true },
	{ "silent after QUIT",
	  { HELLO, OK, OK, OK, GO, "250 Ok\r\n", "~" },
	  { SMTP_ACCEPTED, SMTP_ACCEPTED },
	  { "250 Ok", "250 Ok" },
	  false },
	{ "a bare LF",
	  { "220 mx\n", "~" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "a reply line ends in a bare LF", "a reply line ends in a bare LF" },
	  false },
	{ "an answer to what was not asked",
	  { "220 mx\r\n250 mx\r\n", "~" },
	  { SMTP_RETRY, SMTP_RETRY },
	  { "the server answered what it was not asked",
	    "the server answered what it was not asked" },
	  false },
};

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		struct smtp_submission s = submission();
		struct server v;

		print_message("   %s\n", stories[i].name);
		server_start(&v, stories[i].script);
		s.server = v.address;
		s.times = (struct smtp_times){ .quit_ms = 200 };
		if (strstr(stories[i].words[0], "greeting"))
			s.times.greeting_ms = 300;
		if (strstr(stories[i].words[0], "0.4 s"))
			s.times.dot_ms = 400;
		struct end end = submit(&s);
		for (int r = 0; r < 2; r++) {
			assert_string_equal(end.words[r], stories[i].words[r]);
			assert_int_equal(end.fate[r], stories[i].fate[r]);
		}
		assert_int_equal(end.doubtful, stories[i].doubtful);
		server_stop(&v);
	}
}

static void test_an_endless_reply_line(void **state)
{
	(void)state;
	char line[SMTP_REPLY_LINE_MAX * 3];
	const char *script[] = { line, "~", NULL };
	struct smtp_submission s = submission();
	struct server v;

	memset(line, 'x', sizeof line);
	memcpy(line, "220 ", 4);
	line[sizeof line - 1] = '\0';
	server_start(&v, script);
	s.server = v.address;
	struct end end = submit(&s);
	assert_int_equal(end.fate[0], SMTP_RETRY);
	assert_string_equal(end.words[0], "a reply line is over 1024 bytes");
	server_stop(&v);
}

static void test_smtputf8_is_lacking(void **state)
{
	(void)state;
	const char *script[] = { "220 mx\r\n", "<",           "250-mx\r\n250 DSN\r\n",
				 "<",          "221 bye\r\n", NULL };
	struct smtp_submission s = submission();
	struct server v;

	server_start(&v, script);
	s.server = v.address;
	s.smtputf8 = true;
	struct end end = submit(&s);
	assert_int_equal(end.fate[0], SMTP_REFUSED);
	assert_int_equal(end.missing, SMTP_SMTPUTF8);
	assert_string_equal(end.words[1], "the server does not offer SMTPUTF8");
	pthread_join(v.thread, NULL);
	assert_string_equal(buf_text(&v.heard), "EHLO gate.example\r\nQUIT\r\n");
	close(v.listener);
	buf_free(&v.heard);
}

static void test_a_bare_lf_is_never_ended_by_a_dot(void **state)
{
	(void)state;
	const char *script[] = { HELLO, OK, OK, OK, "354 go\r\n", "~", NULL };
	struct smtp_submission s = submission();
	struct server v;

	server_start(&v, script);
	s.server = v.address;
	s.message = SLICE("Subject: x\r\n\r\none\n.\r\nMAIL FROM:<x@y>\r\n");
	struct end end = submit(&s);
	assert_int_equal(end.fate[0], SMTP_REFUSED);
	assert_string_equal(end.words[0], "the message has a bare LF at byte 17");
	assert_false(end.doubtful);
	pthread_join(v.thread, NULL);
	assert_true(ends_with(&v.heard, "DATA\r\n"));
	close(v.listener);
	buf_free(&v.heard);
}

struct source {
	size_t left;
	bool fails;
};

/* Lines that all begin with a dot. */
static enum rc read_dots(void *arg, char *into, size_t room, size_t *got)
{
	struct source *source = arg;

	if (source->fails && source->left < 1000)
		return RC_RETRY;
	*got = source->left < room ? source->left : room;
	for (size_t i = 0; i < *got; i++)
		into[i] = "\r.\n"[source->left-- % 3];
	return RC_OK;
}

static void test_a_large_message_from_a_callback(void **state)
{
	(void)state;
	const char *script[] = { HELLO, OK, OK, OK, GO, "250 Ok\r\n", "<", "221 bye\r\n", NULL };
	const size_t lines = 1000 * 1000;
	struct source source = { .left = 3 * lines + 1 }; /* a dot first, and a dot last */
	struct smtp_submission s = submission();
	struct server v;
	size_t seen = 0;

	server_start(&v, script);
	s.server = v.address;
	s.read = read_dots;
	s.read_arg = &source;
	struct end end = submit(&s);
	assert_int_equal(end.fate[0], SMTP_ACCEPTED);
	pthread_join(v.thread, NULL);
	struct slice rest = buf_slice(&v.heard), line;
	while (slice_take_line(&rest, &line))
		seen += slice_is(line, "..");
	assert_int_equal(seen, lines + 1);
	close(v.listener);
	buf_free(&v.heard);
}

static void test_a_source_that_fails_sends_no_dot(void **state)
{
	(void)state;
	const char *script[] = { HELLO, OK, OK, OK, "354 go\r\n", "~", NULL };
	struct source source = { .left = 100 * 3 * 1000 + 1, .fails = true };
	struct smtp_submission s = submission();
	struct server v;

	server_start(&v, script);
	s.server = v.address;
	s.read = read_dots;
	s.read_arg = &source;
	struct end end = submit(&s);
	assert_int_equal(end.fate[0], SMTP_RETRY);
	assert_string_equal(end.words[0], "the message could not be read");
	assert_false(end.doubtful);
	pthread_join(v.thread, NULL);
	assert_false(ends_with(&v.heard, "\r\n.\r\n"));
	close(v.listener);
	buf_free(&v.heard);
}

static const struct {
	const char *name, *server, *from, *words;
	enum smtp_fate fate;
} starts[] = {
	{ "nobody listens there", "unix:/nowhere/at/all", "a@b",
	  "cannot connect to unix:/nowhere/at/all: No such file or directory", SMTP_RETRY },
	{ "a name", "localhost:25", "a@b",
	  "\"localhost:25\" is neither ADDRESS:PORT, [V6]:PORT nor unix:/path", SMTP_RETRY },
	{ "a sender with a line end", "127.0.0.1:1", "a@b\r\n", "\"a@b??\" cannot be a sender",
	  SMTP_REFUSED },
};

static void test_what_never_starts_is_told_all_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		struct smtp_submission s = submission();

		print_message("   %s\n", starts[i].name);
		s.server = starts[i].server;
		s.from = starts[i].from;
		struct end end = submit(&s);
		assert_int_equal(end.fate[0], starts[i].fate);
		assert_string_equal(end.words[0], starts[i].words);
	}
}

static void cancel(void *arg)
{
	smtp_submit_cancel(arg);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void test_cancel(void **state)
{
	(void)state;
	const char *script[] = { "220 mx\r\n", "<", "~", NULL };
	struct smtp_submission s = submission();
	struct server v;
	struct end end = { .loop = loop_new(NULL) };

	server_start(&v, script);
	s.server = v.address;
	struct smtp_submit *submit = smtp_submit_start(end.loop, &s, on_done, &end);
	struct loop_timer *t = loop_timer_new(end.loop, cancel, submit);
	struct loop_timer *u = loop_timer_new(end.loop, stop, end.loop);
	loop_timer_set(t, 150);
	loop_timer_set(u, 400);
	loop_run(end.loop);
	assert_false(end.done);
	loop_timer_free(t);
	loop_timer_free(u);
	loop_free(end.loop);
	server_stop(&v); /* it saw the connection go */
	smtp_submit_cancel(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_as_it_should_be),
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_an_endless_reply_line),
		cmocka_unit_test(test_smtputf8_is_lacking),
		cmocka_unit_test(test_a_bare_lf_is_never_ended_by_a_dot),
		cmocka_unit_test(test_a_large_message_from_a_callback),
		cmocka_unit_test(test_a_source_that_fails_sends_no_dot),
		cmocka_unit_test(test_what_never_starts_is_told_all_the_same),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests_name("smtp/submit", tests, NULL, NULL);
}
