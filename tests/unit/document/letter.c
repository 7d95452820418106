#include "document/letter.h"

#include "support/documented.h"
#include "support/unit.h"

static void test_a_letter_with_an_attachment(void **state)
{
	static const char in[] =
		"Subject: =?utf-8?Q?hi?=\r\nContent-Type: multipart/mixed; boundary=b"
		"\r\n\r\n--b\r\n\r\n4111\r\n--b\r\nContent-Type: text/html; name=x"
		"\r\n\r\n41<i>11\r\n--b\r\nContent-Type: application/xml; name=a.xml"
		"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==\r\n--b\r\n"
		"Content-Type: message/partial\r\n\r\n--b--\r\n";
	struct buf out = documented_by(letter_read, slice_of(in));
	(void)state;

	assert_string_equal(buf_text(&out),
			    "text : Subject: hi\nContent-Type: multipart/mixed; boundary=b\n\n"
			    "text 1: 4111\n"
			    "text 2: Content-Type: text/html; name=x\n\n"
			    "text 2: 4111\nfile 2: x 0\n"
			    "text 3: Content-Type: application/xml; name=a.xml\n"
			    "Content-Transfer-Encoding: base64\n\n"
			    "text 3: \ntext 3: \nfile 3: a.xml 0\n"
			    "text 4: Content-Type: message/partial\n\n"
			    "text 4: opaque 4: message/partial\n\n");
	buf_free(&out);
}

static void test_a_document_in_it_is_read(void **state)
{
	static const char in[] = "Subject: x\nContent-Type: application/pkcs7-mime; name=a.html\n\n"
				 "41<b>11</b>\n";
	struct buf out = documented_by(letter_read, slice_of(in));
	(void)state;

	assert_non_null(strstr(buf_text(&out), "text 1: 4111"));
	buf_free(&out);
}

static void test_a_mailbox_holds_several(void **state)
{
	static const char in[] = "From a@b Mon\nSubject: x\n\nhello\n\nFrom a@b Tue\nSubject: y\n"
				 "Content-Transfer-Encoding: base64\n\nNDExMQ==\n";
	struct buf out = documented_by(letter_read, slice_of(in));
	(void)state;

	assert_non_null(strstr(buf_text(&out), "text 1: hello"));
	assert_non_null(strstr(buf_text(&out), "text 1: 4111"));
	buf_free(&out);
}

static void test_parts_are_bounded(void **state)
{
	struct buf in = BUF_INIT(1 << 20);
	(void)state;

	assert_int_equal(buf_add_text(&in, "Content-Type: multipart/mixed; boundary=b\n\n"), RC_OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(buf_add_text(&in, "--b\n\nx\n"), RC_OK);
	struct buf out = documented_by(letter_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "opaque 65: parts\n"));
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_letter_with_an_attachment),
		cmocka_unit_test(test_a_document_in_it_is_read),
		cmocka_unit_test(test_a_mailbox_holds_several),
		cmocka_unit_test(test_parts_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
