#include "audit/hand.h"

#include "audit/log.h"
#include "audit/verify.h"
#include "base/netstring.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <limits.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct scratch scratch;
static char state_folder[500], file[600];

static int setup(void **state)
{
	(void)state;
	if (!scratch_make(&scratch))
		return -1;
	/* Longer than the address of a socket may be. */
	snprintf(state_folder, sizeof state_folder, "%s/%0120d", scratch.folder, 0);
	snprintf(file, sizeof file, "%s/audit.jsonl", scratch.folder);
	return mkdir(state_folder, 0700);
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static const struct audit_hand hand = { state_folder, file };

static struct audit_record record(const char *event)
{
	static const bool yes = true;

	return (struct audit_record){
		.ts_usec = 1795315547123456,
		.event = event,
		.client = "2001:db8::7",
		.from = "",
		.to = "bob@plain.test",
		.submission_tls = true,
		.reason = "…",
		.deposit = "00112233445566778899aabbccddeeff",
		.visit = "0a1b2c3d",
		.mode = "server",
		.independent = &yes,
	};
}

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a)
		assert_string_equal(a, b);
}

static void records_are_read_as_they_were_written(void **state)
{
	(void)state;
	struct audit_record in[2] = { record("proved"), record("factored") };
	struct audit_handed *out = calloc(1, sizeof *out);
	struct buf bytes = BUF_INIT(AUDIT_HAND_BYTES_MAX);
	struct fault why;

	in[1].independent = NULL;
	in[1].client = NULL;
	assert_int_equal(audit_hand_encode(AUDIT_HAND_APPEND, in, 2, &bytes, &why), RC_OK);
	assert_int_equal(audit_hand_decode(buf_slice(&bytes), out, &why), RC_OK);
	assert_int_equal(out->verb, AUDIT_HAND_APPEND);
	assert_int_equal(out->count, 2);
	for (size_t i = 0; i < 2; i++) {
		struct buf one = BUF_INIT(AUDIT_LINE_MAX), two = BUF_INIT(AUDIT_LINE_MAX);
		assert_int_equal(audit_record_format(&in[i], 1, "00", &one), RC_OK);
		assert_int_equal(audit_record_format(&out->records[i], 1, "00", &two), RC_OK);
		assert_string_equal(buf_text(&one), buf_text(&two));
		assert_same_text(in[i].client, out->records[i].client);
		buf_free(&one);
		buf_free(&two);
	}
	for (size_t len = 0; len < bytes.len; len++)
		assert_int_equal(audit_hand_decode((struct slice){ bytes.at, len }, out, &why),
				 RC_INVALID);
	buf_free(&bytes);
	free(out);
}

static void what_is_no_hand_over_is_refused(void **state)
{
	(void)state;
	const struct {
		const char *sentence;
		struct slice bytes;
		const char *words;
	} rows[] = {
		{ "nothing", SLICE(""), "audit records: it is cut short" },
		{ "an unknown verb", SLICE("\x04\0"),
		  "audit records: a value is none of those that there are" },
		{ "nothing to forget", SLICE("\x02\0"),
		  "audit records: the number of records is wrong" },
		{ "no record to append", SLICE("\0\0"),
		  "audit records: the number of records is wrong" },
		{ "a record to wake with", SLICE("\x01\x01"),
		  "audit records: the number of records is wrong" },
		{ "too many", SLICE("\0\xff"), "audit records: the number of records is wrong" },
		{ "a text without its NUL", SLICE("\0\1\0\0\0\0\0\0\0\1\0\0\0\1x"),
		  "audit records: a text does not end in its only NUL" },
		{ "a text with two", SLICE("\0\1\0\0\0\0\0\0\0\1\0\0\0\2\0\0"),
		  "audit records: a text does not end in its only NUL" },
	};
	struct audit_handed *out = calloc(1, sizeof *out);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault why;
		assert_int_equal(audit_hand_decode(rows[i].bytes, out, &why), RC_INVALID);
		assert_string_equal(why.text, rows[i].words);
	}
	free(out);
}

