/* RFC 8689 §2: REQUIRETLS stands in MAIL and without a value. */
#include "smtp/command.h"

#include "support/unit.h"

enum { ALL = ~0 };

static const struct smtp_recipient plain = { .address = "c@d.example" };

#define SUBMISSION(...)                                                                            \
	{                                                                                          \
		.recipient_count = 1, .recipients = &plain, __VA_ARGS__                            \
	}

static const struct {
	const char *name;
	struct smtp_submission submission;
	unsigned offered;
	const char *line; /* NULL: refused */
} mails[] = {
	{ "bare", SUBMISSION(.from = "a@b.example"), 0, "MAIL FROM:<a@b.example>\r\n" },
	{ "null sender", SUBMISSION(.from = ""), 0, "MAIL FROM:<>\r\n" },
	{ "everything",
	  SUBMISSION(.from = "a@b", .ret = SMTP_RET_HDRS, .envid = "dep-77", .smtputf8 = true,
		     .requiretls = true, .eightbit = true, .message = { "hello", 5 }),
	  (unsigned)ALL,
	  "MAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=HDRS ENVID=dep-77 SIZE=5\r\n" },
	{ "RET=FULL", SUBMISSION(.from = "a@b", .ret = SMTP_RET_FULL), SMTP_DSN,
	  "MAIL FROM:<a@b> RET=FULL\r\n" },
	{ "everything, and nothing is offered",
	  SUBMISSION(.from = "a@b", .ret = SMTP_RET_HDRS, .envid = "dep-77", .smtputf8 = true,
		     .requiretls = true, .eightbit = true),
	  0, "MAIL FROM:<a@b>\r\n" },
	{ "a sender beyond ASCII asks for SMTPUTF8", SUBMISSION(.from = "\xc3\xbc@b"),
	  SMTP_SMTPUTF8, "MAIL FROM:<\xc3\xbc@b> SMTPUTF8\r\n" },
	{ "nothing wanted, all offered", SUBMISSION(.from = "a@b"),
	  (unsigned)ALL & ~(unsigned)SMTP_SIZE, "MAIL FROM:<a@b>\r\n" },
	{ "a quoted local part", SUBMISSION(.from = "\"a <> \\\" b\"@c"), 0,
	  "MAIL FROM:<\"a <> \\\" b\"@c>\r\n" },
	{ "a second command in the sender", SUBMISSION(.from = "a@b>\r\nRCPT TO:<x@y"), 0, NULL },
	{ "a parameter in the sender", SUBMISSION(.from = "a@b> RET=FULL <"), 0, NULL },
	{ "a quote left open", SUBMISSION(.from = "\"a@b"), 0, NULL },
	{ "a quote left open by a backslash", SUBMISSION(.from = "\"a\\"), 0, NULL },
	{ "a space in ENVID", SUBMISSION(.from = "a@b", .envid = "a b"), SMTP_DSN, NULL },
	{ "a line end in ENVID", SUBMISSION(.from = "a@b", .envid = "a\r\nDATA"), SMTP_DSN, NULL },
};

static void test_mail(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mails); i++) {
		struct buf out = BUF_INIT(4096);
		struct fault why = { 0 };

		print_message("   %s\n", mails[i].name);
		assert_int_equal(
			smtp_command_mail(&mails[i].submission, mails[i].offered, &out, &why),
			mails[i].line ? RC_OK : RC_INVALID);
		assert_string_equal(buf_text(&out), mails[i].line ? mails[i].line : "");
		assert_int_equal(why.text[0] != '\0', !mails[i].line);
		buf_free(&out);
	}
}

