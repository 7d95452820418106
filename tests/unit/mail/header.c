#include "mail/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static const struct {
	const char *name, *in;
	enum rc rc;
	const char *out;
} texts[] = {
	{ "short", "Your message", RC_OK, "Subject: Your message\r\n" },
	{ "empty", "", RC_OK, "Subject: \r\n" },
	{ "folded at a space before column 78",
	  "one two three four five six seven eight nine ten eleven twelve thirteen fourteen", RC_OK,
	  "Subject: one two three four five six seven eight nine ten eleven twelve\r\n"
	  " thirteen fourteen\r\n" },
	{ "UTF-8",
	  "Gr\xc3\xbc\xc3\x9f"
	  "e",
	  RC_OK, "Subject: =?utf-8?B?R3LDvMOfZQ==?=\r\n" },
	{ "what looks like an encoded word is encoded", "=?x?", RC_OK,
	  "Subject: =?utf-8?B?PT94Pw==?=\r\n" },
	{ "a blank at the end survives", "a ", RC_OK, "Subject: =?utf-8?B?YSA=?=\r\n" },
	{ "Latin-1 becomes U+FFFD", "\xfc", RC_OK, "Subject: =?utf-8?B?77+9?=\r\n" },
	{ "a field of a stranger's", "x\r\nBcc: victim@plain.test", RC_INVALID, "" },
	{ "a bare LF", "x\ny", RC_INVALID, "" },
	{ "a bare CR", "x\ry", RC_INVALID, "" },
	{ "an escape sequence", "\x1b[2J", RC_INVALID, "" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf out = BUF_INIT(4096);
		struct fault why = { 0 };

		print_message("   %s\n", texts[i].name);
		assert_int_equal(mail_header_text("Subject", text_of(texts[i].in), &out, &why),
				 texts[i].rc);
		assert_string_equal(buf_text(&out), texts[i].out);
		assert_int_equal(why.text[0] == '\0', texts[i].rc == RC_OK);
		buf_free(&out);
	}
}

/* Every line within the bound, and the next beginning with a blank. */
static void check_lines(struct slice field, size_t max)
{
	struct slice line;

	for (bool first = true; slice_take_line(&field, &line); first = false) {
		assert_true(line.len <= max);
		assert_true(first || line.at[0] == ' ');
	}
}

static void test_long_text_is_split_between_characters(void **state)
{
	char text[602];
	struct buf out = BUF_INIT(8192);

	(void)state;
	for (size_t i = 0; i < 600; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	assert_int_equal(mail_header_text("Subject", (struct slice){ text, 600 }, &out, NULL),
			 RC_OK);
	check_lines(buf_slice(&out), 76);
	/* 45 bytes a word are 15 whole signs: no word ends in padding but perhaps the last */
	assert_null(strstr(buf_text(&out), "=?=\r\n "));
	buf_clear(&out);

	memset(text, 'w', 500);
	assert_int_equal(mail_header_text("Subject", (struct slice){ text, 500 }, &out, NULL),
			 RC_OK);
	check_lines(buf_slice(&out), 76);
	buf_free(&out);
}

static void test_words(void **state)
{
	struct buf out = BUF_INIT(8192), wide = BUF_INIT(2000);

	(void)state;
	assert_int_equal(
		mail_header_words("References",
				  SLICE("<" TEN TEN TEN "@a.test> <" TEN TEN TEN "@b.test>"), &out,
				  NULL),
		RC_OK);
	assert_string_equal(buf_text(&out), "References: <" TEN TEN TEN "@a.test>\r\n <" TEN TEN TEN
					    "@b.test>\r\n");
	buf_clear(&out);
	assert_int_equal(mail_header_words("X", SLICE("a\xc3\xbc"), &out, NULL), RC_INVALID);
	assert_int_equal(mail_header_words("X", SLICE("a\r\n b"), &out, NULL), RC_INVALID);
	for (int i = 0; i < 10; i++)
		assert_int_equal(buf_add_text(&wide, HUNDRED), RC_OK);
	assert_int_equal(mail_header_words("X", buf_slice(&wide), &out, NULL), RC_INVALID);
	assert_int_equal(out.len, 0);
	wide.len = MAIL_HEADER_LINE_MAX - 3;
	assert_int_equal(mail_header_words("X", buf_slice(&wide), &out, NULL), RC_OK);
	check_lines(buf_slice(&out), MAIL_HEADER_LINE_MAX);
	buf_free(&wide);
	buf_free(&out);
}

static const struct {
	const char *name, *display, *address;
	enum rc rc;
	const char *out;
} mailboxes[] = {
	{ "a name and an address", "Jane Doe", "jane@our.example", RC_OK,
	  "From: \"Jane Doe\" <jane@our.example>\r\n" },
	{ "no name", "", "jane@our.example", RC_OK, "From: jane@our.example\r\n" },
	{ "a name that would be another mailbox", "a\" <evil@x.test>, \"b", "j@o.test", RC_OK,
	  "From: \"a\\\" <evil@x.test>, \\\"b\" <j@o.test>\r\n" },
	{ "a name in UTF-8", "J\xc3\xb6rg", "j@o.test", RC_OK,
	  "From: =?utf-8?B?SsO2cmc=?= <j@o.test>\r\n" },
	{ "a quoted local part", "", "\"a b\"@o.test", RC_OK, "From: \"a b\"@o.test\r\n" },
	{ "an address with a field behind it", "", "j@o.test\r\nX: y", RC_INVALID, "" },
	{ "two addresses", "", "j@o.test, k@o.test", RC_INVALID, "" },
	{ "no address", "Jane", "", RC_INVALID, "" },
	{ "a line end in the name", "Jane\nX: y", "j@o.test", RC_INVALID, "" },
};

static void test_mailbox(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mailboxes / sizeof *mailboxes; i++) {
		struct buf out = BUF_INIT(4096);
		struct fault why = { 0 };

		print_message("   %s\n", mailboxes[i].name);
		assert_int_equal(mail_header_mailbox("From", text_of(mailboxes[i].display),
						     text_of(mailboxes[i].address), &out, &why),
				 mailboxes[i].rc);
		assert_string_equal(buf_text(&out), mailboxes[i].out);
		assert_int_equal(why.text[0] == '\0', mailboxes[i].rc == RC_OK);
		buf_free(&out);
	}
}

