#include "page/letter.h"

#include "support/unit.h"

static const char mixed[] =
	"From: =?utf-8?Q?J=C3=B6rg?= <j@our.example>\r\n"
	"To: a@x.example\r\nCc: b@x.example\r\nSubject: Offer\r\n"
	"Date: Sun, 22 Nov 2026 03:00:00 +0000\r\n"
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
	"--c\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ngr\xfc\xdf dich\r\n"
	"--c\r\nContent-Type: text/html\r\n\r\n<b>HTML</b>\r\n--c--\r\n"
	"--b\r\nContent-Type: application/pdf; name=\"../x.pdf\"\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
	"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n"
	"--b\r\nContent-Type: image/png\r\n\r\nPNG\r\n--b--\r\n";

static struct page_letter *read_all(const char *text, size_t len, size_t step)
{
	struct page_letter *letter = NULL;
	struct fault why;

	assert_int_equal(page_letter_new(&letter, &why), RC_OK);
	for (size_t at = 0; at < len; at += step)
		page_letter_add(letter,
				(struct slice){ text + at, len - at < step ? len - at : step });
	assert_int_equal(page_letter_end(letter, &why), RC_OK);
	return letter;
}

static void assert_slice(struct slice s, const char *text)
{
	if (!slice_is(s, text))
		print_error("   \"%.*s\" is not \"%s\"\n", SLICE_ARG(s), text);
	assert_true(slice_is(s, text));
}

static void test_mixed(void **state)
{
	static const struct {
		const char *name, *type, *begins;
	} expected[] = {
		{ "x.pdf", "application/pdf", "Content-Type: application/pdf" },
		{ "message-2.eml", "message/rfc822", "Content-Type: message/rfc822" },
		{ "attachment-3", "image/png", "Content-Type: image/png" },
	};
	static const size_t steps[] = { 1, 7, 10000 };

	(void)state;
	for (size_t s = 0; s < COUNT(steps); s++) {
		struct page_letter *letter = read_all(mixed, sizeof mixed - 1, steps[s]);
		const struct page_part *parts;
		bool cut;

		print_message("   in pieces of %zu\n", steps[s]);
		assert_slice(page_letter_subject(letter), "Offer");
		assert_slice(page_letter_from(letter), "J\xc3\xb6rg <j@our.example>");
		assert_slice(page_letter_to(letter), "a@x.example, b@x.example");
		assert_slice(page_letter_date(letter), "Sun, 22 Nov 2026 03:00:00 +0000");
		assert_slice(page_letter_text(letter, &cut), "gr\xc3\xbc\xc3\x9f dich");
		assert_false(cut);
		assert_int_equal(page_letter_parts(letter, &parts), COUNT(expected));
		for (size_t i = 0; i < COUNT(expected); i++) {
			struct slice part = { mixed + parts[i].begin,
					      (size_t)(parts[i].end - parts[i].begin) };
			assert_slice(parts[i].name, expected[i].name);
			assert_slice(parts[i].type, expected[i].type);
			assert_true(slice_drop_prefix(&part, expected[i].begins));
		}
		assert_int_equal(parts[0].end,
				 strstr(mixed, "\r\n--b\r\nContent-Type: message") - mixed);
		page_letter_free(&letter);
		assert_null(letter);
	}
}

static void test_marks(void **state)
{
	static const char text[] = "Subject: =?utf-8?Q?for_=E2=80=AEtxt.exe=E2=80=8B!?=\r\n\r\nx";
	struct page_letter *letter = read_all(text, sizeof text - 1, 5);

	(void)state;
	assert_slice(page_letter_subject(letter), "for txt.exe!");
	page_letter_free(&letter);
}

static const struct {
	const char *name, *message, *text;
	size_t parts;
} table[] = {
	{ "plain text", "Subject: x\r\n\r\nhello\r\n", "hello\r\n", 0 },
	{ "HTML alone, as its text", "Content-Type: text/html\r\n\r\n<p>one</p><script>x</script>",
	  "\none\nx\n", 0 },
	{ "no body", "Subject: x\r\n", "", 0 },
	{ "nothing at all", "", "", 0 },
	{ "a file alone", "Content-Type: application/pdf\r\n\r\nPDF", "", 1 },
	{ "two texts",
	  "Content-Type: multipart/mixed; "
	  "boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
	  "one\n\ntwo", 0 },
	{ "what stands around the parts is not shown",
	  "Content-Type: multipart/mixed; "
	  "boundary=b\r\n\r\nfront\r\n--b\r\n\r\none\r\n--b--\r\nend\r\n",
	  "one", 0 },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct page_letter *letter =
			read_all(table[i].message, strlen(table[i].message), 1000);
		const struct page_part *parts;
		bool cut;

		print_message("   %s\n", table[i].name);
		assert_slice(page_letter_text(letter, &cut), table[i].text);
		assert_int_equal(page_letter_parts(letter, &parts), table[i].parts);
		if (table[i].parts) {
			assert_int_equal(parts[0].begin, 0);
			assert_int_equal(parts[0].end, strlen(table[i].message));
		}
		page_letter_free(&letter);
	}
}

static void test_a_long_text_is_cut_between_characters(void **state)
{
	struct page_letter *letter = NULL;
	bool cut;

	(void)state;
	assert_int_equal(page_letter_new(&letter, NULL), RC_OK);
	page_letter_add(letter, SLICE("Content-Type: text/plain; charset=utf-8\r\n\r\na"));
	for (unsigned i = 0; i < PAGE_LETTER_TEXT_MAX / 2; i++)
		page_letter_add(letter, SLICE("\xc3\xa9"));
	assert_int_equal(page_letter_end(letter, NULL), RC_OK);
	assert_int_equal(page_letter_text(letter, &cut).len, PAGE_LETTER_TEXT_MAX - 1);
	assert_true(cut);
	page_letter_free(&letter);
}

static void test_so_many_parts_are_listed(void **state)
{
	struct page_letter *letter = NULL;
	const struct page_part *parts;

	(void)state;
	assert_int_equal(page_letter_new(&letter, NULL), RC_OK);
	page_letter_add(letter, SLICE("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	for (unsigned i = 0; i < PAGE_LETTER_PARTS_MAX + 5; i++)
		page_letter_add(letter, SLICE("--b\r\nContent-Type: image/png\r\n\r\nx\r\n"));
	assert_int_equal(page_letter_end(letter, NULL), RC_OK);
	assert_int_equal(page_letter_parts(letter, &parts), PAGE_LETTER_PARTS_MAX);
	page_letter_free(&letter);
	page_letter_free(&letter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_a_long_text_is_cut_between_characters),
		cmocka_unit_test(test_so_many_parts_are_listed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