static void what_is_the_milters_own_is_not_handed_over(void **state)
{
	(void)state;
	static const struct audit_finding finding = { "card", "body", "", "", "4111" };
	static char text[AUDIT_HAND_TEXT_MAX + 1];
	struct audit_record found = record("decided"), long_one = record("proved");
	struct fault why;

	found.finding_count = 1;
	found.findings = &finding;
	assert_int_equal(audit_hand_append(&hand, &found, 1, &why), RC_INVALID);
	assert_string_equal(why.text, "audit records: a record has what only a decision has");
	memset(text, 'x', sizeof text - 1);
	long_one.reason = text;
	assert_int_equal(audit_hand_append(&hand, &long_one, 1, &why), RC_INVALID);
	assert_string_equal(why.text, "audit records: a text is too long");
	assert_int_equal(access(file, F_OK), -1);
}

static uint64_t chain_of(void)
{
	struct audit_chain chain = { .lines = 0 };
	struct fault why;

	assert_int_equal(audit_verify(file, &chain, NULL, NULL, &why), RC_OK);
	assert_int_equal(chain.problems, 0);
	return chain.last_seq;
}

static void without_a_milter_we_write_ourselves(void **state)
{
	(void)state;
	struct audit_record two[2] = { record("proved"), record("factored") };
	struct fault why;

	assert_int_equal(audit_hand_append(&hand, two, 0, &why), RC_OK);
	assert_int_equal(audit_hand_append(&hand, two, 2, &why), RC_OK);
	assert_int_equal(audit_hand_append(&hand, two, 1, &why), RC_OK);
	assert_int_equal(chain_of(), 3);
	assert_int_equal(audit_hand_wake(&hand, &why), RC_ABSENT);
	assert_string_equal(why.text, "no milter listens");
	assert_int_equal(audit_hand_forget(&hand, two, 1, true, &why), RC_ABSENT);
	assert_string_equal(why.text, "no milter listens");
	assert_int_equal(chain_of(), 3); /* what nobody forgets is not recorded */
}

/* Many at once, each a process's work of its own as far as the lock is concerned. */
static int hand_arg;

static void *append_five(void *arg)
{
	struct audit_record one = record("proved");
	struct fault why;

	for (int i = 0; i < 5; i++)
		if (audit_hand_append(&hand, &one, 1, &why) != RC_OK)
			return arg; /* not NULL: it failed */
	return NULL;
}

static void those_who_write_themselves_wait_for_each_other(void **state)
{
	(void)state;
	pthread_t threads[4];
	void *failed;

	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, append_five, &hand_arg), 0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(chain_of(), 20);
}

static void a_log_that_another_keeps_is_no_success(void **state)
{
	(void)state;
	struct audit_record one = record("proved");
	struct audit_log *log;
	struct fault why;

	assert_int_equal(audit_log_open(file, 1, &log, &why), RC_OK);
	assert_int_equal(audit_hand_append(&hand, &one, 1, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "another process writes"));
	audit_log_close(log);
}

/* A milter of a few lines: takes one hand-over and says what it is told to. */
struct milter {
	int fd;
	pthread_t thread;
	struct slice says; /* len 0: nothing, and ends */
	struct buf got;
};

static void *milter_main(void *arg)
{
	struct milter *m = arg;
	int fd = accept(m->fd, NULL, NULL);
	struct slice rest, body;
	char piece[4096];
	struct buf out = BUF_INIT(2000);

	do {
		ssize_t n = read(fd, piece, sizeof piece);
		if (n <= 0 || buf_add(&m->got, piece, (size_t)n) != RC_OK)
			break;
		rest = buf_slice(&m->got);
	} while (netstring_take(&rest, AUDIT_HAND_BYTES_MAX, &body) == RC_ABSENT);
	if (m->says.len && netstring_add(&out, m->says) == RC_OK)
		(void)!write(fd, out.at, out.len);
	close(fd);
	buf_free(&out);
	return NULL;
}

