#include "support/decode.h"
#include "support/unit.h"

#define MULTIPART(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\r\n\r\n"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "a plain message", "Subject: hi\r\n\r\nhello\r\n",
	  "field  Subject: hi\npart 1 text/plain\ntext 1: hello\r\n\n" },
	{ "no body", "Subject: hi\r\n", "field  Subject: hi\npart 1 text/plain\n" },
	{ "nothing at all", "", "part 1 text/plain\n" },
	{ "a folded, encoded subject", "Subject: =?utf-8?Q?a?=\r\n =?utf-8?Q?b?=\r\n\r\n",
	  "field  Subject: ab\npart 1 text/plain\n" },
	{ "base64", "Content-Transfer-Encoding: base64\r\n\r\nNDEx\r\nMQ==\r\n",
	  "field  Content-Transfer-Encoding: base64\npart 1 text/plain\ntext 1: 4111\n" },
	{ "a soft break and an HTML tag in a number",
	  "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n41=\r\n<b "
	  "=\r\nx=3D1>11",
	  "field  Content-Type: text/html\nfield  Content-Transfer-Encoding: quoted-printable\n"
	  "part 1 text/html\ntext 1: 4111\n" },
	{ "UTF-16 in base64",
	  "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: "
	  "base64\r\n\r\nNAAxADEAMQA=",
	  "field  Content-Type: text/plain; charset=utf-16le\nfield  Content-Transfer-Encoding: "
	  "base64\n"
	  "part 1 text/plain\ntext 1: 4111\n" },
	{ "two parts, a preamble and an epilogue",
	  MULTIPART("b") "before\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: "
			 "text/html\r\n\r\n<p>two\r\n--b--\r\nafter\r\n",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "part preamble text/plain\ntext preamble: before\n"
	  "part 1 text/plain\ntext 1: one\n"
	  "field 2 Content-Type: text/html\npart 2 text/html\ntext 2: \ntwo\n"
	  "part epilogue text/plain\ntext epilogue: after\r\n\n" },
	{ "LF alone", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n" },
	{ "CR alone before a boundary", MULTIPART("b") "--b\r\n\r\none\r--b\r\n\r\ntwo\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n"
	  "part 2 text/plain\ntext 2: two\n" },
	{ "no last boundary", MULTIPART("b") "--b\r\n\r\none",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n" },
	{ "an empty part", MULTIPART("b") "--b\r\n\r\n--b\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\npart 2 "
	  "text/plain\n" },
	{ "blanks after a boundary", MULTIPART("b") "--b \t\r\n\r\none\r\n--b-- \r\n",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n" },
	{ "a line that begins like a boundary",
	  MULTIPART("bcd") "--bcd\r\n\r\none\r\n--bc\r\n-- \r\n--bcd--",
	  "field  Content-Type: multipart/mixed; boundary=bcd\npart 1 text/plain\n"
	  "text 1: one\r\n--bc\r\n-- \n" },
	{ "more on a boundary's line", MULTIPART("b") "--bx\r\n\r\none\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n"
	  "opaque 1: boundary\n" },
	{ "a boundary inside a line is none", MULTIPART("b") "--b\r\n\r\none --b--\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one "
	  "--b--\n" },
	{ "no boundary parameter", "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\none",
	  "field  Content-Type: multipart/mixed\npart 1 multipart/mixed attached\n"
	  "text 1: --b\r\n\r\none\nopaque 1: boundary\n" },
	{ "nested multiparts, one boundary the front of the other",
	  MULTIPART("b") "--b\r\n" MULTIPART(
		  "bb") "--bb\r\n\r\none\r\n--bb--\r\n--b\r\n\r\ntwo\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Type: multipart/mixed; boundary=bb\n"
	  "part 1.1 text/plain\ntext 1.1: one\npart 2 text/plain\ntext 2: two\n" },
	{ "the same boundary twice",
	  MULTIPART("b") "--b\r\n" MULTIPART(
		  "b") "--b\r\n\r\none\r\n--b--\r\n--b\r\n\r\ntwo\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Type: multipart/mixed; boundary=b\n"
	  "part 1.1 text/plain\ntext 1.1: one\npart 2 text/plain\ntext 2: two\n" },
	{ "an outer boundary ends inner parts",
	  MULTIPART("b") "--b\r\n" MULTIPART("c") "--c\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Type: multipart/mixed; boundary=c\n"
	  "part 1.1 text/plain\ntext 1.1: one\npart 2 text/plain\ntext 2: two\n" },
	{ "a part after the last boundary is still read",
	  MULTIPART("b") "--b--\r\n--b\r\n\r\none\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\npart 1 text/plain\ntext 1: one\n" },
	{ "a nested message",
	  MULTIPART("b") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
			 "in\r\n\r\nbody\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\nfield 1 Content-Type: message/rfc822\n"
	  "part 1 message/rfc822 attached\nfield 1 Subject: in\npart 1.1 text/plain attached\n"
	  "text 1.1: body\n" },
	{ "a nested message in base64, with parts",
	  MULTIPART("b") "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
			 "base64\r\n\r\n"
			 "Q29udGVudC1UeXBlOiBtdWx0aXBhcnQvbWl4ZWQ7IGJvdW5kYXJ5PWIKCi0tYgoKNDExMQotL"
			 "WIt\r\nLQo=\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\nfield 1 Content-Type: message/rfc822\n"
	  "field 1 Content-Transfer-Encoding: base64\npart 1 message/rfc822 attached\n"
	  "field 1 Content-Type: multipart/mixed; boundary=b\npart 1.1 text/plain attached\n"
	  "text 1.1: 4111\n" },
	{ "a digest's parts are messages",
	  "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: "
	  "in\r\n\r\nbody\r\n--b--",
	  "field  Content-Type: multipart/digest; boundary=b\npart 1 message/rfc822 attached\n"
	  "field 1 Subject: in\npart 1.1 text/plain attached\ntext 1.1: body\n" },
	{ "attachments by disposition and name",
	  MULTIPART("b") "--b\r\nContent-Disposition: attachment; "
			 "filename*=utf-8''caf%C3%A9.txt\r\n\r\na\r\n"
			 "--b\r\nContent-Type: text/plain; name=b.txt\r\nContent-Disposition: "
			 "inline\r\n\r\nb\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Disposition: attachment; filename*=utf-8''caf%C3%A9.txt\n"
	  "part 1 text/plain attached filename=caf\xC3\xA9.txt\ntext 1: a\n"
	  "field 2 Content-Type: text/plain; name=b.txt\nfield 2 Content-Disposition: inline\n"
	  "part 2 text/plain attached name=b.txt\ntext 2: b\n" },
	{ "a zip is opaque whatever it is called",
	  MULTIPART("b") "--b\r\nContent-Type: application/zip\r\n\r\nxyz\r\n"
			 "--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: "
			 "base64\r\n\r\nUEsDBAAAAAA=\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\nfield 1 Content-Type: "
	  "application/zip\n"
	  "part 1 application/zip attached\nfield 2 Content-Type: image/png\n"
	  "field 2 Content-Transfer-Encoding: base64\npart 2 image/png attached\n"
	  "opaque 1: zip\nopaque 2: zip\n" },
	{ "pictures are passed over", "Content-Type: image/png\r\n\r\nGIF89a\x01jkl",
	  "field  Content-Type: image/png\npart 1 image/png attached\n" },
	{ "text that begins like a picture is text", "\r\nGIF89a 4111",
	  "part 1 text/plain\ntext 1: GIF89a 4111\n" },
	{ "bytes of no known format are matched, and opaque",
	  "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
	  "base64\r\n\r\nNDExMQA1AAAA",
	  "field  Content-Type: application/octet-stream\nfield  Content-Transfer-Encoding: "
	  "base64\n"
	  "part 1 application/octet-stream attached\ntext 1: 4111" /* and a NUL */ },
	{ "an unknown charset", "Content-Type: text/plain; charset=x-none\r\n\r\nA\xE9",
	  "field  Content-Type: text/plain; charset=x-none\npart 1 text/plain\ntext 1: A\xC3\xA9\n"
	  "opaque 1: charset x-none\n" },
	{ "an unknown transfer encoding", "Content-Transfer-Encoding: x-uue\r\n\r\n4111",
	  "field  Content-Transfer-Encoding: x-uue\npart 1 text/plain\ntext 1: 4111\n"
	  "opaque 1: transfer-encoding\n" },
	{ "a multipart in base64", "Content-Transfer-Encoding: base64\r\n" MULTIPART("b") "--b--",
	  "field  Content-Transfer-Encoding: base64\nfield  Content-Type: multipart/mixed; "
	  "boundary=b\n"
	  "opaque 1: transfer-encoding\n" },
	{ "two Content-Types that differ",
	  "Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n<b>",
	  "field  Content-Type: text/plain\nfield  Content-Type: text/html\npart 1 text/plain\n"
	  "text 1: <b>\nopaque 1: repeated-field\n" },
	{ "two Content-Types alike",
	  "Content-Type: text/plain\r\nContent-Type: Text/Plain\r\n\r\nx",
	  "field  Content-Type: text/plain\nfield  Content-Type: Text/Plain\npart 1 "
	  "text/plain\ntext 1: x\n" },
	{ "a bare CR in a field", "X: y\rContent-Type: text/html\r\n\r\nx",
	  "field  X: yContent-Type: text/html\npart 1 text/plain\ntext 1: x\nopaque : "
	  "bare-cr\n" },
	{ "a line that is no field begins the body", "Subject: x\r\nhello there\r\nmore\r\n",
	  "field  Subject: x\npart 1 text/plain\ntext 1: hello there\r\nmore\r\n\n" },
	{ "an mbox line in front", "From a@b.test Sun Nov 22\r\nSubject: x\r\n\r\ny",
	  "field  Subject: x\npart 1 text/plain\ntext 1: y\n" },
	{ "a claim to be encrypted counts",
	  MULTIPART("b") "--b\r\nContent-Type: text/plain; smime-type=Enveloped-Data\r\n\r\na\r\n"
			 "--b\r\nContent-Type: text/plain; smime-type=authEnveloped-data\r\n\r\n"
			 "--b\r\nContent-Type: text/plain; smime-type=signed-data\r\n\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Type: text/plain; smime-type=Enveloped-Data\npart 1 text/plain\n"
	  "text 1: a\n"
	  "field 2 Content-Type: text/plain; smime-type=authEnveloped-data\npart 2 text/plain\n"
	  "field 3 Content-Type: text/plain; smime-type=signed-data\npart 3 text/plain\n"
	  "opaque 1: encrypted\nopaque 2: encrypted\n" },
	{ "formats that stay shut",
	  MULTIPART("b") "--b\r\nContent-Type: application/pkcs7-mime\r\n\r\na\r\n"
			 "--b\r\nContent-Type: multipart/encrypted; boundary=c\r\n\r\n--c\r\n"
			 "--b\r\nContent-Type: message/partial\r\n\r\n"
			 "--b\r\nContent-Type: x/y; name=winmail.dat\r\n\r\nx\r\n--b--",
	  "field  Content-Type: multipart/mixed; boundary=b\n"
	  "field 1 Content-Type: application/pkcs7-mime\npart 1 application/pkcs7-mime attached\n"
	  "field 2 Content-Type: multipart/encrypted; boundary=c\npart 2 multipart/encrypted "
	  "attached\n"
	  "field 3 Content-Type: message/partial\npart 3 message/partial attached\n"
	  "field 4 Content-Type: x/y; name=winmail.dat\npart 4 x/y attached name=winmail.dat\n"
	  "opaque 1: smime\nopaque 2: pgp\nopaque 2: encrypted\nopaque 3: message/partial\nopaque "
	  "4: tnef\n" },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		for (size_t step = in.len + 1; step > 0; step--) {
			struct buf out = decoded_message(in, step, DECODED_LIMITS);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu:\n%s", rows[i].name, step, buf_text(&out));
			buf_free(&out);
		}
	}
}

static void test_fields_as_a_milter_gives_them(void **state)
{
	struct decoded d = { .events = BUF_INIT(4096),
			     .text = BUF_INIT(4096),
			     .opaque = BUF_INIT(64) };
	struct mime_decoder *decoder = mime_decoder_new(DECODED_LIMITS, &decoded_handler, &d);
	(void)state;

	mime_decoder_header(decoder, SLICE("Subject"), SLICE("a\n b"));
	mime_decoder_header(decoder, SLICE("Content-Type"),
			    SLICE("multipart/mixed;\n\tboundary=b"));
	mime_decoder_headers_end(decoder);
	mime_decoder_body(decoder, SLICE("--b\r\n\r\none\r"));
	mime_decoder_body(decoder, SLICE("\n--b--\r\n"));
	mime_decoder_end(decoder);
	assert_string_equal(
		buf_text(&d.events),
		"field  Subject: a b\nfield  Content-Type: multipart/mixed;\tboundary=b\n"
		"part 1 text/plain\ntext 1: one\n");
	mime_decoder_free(decoder);
	buf_free(&d.events);
	buf_free(&d.text);
	buf_free(&d.opaque);
}

static void expect_opaque(struct slice in, struct mime_limits limits, const char *want)
{
	struct buf out = decoded_message(in, 7, limits);

	if (!strstr(buf_text(&out), want))
		fail_msg("no \"%s\" in:\n%s", want, buf_text(&out));
	buf_free(&out);
}

static void test_limits_are_opaque_and_end_nothing(void **state)
{
	struct mime_limits limits = DECODED_LIMITS;
	(void)state;

	limits.parts = 1;
	expect_opaque(SLICE(MULTIPART("b") "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--"), limits,
		      "opaque 2: parts\n");

	limits = DECODED_LIMITS;
	limits.depth = 1;
	expect_opaque(
		SLICE(MULTIPART("b") "--b\r\n" MULTIPART("c") "--c\r\n\r\ndeep\r\n--c--\r\n--b--"),
		limits, "text 1: --c\r\n\r\ndeep\r\n--c--\nopaque 1: depth\n");
	expect_opaque(
		SLICE(MULTIPART(
			"b") "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n--b--"),
		limits, "text 1: Subject: x\r\n\nopaque 1: depth\n");

	limits = DECODED_LIMITS;
	limits.header_bytes = 40;
	expect_opaque(SLICE("Subject: 01234567890123456789\r\nX: 01234567890123456789\r\n\r\nbody"),
		      limits, "text 1: body\nopaque : header-bytes\n");

	limits = DECODED_LIMITS;
	limits.decoded_bytes = 10;
	expect_opaque(SLICE("\r\n0123456789abcdef"), limits, "opaque 1: decoded-bytes\n");
}

static void test_messages_within_messages_end(void **state)
{
	struct buf in = BUF_INIT(1 << 20);
	(void)state;

	for (int i = 0; i < 5000; i++)
		assert_int_equal(buf_add_text(&in, "Content-Type: message/rfc822\n\n"), RC_OK);
	expect_opaque(buf_slice(&in), DECODED_LIMITS, ": depth\n");
	buf_clear(&in);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(
			buf_addf(&in, "Content-Type: multipart/x; boundary=b%d\n\n--b%d\n", i, i),
			RC_OK);
	expect_opaque(buf_slice(&in), DECODED_LIMITS, ": depth\n");
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_fields_as_a_milter_gives_them),
		cmocka_unit_test(test_limits_are_opaque_and_end_nothing),
		cmocka_unit_test(test_messages_within_messages_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