static const struct {
	const char *name, *in;
	enum rc rc;
	const char *out;
} copies[] = {
	{ "as it was", " Jane <j@o.test>", RC_OK, "To: Jane <j@o.test>\r\n" },
	{ "folded, as a milter sees it", "a@b.test,\n\tc@d.test", RC_OK,
	  "To: a@b.test,\r\n c@d.test\r\n" },
	{ "folded with CRLF and a last line end", "a@b.test,\r\n c@d.test\r\n", RC_OK,
	  "To: a@b.test,\r\n c@d.test\r\n" },
	{ "a line of blanks goes", "a@b.test,\n \n c@d.test", RC_OK,
	  "To: a@b.test,\r\n c@d.test\r\n" },
	{ "UTF-8", "j\xc3\xb6rg@b.test", RC_OK, "To: j\xc3\xb6rg@b.test\r\n" },
	{ "Latin-1", "j\xf6rg@b.test", RC_INVALID, "" },
	{ "a second field", "a@b.test\nSubject: secret", RC_INVALID, "" },
	{ "the body begins", "a@b.test\r\n\r\nbody", RC_INVALID, "" },
	{ "a bare CR", "a@b.test\rX: y", RC_INVALID, "" },
	{ "empty", "", RC_OK, "To:\r\n" },
};

static void test_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof copies / sizeof *copies; i++) {
		struct buf out = BUF_INIT(4096);

		print_message("   %s\n", copies[i].name);
		assert_int_equal(mail_header_copy(SLICE("To"), text_of(copies[i].in), &out, NULL),
				 copies[i].rc);
		assert_string_equal(buf_text(&out), copies[i].out);
		buf_free(&out);
	}
	assert_true(mail_header_is_copied(SLICE("in-reply-to")));
	assert_false(mail_header_is_copied(SLICE("Subject")));
	assert_false(mail_header_is_copied(SLICE("Thread-Topic")));
	assert_false(mail_header_is_copied(SLICE("Message-ID")));
	assert_false(mail_header_is_copied(SLICE("")));
}

static void test_message_id(void **state)
{
	const uint8_t random[16] = { 0x00, 0xff, 0x10 };
	struct buf out = BUF_INIT(MAIL_MESSAGE_ID_MAX);

	(void)state;
	assert_int_equal(mail_message_id(random, SLICE("our.example"), &out), RC_OK);
	assert_string_equal(buf_text(&out), "<00ff1000000000000000000000000000@our.example>");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_long_text_is_split_between_characters),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_mailbox),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_message_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
