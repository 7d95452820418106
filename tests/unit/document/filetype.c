#include "document/filetype.h"

#include "support/unit.h"

#define S(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static void test_types(void **state)
{
	static const struct {
		struct slice head;
		const char *type;
	} rows[] = {
		{ S("%PDF-1.7"), "pdf" },
		{ S("PK\3\4"), "zip" },
		{ S("MZ\x90\0"), "program" },
		{ S("\x7F"
		    "ELF"),
		  "program" },
		{ S("#!/bin/sh\n"), "script" },
		{ S("\x89PNG\r\n\x1A\n"), "png" },
		{ S("\xFF\xD8\xFF\xE0"), "jpeg" },
		{ S("OggS"), "media" },
		{ S("hello"), "text" },
		{ S("<html>"), "text" },
		{ S("\1\0\0\0\2\0\0\0"), "" },
		{ S(""), "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(filetype_of(rows[i].head), rows[i].type);
}

static void test_what_fits(void **state)
{
	static const struct {
		const char *name, *type;
		bool fits;
	} rows[] = {
		{ "a.pdf", "pdf", true },      { "a.PDF", "pdf", true },
		{ "a.pdf", "zip", false },     { "a.jpg", "program", false },
		{ "a.docx", "zip", true },     { "a.docx", "ole", true },
		{ "a.docx", "text", false },   { "a.doc", "rtf", true },
		{ "a.txt", "text", true },     { "a.txt", "zip", false },
		{ "a.xyz", "program", true },  { "a", "program", true },
		{ "a.pdf.exe", "pdf", false }, { "a.pdf", "", true },
		{ "a.csv", "script", true },   { "a.", "zip", true },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		if (filetype_fits(slice_of(rows[i].name), rows[i].type) != rows[i].fits)
			fail_msg("%s %s", rows[i].name, rows[i].type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_what_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
