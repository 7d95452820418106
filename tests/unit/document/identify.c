#include "document/identify.h"

#include "support/unit.h"

#define S(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static void test_formats(void **state)
{
	static const struct {
		struct slice bytes;
		const char *name;
		enum document_format format;
		const char *word;
	} rows[] = {
		{ S(""), "a.zip", DOCUMENT_EMPTY, "" },
		{ S("PK\3\4xxxx"), "a.txt", DOCUMENT_ARCHIVE, "zip" },
		{ S("7z\xBC\xAF\x27\x1C"), "", DOCUMENT_ARCHIVE, "7z" },
		{ S("\x1F\x8B\x08\0"), "", DOCUMENT_COMPRESSED, "gzip" },
		{ S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "", DOCUMENT_OLE, "ole" },
		{ S("{\\rtf1 x"), "", DOCUMENT_RTF, "rtf" },
		{ S("%PDF-1.7"), "", DOCUMENT_PDF, "pdf" },
		{ S("junk before\n%PDF-1.7"), "", DOCUMENT_PDF, "pdf" },
		{ S("\x78\x9F\x3E\x22\0"), "", DOCUMENT_TNEF, "tnef" },
		{ S("\x89PNG\r\n\x1A\n"), "a.zip", DOCUMENT_IGNORED, "" },
		{ S("0\x82\x01\0\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03\xA0\x82\0\0\0\0"), "",
		  DOCUMENT_CMS, "smime" },
		{ S("\x30\x82\x09\x51\x02\x01\x03\x30\x82\x09\x17\x06\x09\x2A\x86\x48\x86\xF7\x0D"
		    "\x01"
		    "\x07\x01\xA0\x82\x09\x08\x04\x82\x09\x04\x30\x82\x09\x00"),
		  "", DOCUMENT_PKCS12, "pkcs12" },
		{ S("\x30\x82\x09\x51\x02\x01\x04\x30\x82\x09\x17\x06\x09\x2A\x86\x48\x86\xF7\x0D"
		    "\x01"
		    "\x07\x01\xA0\x82\x09\x08\x04\x82\x09\x04\x30\x82\x09\x00"),
		  "", DOCUMENT_BINARY, "binary" },
		{ S("-----BEGIN PGP MESSAGE-----\n\nhQ"), "", DOCUMENT_PGP, "pgp" },
		{ S("\x85\x01\x0C\x03"), "a.gpg", DOCUMENT_PGP, "pgp" },
		{ S("\xEF\xBB\xBF<?xml version='1.0'?><a/>"), "", DOCUMENT_XML, "" },
		{ S("<a/>"), "a.XML", DOCUMENT_XML, "" },
		{ S("<a/>"), "a.txt", DOCUMENT_TEXT, "" },
		{ S(" <s:a b='1' xmlns:s='u'>x"), "", DOCUMENT_XML, "" },
		{ S("<s:a b='1'> xmlns:s='u'>"), "", DOCUMENT_TEXT, "" },
		{ S("<?xml version='1.0'?><!DOCTYPE html><html>"), "", DOCUMENT_HTML, "" },
		{ S("  <HTML>"), "", DOCUMENT_HTML, "" },
		{ S("Received: x\r\nSubject: y\r\n\r\n"), "", DOCUMENT_MESSAGE, "" },
		{ S("Note: see\nabove\n"), "", DOCUMENT_TEXT, "" },
		{ S("x"), "a.eml", DOCUMENT_MESSAGE, "" },
		{ S("From a@b Mon\n"), "", DOCUMENT_MESSAGE, "" },
		{ S("070701;12.50;07:30\n"), "a.csv", DOCUMENT_TEXT, "" },
		{ S("hello"), "a.pdf", DOCUMENT_TEXT, "" },
		{ S("\xFF\xFE"
		    "4\0"),
		  "", DOCUMENT_TEXT, "" },
		{ S("4\0001\0001\0001\0 \0"), "", DOCUMENT_TEXT, "" },
		{ S("\x1F\x12\x90\x53\x02\x11\xF3"), "a.txt", DOCUMENT_BINARY, "binary" },
		{ S("\x7F"
		    "ELF\2\1\1\0\0\0\0\0\0\0\0"),
		  "", DOCUMENT_BINARY, "binary" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *word = NULL;
		enum document_format got =
			document_identify(rows[i].bytes, slice_of(rows[i].name), &word);
		if (got != rows[i].format || strcmp(word, rows[i].word) != 0)
			fail_msg("row %zu: %d %s", i, got, word);
	}
}

static void test_a_tar_by_its_middle(void **state)
{
	char bytes[512] = "name";
	const char *word;
	(void)state;

	memcpy(bytes + 257, "ustar", 5);
	assert_int_equal(document_identify((struct slice){ bytes, 512 }, SLICE(""), &word),
			 DOCUMENT_ARCHIVE);
	assert_string_equal(word, "tar");
}

static void test_a_zip_by_its_end(void **state)
{
	(void)state;

	assert_true(document_ends_as_zip(SLICE("\x89PNG…PK\1\2…………PK\5\6……………………………………")));
	assert_false(document_ends_as_zip(SLICE("\x89PNG………………PK\5\6……………………………………")));
	assert_false(document_ends_as_zip(SLICE("PK\5\6")));
	assert_false(document_ends_as_zip(SLICE("")));
}

static void test_extensions(void **state)
{
	(void)state;

	assert_true(document_has_extension(SLICE("a.EML"), "eml"));
	assert_false(document_has_extension(SLICE("eml"), "eml"));
	assert_false(document_has_extension(SLICE("aeml"), "eml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_a_tar_by_its_middle),
		cmocka_unit_test(test_a_zip_by_its_end),
		cmocka_unit_test(test_extensions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
