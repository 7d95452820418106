#include "outbox/report.h"

#include "crypto/pass.h"
#include "support/unit.h"

enum { MADE_S = 1795315547 };

static const struct outbox_failure failures[] = {
	{ { "bob@plain.test", 14 }, "550 5.1.1 no such mailbox", OUTBOX_REFUSED },
	{ { "eve@slow.test", 13 }, "451 4.3.0 try later", OUTBOX_GIVEN_UP },
};

static struct outbox_report specimen(void)
{
	return (struct outbox_report){
		.report_from = "postmaster@gate.test",
		.to = SLICE("jane@our.example"),
		.kind = OUTBOX_NOTICE,
		.queue_id = SLICE("3XkF2"),
		.message_id = SLICE("<1@gate.test>"),
		.own_id = SLICE("<2@gate.test>"),
		.now_s = MADE_S + 5 * 86400,
		.made_s = MADE_S,
		.until_s = MADE_S + 5 * 86400,
		.failure_count = 2,
		.failures = failures,
	};
}

static void test_the_whole_message(void **state)
{
	struct outbox_report report = specimen();
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(outbox_report_format(&report, &out, NULL), RC_OK);
	assert_string_equal(
		buf_text(&out),
		"From: \"Mail gateway\" <postmaster@gate.test>\r\n"
		"To: jane@our.example\r\n"
		"Date: Fri, 27 Nov 2026 02:45:47 +0000\r\n"
		"Message-ID: <2@gate.test>\r\n"
		"Subject: Undelivered: a notice about your message\r\n"
		"Auto-Submitted: auto-generated\r\n"
		"MIME-Version: 1.0\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 7bit\r\n"
		"\r\n"
		"This is the mail gateway that protects your organisation's messages.\r\n"
		"\r\n"
		"These recipients did not get the notice that your message waits for "
		"them:\r\n"
		"\r\n"
		"bob@plain.test\r\n"
		"    The mail server refused it:\r\n"
		"    550 5.1.1 no such mailbox\r\n"
		"\r\n"
		"eve@slow.test\r\n"
		"    The mail server has not accepted it for 5 days; its last answer was:\r\n"
		"    451 4.3.0 try later\r\n"
		"\r\n"
		"Nothing more will be tried for them. Please reach them by other means, or ask\r\n"
		"your mail administrator.\r\n"
		"\r\n"
		"Queue id of your message: 3XkF2\r\n"
		"Message-ID of what was not taken:\r\n"
		"    <1@gate.test>\r\n");
	buf_free(&out);
}

static void test_what_is_still_tried(void **state)
{
	const struct outbox_failure delayed = { { "eve@slow.test", 13 },
						"451 4.3.0 try later",
						OUTBOX_DELAYED };
	struct outbox_report report = specimen();
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	report.kind = OUTBOX_HANDBACK;
	report.failures = &delayed;
	report.failure_count = 1;
	report.now_s = MADE_S + 4 * 3600 + 59;
	assert_int_equal(outbox_report_format(&report, &out, NULL), RC_OK);
	assert_non_null(strstr(buf_text(&out), "\r\nSubject: Delayed: your message\r\n"));
	const char *body = strstr(buf_text(&out), "\r\n\r\n");
	assert_non_null(body);
	assert_string_equal(
		body + 4,
		"This is the mail gateway that protects your organisation's messages.\r\n"
		"\r\n"
		"These recipients have not got your message yet:\r\n"
		"\r\n"
		"eve@slow.test\r\n"
		"    The mail server has not accepted it for 4 hours; its last answer was:\r\n"
		"    451 4.3.0 try later\r\n"
		"\r\n"
		"Nothing needs to be done now. It is tried until\r\n"
		"Fri, 27 Nov 2026 02:45:47 +0000, and you are told again should that fail.\r\n"
		"\r\n"
		"Queue id of your message: 3XkF2\r\n"
		"Message-ID of what was not taken:\r\n"
		"    <1@gate.test>\r\n");
	buf_free(&out);
}

