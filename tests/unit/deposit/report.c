#include "deposit/report.h"

#include "crypto/random.h"
#include "deposit/link.h"
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
	{ .address = TEXT("b@plain.test"),
	  .factor = RULES_FACTOR_PHRASE,
	  .why = TEXT("rule \"cards\": marker card in body; plain.test offers no proven TLS") },
	{ .address = TEXT("c@plain.test"), .factor = RULES_FACTOR_LINK },
};

static struct buf format_lines(const char *phrase, const struct deposit_report_line *some,
			       size_t count)
{
	const struct deposit_report report = {
		.id = (const uint8_t *)"0123456789abcdef",
		.sender = SLICE("a@our.example"),
		.line_count = count,
		.lines = some,
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

static struct buf format(const char *phrase, size_t count)
{
	return format_lines(phrase, lines + 2 - count, count);
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
		deposit_link_number(&keys, (const uint8_t *)"0123456789abcdef", number, NULL),
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

static void test_factors(void **state)
{
	static const struct deposit_report_line each[] = {
		{ .address = TEXT("b@plain.test"), .factor = RULES_FACTOR_PHRASE },
		{ .address = TEXT("c@plain.test"), .factor = RULES_FACTOR_PHRASE, .kept = true },
		{ .address = TEXT("d@plain.test"),
		  .factor = RULES_FACTOR_CODE,
		  .number = TEXT("...67") },
	};
	struct buf mixed = format_lines("kadim botan rilos fanit", each, 3);
	struct buf kept = format_lines("", each + 1, 1), alone = format_lines("x y", each, 1);

	(void)state;
	assert_non_null(strstr(mixed.at, "  b@plain.test\r\n    opened with the phrase below\r\n"));
	assert_non_null(strstr(mixed.at, "  c@plain.test\r\n    opened with the phrase that Our "
					 "Example Ltd has agreed upon with them\r\n"));
	assert_non_null(strstr(mixed.at, "  d@plain.test\r\n    opened with a code that the portal "
					 "sends to their number ...67: whoever controls\r\n    the "
					 "portal and has the notice can read the message\r\n"));
	assert_non_null(strstr(mixed.at, "\r\nkadim botan rilos fanit\r\n"));
	/* A phrase that is kept is not told, and no other is spoken of. */
	assert_null(strstr(kept.at, "this phrase"));
	assert_null(strstr(kept.at, "below"));
	assert_null(strstr(alone.at, "below"));
	buf_free(&mixed);
	buf_free(&kept);
	buf_free(&alone);
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
		cmocka_unit_test(test_factors),
		cmocka_unit_test(test_from_as_set),
	};
	if (crypto_key_make(&keys.header, NULL) != RC_OK ||
	    crypto_key_make(&keys.verifier, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/report", tests, NULL, NULL);
}