static const struct {
	const char *name;
	struct smtp_recipient recipient;
	unsigned offered;
	const char *line;
} rcpts[] = {
	{ "bare", { "c@d" }, SMTP_DSN, "RCPT TO:<c@d>\r\n" },
	{ "with DSN",
	  { "c@d", "FAILURE,DELAY", "rfc822;c+2Bx@d" },
	  SMTP_DSN,
	  "RCPT TO:<c@d> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c+2Bx@d\r\n" },
	{ "DSN is not offered", { "c@d", "NEVER", "rfc822;c@d" }, 0, "RCPT TO:<c@d>\r\n" },
	{ "empty parameters are none", { "c@d", "", "" }, SMTP_DSN, "RCPT TO:<c@d>\r\n" },
	{ "no address", { "" }, 0, NULL },
	{ "a line end", { "c@d\n" }, 0, NULL },
	{ "DEL", { "c@\x7f" }, 0, NULL },
	{ "a space", { "c d@e" }, 0, NULL },
	{ "a parameter too many in NOTIFY", { "c@d", "NEVER X=Y" }, SMTP_DSN, NULL },
	{ "a NOTIFY too long", { "c@d", "SUCCESS,FAILURE,DELAY,SUCCESS" }, SMTP_DSN, NULL },
};

static void test_rcpt(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rcpts); i++) {
		struct buf out = BUF_INIT(4096);

		print_message("   %s\n", rcpts[i].name);
		assert_int_equal(
			smtp_command_rcpt(&rcpts[i].recipient, rcpts[i].offered, &out, NULL),
			rcpts[i].line ? RC_OK : RC_INVALID);
		assert_string_equal(buf_text(&out), rcpts[i].line ? rcpts[i].line : "");
		buf_free(&out);
	}
}

static void test_the_longest_of_everything_fits(void **state)
{
	(void)state;
	char address[SMTP_PATH_MAX + 2], orcpt[SMTP_ORCPT_MAX + 1], notify[SMTP_NOTIFY_MAX + 1];
	struct smtp_recipient r = { address, notify, orcpt };
	struct buf out = BUF_INIT(4096);

	memset(address, 'a', sizeof address);
	memset(orcpt, 'o', sizeof orcpt);
	memset(notify, 'n', sizeof notify);
	address[SMTP_PATH_MAX] = orcpt[SMTP_ORCPT_MAX] = notify[SMTP_NOTIFY_MAX] = '\0';
	assert_int_equal(smtp_command_rcpt(&r, SMTP_DSN, &out, NULL), RC_OK);
	address[SMTP_PATH_MAX] = 'a';
	address[SMTP_PATH_MAX + 1] = '\0';
	assert_int_equal(smtp_command_rcpt(&r, SMTP_DSN, &out, NULL), RC_INVALID);
	buf_free(&out);
}

static void test_what_a_submission_needs(void **state)
{
	(void)state;
	struct smtp_recipient utf8[] = { { "c@d" }, { "\xc3\xbc@d" } };
	struct smtp_submission s =
		SUBMISSION(.from = "a@b", .eightbit = true, .ret = SMTP_RET_HDRS);

	assert_int_equal(smtp_command_needs(&s), 0);
	s.required = SMTP_DSN;
	s.requiretls = true;
	assert_int_equal(smtp_command_needs(&s), SMTP_DSN | SMTP_REQUIRETLS);
	s.recipients = utf8;
	s.recipient_count = 2;
	assert_int_equal(smtp_command_needs(&s), SMTP_DSN | SMTP_REQUIRETLS | SMTP_SMTPUTF8);
}

static void test_hello(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(4096);

	assert_int_equal(smtp_command_hello("EHLO", "[127.0.0.1]", &out, NULL), RC_OK);
	assert_string_equal(buf_text(&out), "EHLO [127.0.0.1]\r\n");
	assert_int_equal(smtp_command_hello("EHLO", "", &out, NULL), RC_INVALID);
	assert_int_equal(smtp_command_hello("EHLO", "a\r\nb", &out, NULL), RC_INVALID);
	assert_int_equal(smtp_command_hello("EHLO", "m\xc3\xbc.example", &out, NULL), RC_INVALID);
	assert_string_equal(buf_text(&out), "EHLO [127.0.0.1]\r\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mail),
		cmocka_unit_test(test_rcpt),
		cmocka_unit_test(test_the_longest_of_everything_fits),
		cmocka_unit_test(test_what_a_submission_needs),
		cmocka_unit_test(test_hello),
	};
	return cmocka_run_group_tests_name("smtp/command", tests, NULL, NULL);
}