static void test_one_refused_and_one_still_tried(void **state)
{
	const struct outbox_failure both[] = {
		{ { "eve@slow.test", 13 }, "451 4.3.0 try later", OUTBOX_DELAYED },
		{ { "bob@plain.test", 14 }, "550 5.1.1 no such mailbox", OUTBOX_REFUSED },
	};
	struct outbox_report report = specimen();
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	report.failures = both;
	assert_int_equal(outbox_report_format(&report, &out, NULL), RC_OK);
	assert_non_null(strstr(buf_text(&out), "\r\nSubject: Undelivered: a notice"));
	const char *bob = strstr(buf_text(&out), "\r\nbob@plain.test\r\n");
	const char *over = strstr(buf_text(&out), "\r\nNothing more will be tried for them.");
	const char *eve = strstr(buf_text(&out), "\r\neve@slow.test\r\n");
	const char *later = strstr(buf_text(&out), "\r\nNothing needs to be done now.");
	assert_true(bob && over && eve && later);
	assert_true(bob < over && over < eve && eve < later);
	buf_free(&out);
}

static const struct {
	int64_t waited_s;
	const char *words;
} waits[] = {
	{ 60, " for 1 minutes;" }, /* no setting is so short */
	{ 3600, " for 60 minutes;" },  { 7199, " for 119 minutes;" },
	{ 7200, " for 2 hours;" },     { 2 * 86400 - 1, " for 47 hours;" },
	{ 2 * 86400, " for 2 days;" }, { 30 * 86400, " for 30 days;" },
};

static void test_how_long_it_waited(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(waits); i++) {
		struct outbox_report report = specimen();
		struct buf out = BUF_INIT(1 << 16);

		report.now_s = MADE_S + waits[i].waited_s;
		assert_int_equal(outbox_report_format(&report, &out, NULL), RC_OK);
		assert_non_null(strstr(buf_text(&out), waits[i].words));
		buf_free(&out);
	}
}

static void test_the_milter_knows_it_by_its_pass(void **state)
{
	const struct crypto_key key = { { 1, 2, 3 } };
	const uint8_t id[CRYPTO_PASS_ID_BYTES] = { 9 };
	struct outbox_report report = specimen();
	struct crypto_pass expected = { .use = "report", .recipient_count = 1 };
	struct buf out = BUF_INIT(1 << 16);
	uint8_t found[CRYPTO_PASS_ID_BYTES];

	(void)state;
	report.header_key = &key;
	report.pass_id = id;
	expected.recipients = &report.to;
	assert_int_equal(outbox_report_format(&report, &out, NULL), RC_OK);

	const char *field = strstr(buf_text(&out), "Postern-Notice: ");
	const char *end = field ? strstr(field, "\r\nContent-Type") : NULL;
	const char *body = strstr(buf_text(&out), "\r\n\r\n");
	assert_non_null(end);
	assert_non_null(body);
	struct slice value = { field + 16, (size_t)(end - field) - 16 };
	struct slice text = { body + 4, strlen(body + 4) };
	assert_int_equal(crypto_sha256(text, expected.body_digest, NULL), RC_OK);
	assert_int_equal(crypto_pass_verify(&key, value, &expected, report.now_s, found, NULL),
			 RC_OK);
	assert_memory_equal(found, id, sizeof found);
	expected.body_digest[0] ^= 1;
	assert_int_equal(crypto_pass_verify(&key, value, &expected, report.now_s, found, NULL),
			 RC_INVALID);
	buf_free(&out);
}

static void test_a_sender_that_no_field_carries(void **state)
{
	struct outbox_report report = specimen();
	struct buf out = BUF_INIT(1 << 16);
	struct fault why = { 0 };

	(void)state;
	report.to = SLICE("jane@our.example\r\nBcc: x@y.test");
	assert_int_equal(outbox_report_format(&report, &out, &why), RC_INVALID);
	assert_true(why.text[0] != '\0');
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_whole_message),
		cmocka_unit_test(test_what_is_still_tried),
		cmocka_unit_test(test_one_refused_and_one_still_tried),
		cmocka_unit_test(test_how_long_it_waited),
		cmocka_unit_test(test_the_milter_knows_it_by_its_pass),
		cmocka_unit_test(test_a_sender_that_no_field_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
