#include "mail/param.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Takes words up to NULL; the first failure ends it. */
static enum rc take_from(const char *const *words, struct mail_from_params *params)
{
	enum rc rc = RC_OK;

	for (; *words && rc == RC_OK; words++)
		rc = mail_from_param_take((struct slice){ *words, strlen(*words) }, params, NULL);
	return rc;
}

static enum rc take_rcpt(const char *const *words, struct mail_rcpt_params *params)
{
	enum rc rc = RC_OK;

	for (; *words && rc == RC_OK; words++)
		rc = mail_rcpt_param_take((struct slice){ *words, strlen(*words) }, params, NULL);
	return rc;
}

static const struct {
	const char *name;
	const char *words[8];
	enum rc rc;
	const char *text; /* formatted again */
} from_rows[] = {
	{ "none", { NULL }, RC_OK, "" },
	{ "all, as Postfix hands them over",
	  { "SIZE=81234", "BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159", "SMTPUTF8", "REQUIRETLS" },
	  RC_OK,
	  "BODY=8BITMIME RET=HDRS ENVID=QQ314159 SMTPUTF8 REQUIRETLS" },
	{ "names and values in any case",
	  { "ret=full", "Body=7bit" },
	  RC_OK,
	  "BODY=7BIT RET=FULL" },
	{ "xtext is kept as it stood", { "ENVID=a+2Bb+3D" }, RC_OK, "ENVID=a+2Bb+3D" },
	{ "parameters we do not know are passed over", { "AUTH=<>", "MT-PRIORITY=3" }, RC_OK, "" },
	{ "RET twice", { "RET=FULL", "RET=HDRS" }, RC_INVALID, "RET=FULL" },
	{ "RET of another kind", { "RET=SOME" }, RC_INVALID, "" },
	{ "RET without a value", { "RET" }, RC_INVALID, "" },
	{ "SMTPUTF8 with a value", { "SMTPUTF8=1" }, RC_INVALID, "" },
	{ "REQUIRETLS twice", { "REQUIRETLS", "REQUIRETLS" }, RC_INVALID, "REQUIRETLS" },
	{ "SIZE that is no number", { "SIZE=1x" }, RC_INVALID, "" },
	{ "half a hexadecimal pair", { "ENVID=a+2" }, RC_INVALID, "" },
	{ "lower-case hexadecimal is no xtext", { "ENVID=a+2b" }, RC_INVALID, "" },
	{ "a line end in a value", { "ENVID=a\r\nRSET" }, RC_INVALID, "" },
	{ "a name that begins with a hyphen", { "-X=1" }, RC_INVALID, "" },
	{ "an empty word", { "" }, RC_INVALID, "" },
	{ "a second equals sign", { "X=a=b" }, RC_INVALID, "" },
};

static void test_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof from_rows / sizeof *from_rows; i++) {
		struct mail_from_params params = { 0 };
		struct buf out = BUF_INIT(1000);

		print_message("   %s\n", from_rows[i].name);
		assert_int_equal(take_from(from_rows[i].words, &params), from_rows[i].rc);
		assert_int_equal(mail_from_params_format(&params, &out), RC_OK);
		assert_string_equal(buf_text(&out), from_rows[i].text);
		buf_free(&out);
	}
}

static const struct {
	const char *name;
	const char *words[4];
	enum rc rc;
	const char *text;
} rcpt_rows[] = {
	{ "both",
	  { "NOTIFY=DELAY,FAILURE", "ORCPT=rfc822;b+2Bx@plain.test" },
	  RC_OK,
	  "NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bx@plain.test" },
	{ "never", { "notify=never" }, RC_OK, "NOTIFY=NEVER" },
	{ "all three", { "NOTIFY=SUCCESS,FAILURE,DELAY" }, RC_OK, "NOTIFY=SUCCESS,FAILURE,DELAY" },
	{ "never stands alone", { "NOTIFY=NEVER,FAILURE" }, RC_INVALID, "" },
	{ "an empty element", { "NOTIFY=FAILURE," }, RC_INVALID, "" },
	{ "no element", { "NOTIFY=" }, RC_INVALID, "" },
	{ "an address type is needed", { "ORCPT=b@plain.test" }, RC_INVALID, "" },
	{ "an address is needed", { "ORCPT=rfc822;" }, RC_INVALID, "" },
	{ "UTF-8 where the type says so",
	  { "ORCPT=utf-8;j\xc3\xb6rg@b.test" },
	  RC_OK,
	  "ORCPT=utf-8;j\xc3\xb6rg@b.test" },
	{ "UTF-8 where it does not", { "ORCPT=rfc822;j\xc3\xb6rg@b.test" }, RC_INVALID, "" },
	{ "unknown", { "X-OTHER" }, RC_OK, "" },
};

static void test_rcpt(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rcpt_rows / sizeof *rcpt_rows; i++) {
		struct mail_rcpt_params params = { 0 };
		struct buf out = BUF_INIT(1000);

		print_message("   %s\n", rcpt_rows[i].name);
		assert_int_equal(take_rcpt(rcpt_rows[i].words, &params), rcpt_rows[i].rc);
		assert_int_equal(mail_rcpt_params_format(&params, &out), RC_OK);
		assert_string_equal(buf_text(&out), rcpt_rows[i].text);
		buf_free(&out);
	}
}

static void test_sizes_and_others(void **state)
{
	struct mail_from_params params = { 0 };
	char word[MAIL_ENVID_MAX + 16] = "ENVID=";

	(void)state;
	memset(word + 6, 'e', MAIL_ENVID_MAX + 1);
	assert_int_equal(
		mail_from_param_take((struct slice){ word, 7 + MAIL_ENVID_MAX }, &params, NULL),
		RC_INVALID);
	assert_int_equal(
		mail_from_param_take((struct slice){ word, 6 + MAIL_ENVID_MAX }, &params, NULL),
		RC_OK);
	assert_int_equal(mail_from_param_take(SLICE("SIZE=42"), &params, NULL), RC_OK);
	assert_int_equal(mail_from_param_take(SLICE("BY=120;R"), &params, NULL), RC_OK);
	assert_int_equal(params.size, 42);
	assert_int_equal(params.others, 1);
}

static void test_xtext(void **state)
{
	struct buf x = BUF_INIT(100), raw = BUF_INIT(100);

	(void)state;
	assert_int_equal(mail_xtext_format(SLICE("a+b=c d\xc3\xbc~"), &x), RC_OK);
	assert_string_equal(buf_text(&x), "a+2Bb+3Dc+20d+C3+BC~");
	assert_true(mail_is_xtext(buf_slice(&x)));
	assert_int_equal(mail_xtext_parse(buf_slice(&x), &raw), RC_OK);
	assert_string_equal(buf_text(&raw), "a+b=c d\xc3\xbc~");
	assert_int_equal(mail_xtext_parse(SLICE("a=b"), &raw), RC_INVALID);
	buf_free(&x);
	buf_free(&raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_rcpt),
		cmocka_unit_test(test_sizes_and_others),
		cmocka_unit_test(test_xtext),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
