#include "audit/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct audit_finding findings[] = {
	{ "card", "body", "1.2", "", "4111 11** **** 1111" },
	{ "wish", "header", "", "Sensitivity", "comp****" },
	{ "card", "body", "1.3", "", "5500 00** **** 0004" },
};
static const char *const evidence[] = { "plain.test has no TLSA records", "no MTA-STS policy" };

static struct audit_record specimen(void)
{
	return (struct audit_record){
		.ts_usec = 1795315547123456,
		.event = "decided",
		.queue_id = "3XkF2",
		.client = "192.0.2.7",
		.auth = "jane",
		.submission_tls = true,
		.from = "jane@our.example",
		.to = "bob@plain.test",
		.finding_count = 3,
		.findings = findings,
		.rule = "cards only over \"proven\" TLS",
		.require = "authenticated",
		.assurance = "none",
		.evidence_count = 2,
		.evidence = evidence,
		.verdict = "divert",
		.reply = "250 2.0.0",
		.reason = "plain.test offers no proven TLS; the rule allows the portal",
		.rules_sha256 = "9f86",
	};
}

static void test_line_is_the_contract(void **state)
{
	struct audit_record record = specimen();
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(audit_record_format(&record, 7, "abcd", &out), RC_OK);
	assert_string_equal(
		buf_text(&out),
		"{\"ts\":\"2026-11-22T02:45:47.123456Z\",\"seq\":7,\"event\":\"decided\","
		"\"queue_id\":\"3XkF2\",\"client\":\"192.0.2.7\",\"auth\":\"jane\","
		"\"submission_tls\":true,\"from\":\"jane@our.example\",\"to\":\"bob@plain.test\","
		"\"findings\":[{\"marker\":\"card\",\"where\":\"body\",\"part\":\"1.2\",\"field\":"
		"\"\","
		"\"evidence\":\"4111 11** **** 1111\"},{\"marker\":\"wish\",\"where\":\"header\","
		"\"part\":\"\",\"field\":\"Sensitivity\",\"evidence\":\"comp****\"},"
		"{\"marker\":\"card\",\"where\":\"body\",\"part\":\"1.3\",\"field\":\"\","
		"\"evidence\":\"5500 00** **** 0004\"}],"
		"\"rule\":\"cards only over \\\"proven\\\" TLS\",\"require\":\"authenticated\","
		"\"assurance\":\"none\",\"by\":null,\"evidence\":[\"plain.test has no TLSA "
		"records\","
		"\"no MTA-STS policy\"],\"verdict\":\"divert\",\"reply\":\"250 2.0.0\","
		"\"reason\":\"plain.test offers no proven TLS; the rule allows the portal\","
		"\"rules_sha256\":\"9f86\",\"deposit\":null,\"visit\":null,\"mode\":null,"
		"\"independent\":null,\"observed\":null,\"exception\":null,\"version\":"
		"\"" POSTERN_VERSION "\",\"prev\":\"abcd\"}\n");
	buf_free(&out);
}

static void test_a_record_of_nothing(void **state)
{
	struct audit_record record = { .event = "started", .from = "" };
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(audit_record_format(&record, 1, "00", &out), RC_OK);
	assert_non_null(strstr(buf_text(&out), "\"queue_id\":null,"));
	assert_non_null(strstr(buf_text(&out), "\"from\":\"\",\"to\":null,\"findings\":[],"));
	buf_clear(&out);
	assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
	assert_string_equal(buf_text(&out), "NOQUEUE: event=started from=<> submission_tls=no");
	buf_free(&out);
}

static void test_syslog_begins_with_the_queue_id(void **state)
{
	struct audit_record record = specimen();
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
	assert_string_equal(
		buf_text(&out),
		"3XkF2: event=decided from=<jane@our.example> to=<bob@plain.test> verdict=divert "
		"require=authenticated assurance=none markers=card,wish "
		"rule=\"cards only over \\\"proven\\\" TLS\" client=192.0.2.7 auth=jane "
		"submission_tls=yes reply=\"250 2.0.0\" "
		"reason=\"plain.test offers no proven TLS; the rule allows the portal\"");
	buf_free(&out);
}

static void test_what_happens_to_a_deposit(void **state)
{
	static const bool yes = true, no = false;
	struct audit_record record = { .event = "factored",
				       .to = "bob@plain.test",
				       .client = "192.0.2.7",
				       .deposit = "00112233445566778899aabbccddeeff",
				       .visit = "0a1b2c3d",
				       .mode = "browser",
				       .independent = &yes };
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);

	(void)state;
	assert_int_equal(audit_record_format(&record, 1, "00", &out), RC_OK);
	assert_non_null(
		strstr(buf_text(&out),
		       "\"deposit\":\"00112233445566778899aabbccddeeff\","
		       "\"visit\":\"0a1b2c3d\",\"mode\":\"browser\",\"independent\":true,"));
	buf_clear(&out);
	assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
	assert_string_equal(buf_text(&out),
			    "NOQUEUE: event=factored to=<bob@plain.test> client=192.0.2.7 "
			    "submission_tls=no deposit=00112233445566778899aabbccddeeff "
			    "visit=0a1b2c3d mode=browser independent=yes");
	record.independent = &no;
	buf_clear(&out);
	assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
	assert_non_null(strstr(buf_text(&out), "independent=no"));
	buf_free(&out);
}

static const struct {
	const char *name, *to, *want;
} hostile[] = {
	{ "a pair that an address would smuggle in", "\"x verdict=deliver\"@b.test",
	  " to=\"<\\\"x verdict=deliver\\\"@b.test>\"" },
	{ "an equals sign alone", "a=b@c.test", " to=\"<a=b@c.test>\"" },
	{ "a line end", "a@b.test\n3Xk: event=x", " to=\"<a@b.test?3Xk: event=x>\"" },
	{ "UTF-8", "j\xc3\xb6rg@b.test", " to=\"<j??rg@b.test>\"" },
};

static void test_syslog_values_cannot_leave_their_quotes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct audit_record record = { .queue_id = "Q", .event = "decided" };
		struct buf out = BUF_INIT(AUDIT_LINE_MAX);

		print_message("   %s\n", hostile[i].name);
		record.to = hostile[i].to;
		assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
		assert_non_null(strstr(buf_text(&out), hostile[i].want));
		buf_free(&out);
	}
}

static void test_syslog_values_are_cut(void **state)
{
	char reason[AUDIT_VALUE_MAX + 100];
	struct audit_record record = { .queue_id = "Q", .event = "decided", .reason = reason };
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);

	(void)state;
	memset(reason, 'r', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	assert_int_equal(audit_record_syslog(&record, &out), RC_OK);
	assert_string_equal(buf_text(&out) + out.len - 5, "rr...");
	assert_true(out.len < AUDIT_VALUE_MAX + 100);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line_is_the_contract),
		cmocka_unit_test(test_a_record_of_nothing),
		cmocka_unit_test(test_what_happens_to_a_deposit),
		cmocka_unit_test(test_syslog_begins_with_the_queue_id),
		cmocka_unit_test(test_syslog_values_cannot_leave_their_quotes),
		cmocka_unit_test(test_syslog_values_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
