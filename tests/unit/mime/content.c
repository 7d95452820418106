#include "mime/content.h"

#include "support/unit.h"

static const struct {
	const char *type, *disposition;
	enum mime_kind kind;
	const char *format;
} kinds[] = {
	{ "", "", MIME_TEXT, "" },
	{ "text/plain", "", MIME_TEXT, "" },
	{ "text/csv", "attachment; filename=a.csv", MIME_TEXT, "" },
	{ "TEXT/HTML", "", MIME_HTML, "" },
	{ "nonsense", "", MIME_TEXT, "" },
	{ "multipart/mixed; boundary=b", "", MIME_MULTIPART, "" },
	{ "multipart/encrypted; boundary=b", "", MIME_OPAQUE, "pgp" },
	{ "message/rfc822", "", MIME_MESSAGE, "" },
	{ "message/delivery-status", "", MIME_TEXT, "" },
	{ "message/external-body", "", MIME_OPAQUE, "message/external-body" },
	{ "image/png", "", MIME_IGNORED, "" },
	{ "image/svg+xml", "", MIME_TEXT, "" },
	{ "application/pdf", "", MIME_DOCUMENT, "pdf" },
	{ "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "",
	  MIME_DOCUMENT, "zip" },
	{ "application/vnd.oasis.opendocument.text", "", MIME_DOCUMENT, "zip" },
	{ "application/json", "", MIME_BINARY, "binary" },
	{ "application/octet-stream", "attachment; filename=WinMail.dat", MIME_DOCUMENT, "tnef" },
};

static void test_kinds(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct mime_content c;
		const char *format;
		struct slice type = { kinds[i].type, strlen(kinds[i].type) };
		struct slice disposition = { kinds[i].disposition, strlen(kinds[i].disposition) };
		mime_content_init(&c, false);
		if (type.len)
			mime_content_take(&c, SLICE("CONTENT-type"), type);
		mime_content_take(&c, SLICE("Content-Disposition"), disposition);
		enum mime_kind kind = mime_content_kind(&c, &format);
		if (kind != kinds[i].kind || strcmp(format, kinds[i].format) != 0)
			fail_msg("%s: %d %s", kinds[i].type, kind, format);
		assert_int_equal(c.attachment, disposition.len > 0);
		mime_content_fini(&c);
	}
}

static void test_encodings(void **state)
{
	static const struct {
		const char *in;
		enum mime_encoding encoding;
	} rows[] = {
		{ "7bit", MIME_IDENTITY },
		{ "8BIT", MIME_IDENTITY },
		{ "binary", MIME_IDENTITY },
		{ " Base64 ", MIME_BASE64 },
		{ "base64; x=y", MIME_BASE64 },
		{ "(c) quoted-printable (d)", MIME_QUOTED_PRINTABLE },
		{ "x-uuencode", MIME_UNKNOWN_ENCODING },
		{ "base 64", MIME_BASE64 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mime_content c;
		mime_content_init(&c, false);
		mime_content_take(&c, SLICE("Content-Transfer-Encoding"),
				  (struct slice){ rows[i].in, strlen(rows[i].in) });
		if (c.encoding != rows[i].encoding)
			fail_msg("%s: %d", rows[i].in, c.encoding);
		assert_false(c.bad_repeat);
		mime_content_take(&c, SLICE("Content-Transfer-Encoding"), SLICE("x-other"));
		assert_int_equal(c.bad_repeat, rows[i].encoding != MIME_UNKNOWN_ENCODING);
		mime_content_fini(&c);
	}
}

static void test_the_first_field_counts(void **state)
{
	struct mime_content c;
	(void)state;

	mime_content_init(&c, false);
	mime_content_take(&c, SLICE("Content-Type"), SLICE("text/html; charset=a; name=n"));
	mime_content_take(&c, SLICE("Content-Type"), SLICE("text/html; charset=b"));
	assert_string_equal(buf_text(&c.charset), "a");
	assert_string_equal(buf_text(&c.name), "n");
	assert_false(c.bad_repeat);
	mime_content_take(&c, SLICE("Content-Type"), SLICE("text/plain"));
	assert_true(c.bad_repeat);
	mime_content_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_the_first_field_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
