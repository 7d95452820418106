#include "document/pdfvalue.h"

#include "support/unit.h"

static void test_kinds(void **state)
{
	static const struct {
		const char *in;
		enum pdf_kind kind;
		const char *raw, *rest;
	} rows[] = {
		{ " % c\n/Name/x", PDF_NAME, "Name", "/x" },
		{ "(a(b)\\)c) d", PDF_STRING, "a(b)\\)c", " d" },
		{ "<41 4>x", PDF_HEX, "41 4", "x" },
		{ "[1 [2] (]) <<>>]3", PDF_ARRAY, "1 [2] (]) <<>>", "3" },
		{ "<</A<</B 1>>>> x", PDF_DICTIONARY, "/A<</B 1>>", " x" },
		{ "12 0 R x", PDF_REFERENCE, "12", " x" },
		{ "12 0 obj", PDF_NUMBER, "12", " 0 obj" },
		{ "-.5x", PDF_NUMBER, "-.5x", "" },
		{ "true", PDF_WORD, "true", "" },
		{ "]", PDF_NOTHING, "", "]" },
		{ "", PDF_NOTHING, "", "" },
		{ "(open", PDF_STRING, "open", "" },
		{ "[open", PDF_ARRAY, "open", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = slice_of(rows[i].in);
		struct pdf_value v = pdf_take(&in);
		if (v.kind != rows[i].kind || !slice_is(v.raw, rows[i].raw) ||
		    !slice_is(in, rows[i].rest))
			fail_msg("%s: %d \"%.*s\" \"%.*s\"", rows[i].in, v.kind, SLICE_ARG(v.raw),
				 SLICE_ARG(in));
	}
}

static void test_dictionaries(void **state)
{
	struct slice d = SLICE("/A 1 /B /A /C(/A 2) /D [/E 3] /#45 4 5 R /F");
	(void)state;

	assert_int_equal(pdf_number(pdf_find(d, "A")), 1);
	assert_true(pdf_is_name(pdf_find(d, "B"), "A"));
	assert_int_equal(pdf_find(d, "E").kind, PDF_REFERENCE);
	assert_int_equal(pdf_find(d, "G").kind, PDF_NOTHING);
	assert_int_equal(pdf_find(d, "F").kind, PDF_NOTHING);
}

static void test_texts(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "(a\\(b\\)\\\\\\n\\101\\\nc)", "a(b)\\\nAc" },
		{ "<48 656C6c6F2>", "Hello " },
		{ "(\xE9)", "\xC3\xA9" },
		{ "<FEFF00E9D83DDE00>", "\xC3\xA9\xF0\x9F\x98\x80" },
		{ "(\xEF\xBB\xBF\xC3\xA9)", "\xC3\xA9" },
		{ "/A#20B", "A B" },
		{ "12", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = slice_of(rows[i].in);
		struct buf out = BUF_INIT(256);
		pdf_add_text(pdf_take(&in), &out);
		assert_string_equal(buf_text(&out), rows[i].out);
		buf_free(&out);
	}
}

static void test_numbers(void **state)
{
	struct slice in = SLICE("-3 2.75 4294967296 1e9 --5 .");
	(void)state;

	assert_int_equal(pdf_number(pdf_take(&in)), 0);
	struct pdf_value v = pdf_take(&in);
	assert_true(v.number == 2.75 && pdf_number(v) == 2);
	assert_int_equal(pdf_number(pdf_take(&in)), 0);
	assert_int_equal(pdf_number(pdf_take(&in)), 1);
	assert_int_equal(pdf_take(&in).kind, PDF_WORD);
	assert_int_equal(pdf_take(&in).kind, PDF_WORD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_dictionaries),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