static void milter_start(struct milter *m, struct slice says)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char here[PATH_MAX];

	*m = (struct milter){ .says = says, .got = BUF_INIT(1 << 20) };
	assert_non_null(getcwd(here, sizeof here));
	assert_int_equal(chdir(state_folder), 0);
	m->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(at.sun_path, sizeof at.sun_path, AUDIT_HAND_SOCKET);
	unlink(at.sun_path);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(m->fd, 5), 0);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(pthread_create(&m->thread, NULL, milter_main, m), 0);
}

static void milter_end(struct milter *m)
{
	pthread_join(m->thread, NULL);
	close(m->fd);
	buf_free(&m->got);
}

static void what_the_milter_says_is_what_happens(void **state)
{
	(void)state;
	const struct {
		const char *sentence;
		struct slice says;
		enum rc rc;
		const char *why;
	} rows[] = {
		{ "durable", SLICE("\0\0\0\0\0"), RC_OK, "" },
		{ "the disk is full", SLICE("\3\0\0\0\4full"), RC_RETRY, "full" },
		{ "a record is too long", SLICE("\4\0\0\0\4long"), RC_LIMIT, "long" },
		{ "an answer that is none", SLICE("what?"), RC_RETRY,
		  "the milter's answer on the audit is none" },
		{ "it ends", SLICE(""), RC_RETRY, "the milter ended before it had answered" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct audit_record one = record("proved");
		struct milter m;
		struct fault why = { "" };
		milter_start(&m, rows[i].says);
		assert_int_equal(audit_hand_append(&hand, &one, 1, &why), rows[i].rc);
		assert_string_equal(why.text, rows[i].why);
		milter_end(&m);
		assert_int_equal(access(file, F_OK), -1); /* never by ourselves beside it */
	}
}

static void the_outbox_is_woken(void **state)
{
	(void)state;
	struct milter m;
	struct fault why;

	milter_start(&m, SLICE("\0\0\0\0\0"));
	assert_int_equal(audit_hand_wake(&hand, &why), RC_OK);
	pthread_join(m.thread, NULL);
	assert_true(m.got.len == 5 && memcmp(m.got.at, "2:\1\0,", 5) == 0);
	close(m.fd);
	buf_free(&m.got);
}

static void a_destination_is_forgotten(void **state)
{
	(void)state;
	for (int policies = 0; policies <= 1; policies++) {
		struct audit_record one = record("forgotten");
		static struct audit_handed handed;
		struct slice rest, body;
		struct milter m;
		struct fault why;

		one.to = "d.test";
		milter_start(&m, SLICE("\0\0\0\0\0"));
		assert_int_equal(audit_hand_forget(&hand, &one, 1, policies, &why), RC_OK);
		pthread_join(m.thread, NULL);
		rest = buf_slice(&m.got);
		assert_int_equal(netstring_take(&rest, AUDIT_HAND_BYTES_MAX, &body), RC_OK);
		assert_int_equal(audit_hand_decode(body, &handed, &why), RC_OK);
		assert_int_equal(handed.verb,
				 policies ? AUDIT_HAND_FORGET_POLICIES : AUDIT_HAND_FORGET);
		assert_string_equal(handed.records[0].to, "d.test");
		close(m.fd);
		buf_free(&m.got);
	}
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(records_are_read_as_they_were_written),
		IN_FOLDER(what_is_no_hand_over_is_refused),
		IN_FOLDER(what_is_the_milters_own_is_not_handed_over),
		IN_FOLDER(without_a_milter_we_write_ourselves),
		IN_FOLDER(those_who_write_themselves_wait_for_each_other),
		IN_FOLDER(a_log_that_another_keeps_is_no_success),
		IN_FOLDER(what_the_milter_says_is_what_happens),
		IN_FOLDER(the_outbox_is_woken),
		IN_FOLDER(a_destination_is_forgotten),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
