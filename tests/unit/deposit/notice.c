#include "deposit/notice.h"

#include "crypto/random.h"
#include "support/unit.h"

#define DIGEST "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"
#define LINK                                                                                       \
	"https://secure.our.example/m/"                                                            \
	"30313233343536373839616263646566#008J4CT4ANK7F24SNAXWSQFEZW81"

static struct crypto_keys keys;
static struct deposit_site site = {
	.keys = &keys,
	.portal_url = "https://secure.our.example",
	.organisation = "Our Example Ltd",
};
static uint8_t half[CRYPTO_CODE_BYTES], digest[CRYPTO_HASH_BYTES];

static struct deposit_notice notice(const char *header)
{
	return (struct deposit_notice){
		.id = (const uint8_t *)"0123456789abcdef",
		.sender = SLICE("a@our.example"),
		.to = SLICE("b@plain.test"),
		.link = half,
		.factor = RULES_FACTOR_PHRASE,
		.digest = digest,
		.header = { header, strlen(header) },
		.message_id = SLICE("<1@secure.our.example>"),
		.until_s = 1796515200,
	};
}

static struct buf format(const struct deposit_notice *n)
{
	struct buf out = BUF_INIT(100000);
	struct fault why = { 0 };
	bool smtputf8 = true;

	if (deposit_notice_format(&site, n, 1795305600, &out, &smtputf8, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_false(smtputf8);
	return out;
}

#define MESSAGE                                                                                    \
	"Received: from client\r\n"                                                                \
	"From: Alice <a@our.example>\r\n"                                                          \
	"To: Bob <b@plain.test>,\r\n carol@plain.test\r\n"                                         \
	"Cc: d@our.example\r\n"                                                                    \
	"Bcc: boss@our.example\r\n"                                                                \
	"Date: Sun, 22 Nov 2026 01:00:00 +0100\r\n"                                                \
	"Subject: CANARY merger with Globex\r\n"                                                   \
	"Message-ID: <orig@our.example>\r\n"                                                       \
	"In-Reply-To: <q@plain.test>\r\n"                                                          \
	"References: <p@plain.test>\r\n <q@plain.test>\r\n"                                        \
	"Keywords: CANARY\r\n"                                                                     \
	"Thread-Topic: CANARY\r\n"                                                                 \
	"From: CANARY <eve@evil.test>\r\n"

static void test_header(void **state)
{
	const struct deposit_notice n = notice(MESSAGE);
	struct buf out = format(&n);
	const char *expected = "From: Alice <a@our.example>\r\n"
			       "To: Bob <b@plain.test>,\r\n carol@plain.test\r\n"
			       "Cc: d@our.example\r\n"
			       "Date: Sun, 22 Nov 2026 01:00:00 +0100\r\n"
			       "In-Reply-To: <q@plain.test>\r\n"
			       "References: <p@plain.test>\r\n <q@plain.test>\r\n"
			       "Message-ID: <1@secure.our.example>\r\n"
			       "Subject: A protected message from Our Example Ltd\r\n"
			       "Auto-Submitted: auto-generated\r\n"
			       "Postern-Notice: notice ";

	(void)state;
	assert_memory_equal(out.at, expected, strlen(expected));
	assert_null(strstr(out.at, "CANARY"));
	assert_null(strstr(out.at, "Bcc"));
	assert_null(strstr(out.at, "Received"));
	assert_null(strstr(out.at, "orig@"));
	buf_free(&out);
}

static void test_bare_message(void **state)
{
	const struct deposit_notice n = notice("Subject: x\r\n");
	struct buf out = format(&n);
	const char *expected = "From: a@our.example\r\n"
			       "To: b@plain.test\r\n"
			       "Date: Sun, 22 Nov 2026 00:00:00 +0000\r\n";

	(void)state;
	if (strncmp(out.at, expected, strlen(expected)) != 0)
		fail_msg("%s", out.at);
	buf_free(&out);
}

static void test_fields_that_cannot_be_copied(void **state)
{
	const struct deposit_notice n = notice("From: \xc3\xbc <u@our.example>\r\n"
					       "To: a\x01z\r\n"
					       "Date: Sun, 22 Nov 2026 01:00:00 +0100\r\n");
	struct buf out = format(&n);

	(void)state;
	assert_non_null(strstr(out.at, "From: a@our.example\r\n"));
	assert_non_null(strstr(out.at, "To: b@plain.test\r\n"));
	assert_null(strchr(out.at, 1));
	buf_free(&out);
}

static unsigned occurrences(const char *text, const char *what)
{
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		count++;
	return count;
}

static void test_text(void **state)
{
	const struct deposit_notice n = notice(MESSAGE);
	struct buf out = format(&n);
	const char *body = strstr(out.at, "\r\n\r\n");

	(void)state;
	assert_non_null(body);
	assert_int_equal(occurrences(body, "http"), 1);
	assert_non_null(strstr(body, "\r\n" LINK "\r\n"));
	assert_non_null(strstr(body, "    secure.our.example\r\n"));
	assert_non_null(strstr(body, "    008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81\r\n"));
	assert_non_null(strstr(body, "    " DIGEST "\r\n"));
	assert_non_null(strstr(body, "never be asked for a password"));
	assert_non_null(strstr(body, "kept until Sun, 06 Dec 2026 00:00:00 +0000."));
	assert_non_null(strstr(body, "phrase of four words"));
	assert_non_null(strstr(body, "Our Example Ltd\r\n"));
	assert_non_null(strstr(out.at, "Content-Type: text/plain; charset=us-ascii\r\n"));
	buf_free(&out);
}

static void test_link_alone(void **state)
{
	struct deposit_notice n = notice(MESSAGE);
	n.factor = RULES_FACTOR_LINK;
	struct buf out = format(&n);

	(void)state;
	assert_null(strstr(out.at, "phrase"));
	assert_non_null(strstr(out.at, "do not pass it on"));
	buf_free(&out);
}

static void test_other_factors(void **state)
{
	struct deposit_notice n = notice(MESSAGE);

	(void)state;
	n.kept = true;
	struct buf kept = format(&n);
	assert_non_null(strstr(kept.at, "a phrase besides: the one that Our Example Ltd\r\n"
					"agreed upon with you"));
	assert_null(strstr(kept.at, "four words"));
	n.factor = RULES_FACTOR_CODE;
	struct buf code = format(&n);
	assert_non_null(strstr(code.at, "a code of eight digits besides"));
	assert_null(strstr(code.at, "phrase"));
	assert_null(strstr(code.at, "do not pass it on"));
	buf_free(&kept);
	buf_free(&code);
}

static void test_organisation_in_other_letters(void **state)
{
	const struct deposit_notice n = notice(MESSAGE);
	site.organisation = "Gr\xc3\xbc\xc3\x9f"
			    "e AG";
	struct buf out = format(&n);

	(void)state;
	site.organisation = "Our Example Ltd";
	for (size_t i = 0; i < out.len; i++)
		assert_true((unsigned char)out.at[i] < 0x80);
	assert_non_null(strstr(out.at, "Subject: "));
	assert_non_null(strstr(out.at, "quoted-printable"));
	buf_free(&out);
}

static void test_smtputf8(void **state)
{
	struct deposit_notice n = notice(MESSAGE);
	struct buf out = BUF_INIT(100000);
	bool smtputf8 = false;

	(void)state;
	n.to = SLICE("b\xc3\xbc@plain.test");
	assert_int_equal(deposit_notice_format(&site, &n, 0, &out, &smtputf8, NULL), RC_OK);
	assert_true(smtputf8);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_bare_message),
		cmocka_unit_test(test_fields_that_cannot_be_copied),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_link_alone),
		cmocka_unit_test(test_other_factors),
		cmocka_unit_test(test_organisation_in_other_letters),
		cmocka_unit_test(test_smtputf8),
	};
	for (unsigned i = 0; i < sizeof half; i++)
		half[i] = (uint8_t)(i * 17);
	memset(digest, 0xd1, sizeof digest);
	if (crypto_key_make(&keys.header, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/notice", tests, NULL, NULL);
}
