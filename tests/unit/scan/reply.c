#include "scan/reply.h"

#include "support/unit.h"

static const struct {
	const char *what, *bytes; /* a NUL follows */
	unsigned number;
	enum scan_reply_kind kind;
	const char *words;
} rows[] = {
	{ "clean", "2: stream: OK", 2, SCAN_REPLY_CLEAN, "stream: OK" },
	{ "found", "2: stream: Win.Test.EICAR_HDB-1 FOUND", 2, SCAN_REPLY_FOUND,
	  "Win.Test.EICAR_HDB-1" },
	{ "a name with blanks", "2: stream: A B FOUND", 2, SCAN_REPLY_FOUND, "A B" },
	{ "found, but nothing named", "2: stream:  FOUND", 2, SCAN_REPLY_OTHER, "stream:  FOUND" },
	{ "too long", "2: INSTREAM size limit exceeded. ERROR", 2, SCAN_REPLY_TOO_LONG,
	  "INSTREAM size limit exceeded. ERROR" },
	{ "a version", "1: ClamAV 1.4.6/27435/Sun Nov 22 02:45:47 2026", 1, SCAN_REPLY_OTHER,
	  "ClamAV 1.4.6/27435/Sun Nov 22 02:45:47 2026" },
	{ "an error is not clean", "2: stream: OK ERROR", 2, SCAN_REPLY_OTHER, "stream: OK ERROR" },
	{ "OK of something else is not clean", "2: OK", 2, SCAN_REPLY_OTHER, "OK" },
	{ "with more behind it is not clean", "2: stream: OK ", 2, SCAN_REPLY_OTHER,
	  "stream: OK " },
	{ "in small letters is not clean", "2: stream: ok", 2, SCAN_REPLY_OTHER, "stream: ok" },
	{ "without a number", "stream: OK", 0, SCAN_REPLY_CLEAN, "stream: OK" },
	{ "a number that is none", "2x: stream: OK", 0, SCAN_REPLY_OTHER, "2x: stream: OK" },
	{ "a number beyond all", "99999999999: stream: OK", 0, SCAN_REPLY_OTHER,
	  "99999999999: stream: OK" },
	{ "an unknown command", "UNKNOWN COMMAND", 0, SCAN_REPLY_OTHER, "UNKNOWN COMMAND" },
	{ "nothing", "", 0, SCAN_REPLY_OTHER, "" },
};

static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice bytes = { rows[i].bytes, strlen(rows[i].bytes) + 1 };
		struct scan_reply reply;

		print_message("   %s\n", rows[i].what);
		assert_int_equal(scan_reply_take(&bytes, &reply, NULL), RC_OK);
		assert_int_equal(bytes.len, 0);
		assert_int_equal(reply.number, rows[i].number);
		assert_int_equal(reply.kind, rows[i].kind);
		assert_true(slice_is(reply.words, rows[i].words));
	}
}

static void test_one_after_another(void **state)
{
	struct slice bytes = SLICE("1: ClamAV 1.4.6\0002: stream: OK\000left");
	struct scan_reply reply;

	(void)state;
	assert_int_equal(scan_reply_take(&bytes, &reply, NULL), RC_OK);
	assert_int_equal(reply.number, 1);
	assert_int_equal(scan_reply_take(&bytes, &reply, NULL), RC_OK);
	assert_int_equal(reply.number, 2);
	assert_int_equal(scan_reply_take(&bytes, &reply, NULL), RC_ABSENT);
	assert_true(slice_is(bytes, "left"));
}

static void test_what_is_no_reply(void **state)
{
	static char long_one[SCAN_REPLY_MAX + 1];
	struct slice bytes = SLICE("2: stream: OK\n\0");
	struct scan_reply reply;
	struct fault why;

	(void)state;
	assert_int_equal(scan_reply_take(&bytes, &reply, &why), RC_INVALID);
	assert_string_equal(why.text, "the scanner's answer is no text");
	memset(long_one, 'x', SCAN_REPLY_MAX);
	bytes = (struct slice){ long_one, sizeof long_one };
	assert_int_equal(scan_reply_take(&bytes, &reply, &why), RC_INVALID);
	assert_string_equal(why.text, "the scanner's answer is too long");
	bytes.len = SCAN_REPLY_MAX - 1; /* it may still end */
	assert_int_equal(scan_reply_take(&bytes, &reply, &why), RC_ABSENT);
	bytes.at++, bytes.len++;
	assert_int_equal(scan_reply_take(&bytes, &reply, &why), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_one_after_another),
		cmocka_unit_test(test_what_is_no_reply),
	};
	return cmocka_run_group_tests_name("scan/reply", tests, NULL, NULL);
}
