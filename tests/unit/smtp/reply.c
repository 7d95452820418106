#include "smtp/reply.h"

#include "base/buf.h"
#include "support/unit.h"

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static const struct {
	const char *name, *text;
	enum rc rc;
	const char *why, *words, *rest;
} takes[] = {
	{ "one line", "250 OK\r\n", RC_OK, "", "250 OK", "" },
	{ "the code alone", "250\r\n", RC_OK, "", "250", "" },
	{ "a code and a space", "250 \r\n", RC_OK, "", "250", "" },
	{ "several lines", "250-a\r\n250-\r\n250 c\r\n", RC_OK, "", "250 a c", "" },
	{ "an empty last line", "250-a\r\n250\r\n", RC_OK, "", "250 a", "" },
	{ "what follows is left", "220 hi\r\n250 ", RC_OK, "", "220 hi", "250 " },
	{ "bytes above ASCII", "550 m\xc3\xbcll\t!\r\n", RC_OK, "", "550 m??ll?!", "" },
	{ "nothing yet", "", RC_ABSENT, "the reply is not complete", NULL, NULL },
	{ "half a line", "250 O", RC_ABSENT, "the reply is not complete", NULL, NULL },
	{ "CR without its LF yet", "250 OK\r", RC_ABSENT, "the reply is not complete", NULL, NULL },
	{ "the last line is missing", "250-a\r\n", RC_ABSENT, "the reply is not complete", NULL,
	  NULL },
	{ "bare LF", "250 OK\n", RC_INVALID, "a reply line ends in a bare LF", NULL, NULL },
	{ "bare CR", "250 O\rK\r\n", RC_INVALID, "a reply holds a bare CR", NULL, NULL },
	{ "letters", "HTTP/1.1 400\r\n", RC_INVALID, "\"HTTP/1.1 400\" is not a reply", NULL,
	  NULL },
	{ "too short", "25\r\n", RC_INVALID, "\"25\" is not a reply", NULL, NULL },
	{ "no separator", "2500\r\n", RC_INVALID, "\"2500\" is not a reply", NULL, NULL },
	{ "a code of 100", "150 x\r\n", RC_INVALID, "\"150 x\" is not a reply", NULL, NULL },
	{ "a code of 600", "600 x\r\n", RC_INVALID, "\"600 x\" is not a reply", NULL, NULL },
	{ "codes that differ", "250-a\r\n550 b\r\n", RC_INVALID,
	  "a reply begins with 250 and goes on with 550", NULL, NULL },
};

static void test_takes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(takes); i++) {
		struct slice in = of(takes[i].text), before = in;
		struct smtp_reply reply = { .code = 77 };
		struct fault why = { 0 };
		char words[SMTP_WORDS_MAX];

		print_message("   %s\n", takes[i].name);
		assert_int_equal(smtp_reply_take(&in, &reply, &why), takes[i].rc);
		assert_string_equal(why.text, takes[i].why);
		if (takes[i].rc == RC_OK) {
			assert_string_equal(smtp_reply_words(&reply, words), takes[i].words);
			assert_true(slice_is(in, takes[i].rest));
		} else {
			assert_int_equal(reply.code, 77);
			assert_ptr_equal(in.at, before.at);
			assert_int_equal(in.len, before.len);
		}
	}
}

static void test_a_nul_is_refused(void **state)
{
	(void)state;
	struct slice in = SLICE("250 O\0K\r\n");
	struct smtp_reply reply;
	struct fault why = { 0 };

	assert_int_equal(smtp_reply_take(&in, &reply, &why), RC_INVALID);
	assert_string_equal(why.text, "a reply holds a NUL");
}

static void test_a_line_of_the_longest_and_one_longer(void **state)
{
	(void)state;
	char text[SMTP_REPLY_LINE_MAX + 2];
	struct smtp_reply reply;
	struct fault why = { 0 };

	for (int over = 0; over < 2; over++) {
		size_t len = SMTP_REPLY_LINE_MAX + (size_t)over;
		struct slice in = { text, len };

		memset(text, 'x', sizeof text);
		memcpy(text, "250 ", 4);
		memcpy(text + len - 2, "\r\n", 2);
		assert_int_equal(smtp_reply_take(&in, &reply, &why), over ? RC_LIMIT : RC_OK);
	}
	assert_string_equal(why.text, "a reply line is over 1024 bytes");

	/* Found out without waiting for the line's end. */
	struct slice endless = { text, SMTP_REPLY_LINE_MAX };
	memset(text, 'x', sizeof text);
	assert_int_equal(smtp_reply_take(&endless, &reply, NULL), RC_LIMIT);
}

