#include "smtp/capability.h"

#include "support/unit.h"

static const struct {
	const char *name, *answer;
	unsigned extensions;
	uint64_t size;
} answers[] = {
	{ "a name alone", "250 mx.example\r\n", 0, 0 },
	{ "the first line is a name, whatever it says", "250 STARTTLS\r\n", 0, 0 },
	{ "Postfix",
	  "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-STARTTLS\r\n"
	  "250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n",
	  SMTP_PIPELINING | SMTP_SIZE | SMTP_STARTTLS | SMTP_8BITMIME | SMTP_DSN | SMTP_SMTPUTF8 |
		  SMTP_CHUNKING,
	  10240000 },
	{ "any letter case", "250-x\r\n250 RequireTLS\r\n", SMTP_REQUIRETLS, 0 },
	{ "SIZE without a number", "250-x\r\n250 SIZE\r\n", SMTP_SIZE, 0 },
	{ "SIZE with words", "250-x\r\n250 SIZE much\r\n", SMTP_SIZE, 0 },
	{ "an argument nobody asked for", "250-x\r\n250 DSN really\r\n", SMTP_DSN, 0 },
	{ "a longer word", "250-x\r\n250-STARTTLSX\r\n250 XREQUIRETLS\r\n", 0, 0 },
	{ "a keyword behind a name is an argument", "250-x\r\n250 AUTH REQUIRETLS\r\n", 0, 0 },
};

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct slice in = { answers[i].answer, strlen(answers[i].answer) };
		struct smtp_reply reply;

		print_message("   %s\n", answers[i].name);
		assert_int_equal(smtp_reply_take(&in, &reply, NULL), RC_OK);
		struct smtp_capability can = smtp_capability_read(&reply);
		assert_int_equal(can.extensions, answers[i].extensions);
		assert_int_equal(can.size_max_bytes, answers[i].size);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(smtp_extension_name(SMTP_REQUIRETLS), "REQUIRETLS");
	assert_string_equal(smtp_extension_name(SMTP_8BITMIME), "8BITMIME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("smtp/capability", tests, NULL, NULL);
}
