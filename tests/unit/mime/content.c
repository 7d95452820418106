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

static void test_what_is_a_source(void **state)
{
	static const struct {
		const char *head;
		bool source;
	} rows[] = {
		{ "Subject: x\nContent-Type: text/plain\n\nx", true },
		{ "MIME-Version: 1.0\n", true },
		{ "From a@b Mon\n", true },
		{ "<!DOCTYPE HTML><p>", true },
		{ "a <HTML>", true },
		{ "Subject: a letter about mail\n", false },
		{ "A letter\nContent-Type: x\n", false },
		{ "a;b;c\n1;2;3\n", false },
		{ "", false },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(mime_content_is_source(slice_of(rows[i].head)), rows[i].source);
}

static void test_what_is_no_text(void **state)
{
	static const struct {
		struct slice head;
		bool binary;
	} rows[] = {
		{ { "hello\r\n\tworld\f\x1A", 15 }, false },
		{ { "caf\xE9 cr\xE8me", 10 }, false },
		{ { "\x1B$B4A;z\x1B(B", 10 }, false },
		{ { "one\1", 4 }, false },
		{ { "4\0001\0001\0001\0", 8 }, true },
		{ { "\x1F\x9D\x90\x53\x02\x11\xF3", 7 }, true },
		{ { "", 0 }, false },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(mime_content_is_binary(rows[i].head), rows[i].binary);
}

static void test_magic(void **state)
{
	static const struct {
		struct slice head;
		enum mime_kind kind;
		const char *format;
		bool declared;
	} rows[] = {
		{ { "PK\3\4abcd", 8 }, MIME_DOCUMENT, "zip" },
		{ { "%PDF-1.7", 8 }, MIME_DOCUMENT, "pdf" },
		{ { "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8 }, MIME_DOCUMENT, "ole" },
		{ { "\xFF\xD8\xFF\xE0\0", 5 }, MIME_IGNORED, "none" },
		{ { "GIF89a 4111", 11 }, MIME_TEXT, "none" },
		{ { "GIF89a\1", 7 }, MIME_IGNORED, "none" },
		{ { "RIFF\1\0\0\0AVI ", 12 }, MIME_TEXT, "none" },
		{ { "RIFF\1\0\0\0AVI ", 12 }, MIME_IGNORED, "none", true },
		{ { "RIFF\1\0\0\0WEBP", 12 }, MIME_IGNORED, "none" },
		{ { "RIFF 4111", 9 }, MIME_TEXT, "none", true },
		{ { "hello\1", 6 }, MIME_TEXT, "none", true },
		{ { "PK\3", 3 }, MIME_TEXT, "none" },
		{ { "\x1F\x9D\x90", 3 }, MIME_DOCUMENT, "compress" },
		{ { "hello", 5 }, MIME_TEXT, "none" },
		{ { "", 0 }, MIME_TEXT, "none" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *format = "none";
		assert_int_equal(mime_content_magic(rows[i].head, rows[i].declared, &format),
				 rows[i].kind);
		assert_string_equal(format, rows[i].format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_the_first_field_counts),
		cmocka_unit_test(test_what_is_a_source),
		cmocka_unit_test(test_what_is_no_text),
		cmocka_unit_test(test_magic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