static void test_lines_are_counted(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(4096);
	struct smtp_reply reply;
	struct slice in;

	for (int i = 0; i < SMTP_REPLY_LINES_MAX - 1; i++)
		assert_int_equal(buf_add_text(&text, "250-x\r\n"), RC_OK);
	assert_int_equal(buf_add_text(&text, "250 x\r\n"), RC_OK);
	in = buf_slice(&text);
	assert_int_equal(smtp_reply_take(&in, &reply, NULL), RC_OK);
	assert_int_equal(reply.line_count, SMTP_REPLY_LINES_MAX);

	text.at[text.len - 4] = '-';
	assert_int_equal(buf_add_text(&text, "250 x\r\n"), RC_OK);
	in = buf_slice(&text);
	assert_int_equal(smtp_reply_take(&in, &reply, NULL), RC_LIMIT);
	buf_free(&text);
}

static void test_words_are_cut(void **state)
{
	(void)state;
	char text[2 * 1000 + 1], words[SMTP_WORDS_MAX];
	struct smtp_reply reply;
	struct slice in = { text, 2000 };

	memset(text, 'x', sizeof text);
	memcpy(text, "550-", 4);
	memcpy(text + 998, "\r\n550 ", 6);
	memcpy(text + 1998, "\r\n", 2);
	assert_int_equal(smtp_reply_take(&in, &reply, NULL), RC_OK);
	assert_int_equal(strlen(smtp_reply_words(&reply, words)), SMTP_WORDS_MAX - 1);
}

static const struct {
	const char *text;
	uint16_t class, subject, detail;
} codes[] = {
	{ "550 5.1.1 no such mailbox\r\n", 5, 1, 1 },
	{ "250 2.0.0\r\n", 2, 0, 0 },
	{ "451 4.7.999 x\r\n", 4, 7, 999 },
	{ "550 4.1.1 class and code differ\r\n", 0, 0, 0 },
	{ "354 3.0.0 there is no class 3\r\n", 0, 0, 0 },
	{ "220 2.11.4.7 version\r\n", 0, 0, 0 },
	{ "250 2.1000.0 four digits\r\n", 0, 0, 0 },
	{ "250 2.1\r\n", 0, 0, 0 },
	{ "250 2..1\r\n", 0, 0, 0 },
	{ "250\r\n", 0, 0, 0 },
};

static void test_enhanced_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct slice in = of(codes[i].text);
		struct smtp_reply reply;

		print_message("   %s", codes[i].text);
		assert_int_equal(smtp_reply_take(&in, &reply, NULL), RC_OK);
		assert_int_equal(reply.enhanced.class, codes[i].class);
		assert_int_equal(reply.enhanced.subject, codes[i].subject);
		assert_int_equal(reply.enhanced.detail, codes[i].detail);
	}
}

static const struct {
	const char *words, *id;
} ids[] = {
	{ "250 2.0.0 Ok: queued as 4XyZ12", "4XyZ12" },
	{ "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 9A", "9A" },
	{ "250 2.0.0 5AM3B1xy012345 Message accepted for delivery", "5AM3B1xy012345" },
	{ "250 OK id=1rAbCd-00EfGh-1X", "1rAbCd-00EfGh-1X" },
	{ "250 Ok", NULL },
	{ "250 Ok: queued as ", NULL },
	{ "250 Ok: queued as <script>", NULL },
	{ " Message accepted for delivery", NULL },
};

static void test_queue_ids(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct slice id;

		print_message("   %s\n", ids[i].words);
		assert_int_equal(smtp_queue_id(ids[i].words, &id), ids[i].id != NULL);
		if (ids[i].id)
			assert_true(slice_is(id, ids[i].id));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_takes),
		cmocka_unit_test(test_a_nul_is_refused),
		cmocka_unit_test(test_a_line_of_the_longest_and_one_longer),
		cmocka_unit_test(test_lines_are_counted),
		cmocka_unit_test(test_words_are_cut),
		cmocka_unit_test(test_enhanced_codes),
		cmocka_unit_test(test_queue_ids),
	};
	return cmocka_run_group_tests_name("smtp/reply", tests, NULL, NULL);
}
