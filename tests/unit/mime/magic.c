#include "mime/magic.h"

#include "support/unit.h"

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
		assert_int_equal(mime_magic_is_source(slice_of(rows[i].head)), rows[i].source);
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
		assert_int_equal(mime_magic_is_binary(rows[i].head), rows[i].binary);
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
		assert_int_equal(mime_magic_kind(rows[i].head, rows[i].declared, &format),
				 rows[i].kind);
		assert_string_equal(format, rows[i].format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_a_source),
		cmocka_unit_test(test_what_is_no_text),
		cmocka_unit_test(test_magic),
	};
	return cmocka_run_group_tests_name("mime/magic", tests, NULL, NULL);
}
