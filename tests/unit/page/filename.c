#include "page/filename.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *out, *disposition;
} table[] = {
	{ "a plain one", "offer.pdf", "offer.pdf", "attachment; filename=\"offer.pdf\"" },
	{ "a path", "../../etc/passwd", "passwd", "attachment; filename=\"passwd\"" },
	{ "the other kind of path", "C:\\temp\\x.doc", "x.doc", "attachment; filename=\"x.doc\"" },
	{ "dots alone", "..", "file", "attachment; filename=\"file\"" },
	{ "a folder alone", "a/", "file", "attachment; filename=\"file\"" },
	{ "nothing", "", "file", "attachment; filename=\"file\"" },
	{ "hidden", ".bashrc", "bashrc", "attachment; filename=\"bashrc\"" },
	{ "a header of its own", "a\r\nX-Evil: 1.txt", "a__X-Evil_ 1.txt",
	  "attachment; filename=\"a__X-Evil_ 1.txt\"" },
	{ "a quote", "a\"; filename=b.exe", "a__ filename=b.exe",
	  "attachment; filename=\"a__ filename=b.exe\"" },
	{ "letters that are not ASCII", "Angebot \xe2\x82\xac.pdf", "Angebot \xe2\x82\xac.pdf",
	  "attachment; filename=\"Angebot _.pdf\"; "
	  "filename*=UTF-8''Angebot%20%E2%82%AC.pdf" },
	{ "turned around",
	  "a\xe2\x80\xae"
	  "fdp.exe",
	  "afdp.exe", "attachment; filename=\"afdp.exe\"" },
	{ "bytes that are no text",
	  "\xff\xfe"
	  "a",
	  "a", "attachment; filename=\"a\"" },
	{ "blanks and dots around", " . a . ", "a", "attachment; filename=\"a\"" },
};

static void test_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct buf out = BUF_INIT(300), header = BUF_INIT(1000);

		print_message("   %s\n", table[i].name);
		assert_int_equal(page_filename_clean(slice_of(table[i].in), "file", &out), RC_OK);
		assert_string_equal(buf_text(&out), table[i].out);
		assert_int_equal(page_filename_disposition(buf_slice(&out), &header), RC_OK);
		assert_string_equal(buf_text(&header), table[i].disposition);
		buf_free(&out);
		buf_free(&header);
	}
}

static void test_length(void **state)
{
	char name[400];
	struct buf out = BUF_INIT(1000);

	(void)state;
	memset(name, 'a', sizeof name);
	memcpy(name + 395, ".docx", 5);
	assert_int_equal(page_filename_clean((struct slice){ name, sizeof name }, "f", &out),
			 RC_OK);
	assert_int_equal(out.len, PAGE_FILENAME_MAX);
	assert_string_equal(buf_text(&out) + PAGE_FILENAME_MAX - 6, "a.docx");
	buf_clear(&out);
	for (size_t i = 0; i < 200; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 2);
	assert_int_equal(page_filename_clean((struct slice){ name + 0, 399 }, "f", &out), RC_OK);
	assert_int_equal(out.len, PAGE_FILENAME_MAX); /* even, so no character was cut */
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
