#include "deposit/report.h"

#include "crypto/random.h"
#include "deposit/handle.h"
#include "support/unit.h"

/* SLICE() is no constant to gcc 12. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static struct crypto_keys keys;
static struct deposit_site site = {
	.keys = &keys,
	.portal_url = "https://secure.our.example",
	.organisation = "Our Example Ltd",
	.report_from = "",
};
static const struct deposit_report_line lines[] = {
	{ TEXT("b@plain.test"), RULES_FACTOR_PHRASE,
	  TEXT("rule \"cards\": marker card in body; plain.test offers no proven TLS") },
	{ TEXT("c@plain.test"), RULES_FACTOR_LINK, TEXT("") },
};

static struct buf format(const char *phrase, size_t count)
{
	const struct deposit_report report = {
		.id = (const uint8_t *)"0123456789abcdef",
		.sender = SLICE("a@our.example"),
		.line_count = count,
		.lines = lines + 2 - count,
		.phrase = { phrase, strlen(phrase) },
		.header = SLICE("Subject: CANARY\r\nDate: Sun, 22 Nov 2026 01:00:00 +0100\r\n"
				"Message-ID: <orig@our.example>\r\n"),
		.message_id = SLICE("<2@secure.our.example>"),
		.until_s = 1796515200,
	};
	struct buf out = BUF_INIT(100000);
	struct fault why = { 0 };
	bool smtputf8 = true;

	if (deposit_report_format(&site, &report, 1795305600, &out, &smtputf8, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_false(smtputf8);
	return out;
}

static void test_report(void **state)
{
	const char *expected = "From: \"Our Example Ltd\" <postmaster@our.example>\r\n"
			       "To: a@our.example\r\n"
			       "Date: Sun, 22 Nov 2026 00:00:00 +0000\r\n"
			       "Message-ID: <2@secure.our.example>\r\n"
			       "In-Reply-To: <orig@our.example>\r\n"
			       "Subject: Your protected message waits for its recipients\r\n"
			       "Auto-Submitted: auto-generated\r\n"
			       "Postern-Notice: report ";
	struct buf out = format("kadim botan rilos fanit", 2);

	(void)state;
	if (strncmp(out.at, "From: Our", 9) == 0) /* quotes are needed for no word of it */
		expected = "From: Our Example Ltd <postmaster@our.example>\r\n";
	assert_memory_equal(out.at, expected, strlen(expected));
	assert_null(strstr(out.at, "CANARY"));
	const char *body = strstr(out.at, "\r\n\r\n");
	assert_non_null(strstr(body, "\r\nkadim botan rilos fanit\r\n"));
	assert_non_null(strstr(body, "  b@plain.test\r\n    rule \"cards\": marker card in body; "
				     "plain.test offers no proven TLS\r\n"));
	assert_non_null(strstr(body, "  c@plain.test\r\n    opened with the notice alone"));
	assert_non_null(strstr(body, "Your message of Sun, 22 Nov 2026 01:00:00 +0100\r\nwas not"));
	assert_non_null(strstr(body, "secure.our.example and no other"));
	assert_non_null(strstr(body, "30313233343536373839616263646566"));
	/* One link, which opens nothing by itself, and the number that it takes besides. */
	const char *link =
		strstr(body, "\r\nhttps://secure.our.example/s/30313233343536373839616263646566/");
	assert_non_null(link);
	assert_null(strstr(link + 10, "http"));
	char number[DEPOSIT_NUMBER_TEXT];
	assert_int_equal(
		deposit_handle_number(&keys, (const uint8_t *)"0123456789abcdef", number, NULL),
		RC_OK);
	assert_non_null(strstr(body, number));
	assert_null(strstr(link, "/s/") ? memmem(link, 120, number, strlen(number)) : link);
	buf_free(&out);
}

static void test_no_phrase(void **state)
{
	struct buf out = format("", 1);

	(void)state;
	assert_null(strstr(out.at, "phrase"));
	assert_null(strstr(out.at, "b@plain.test"));
	assert_non_null(strstr(out.at, "c@plain.test"));
	buf_free(&out);
}

static void test_from_as_set(void **state)
{
	(void)state;
	site.report_from = "postern@mail.our.example";
	struct buf out = format("", 1);
	site.report_from = "";
	assert_non_null(strstr(out.at, " <postern@mail.our.example>\r\n"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_no_phrase),
		cmocka_unit_test(test_from_as_set),
	};
	if (crypto_key_make(&keys.header, NULL) != RC_OK ||
	    crypto_key_make(&keys.verifier, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/report", tests, NULL, NULL);
}
