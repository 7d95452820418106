#include "page/attachment.h"

#include "base/buf.h"
#include "support/unit.h"

static enum rc take(void *arg, struct slice bytes, struct fault *why)
{
	return buf_add_slice(arg, bytes) == RC_OK ? RC_OK : fault(why, RC_LIMIT, "full");
}

static const struct {
	const char *name, *part, *file;
} table[] = {
	{ "base64", "Content-Transfer-Encoding: base64\r\n\r\nQUJD\r\nREU=\r\n", "ABCDE" },
	{ "base64 without its padding", "Content-Transfer-Encoding: base64\r\n\r\nQUI", "AB" },
	{ "quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\na=3Db=\r\nc",
	  "a=bc" },
	{ "as it is", "Content-Type: text/x\r\n\r\na\r\n\xff", "a\r\n\xff" },
	{ "an unknown encoding", "Content-Transfer-Encoding: x-what\r\n\r\nabc", "abc" },
	{ "no header", "\r\nabc", "abc" },
	{ "a header alone", "Content-Type: text/x\r\n", "" },
	{ "nothing", "", "" },
};

static void test_files(void **state)
{
	static const size_t steps[] = { 1, 3, 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT(table) * COUNT(steps); i++) {
		const char *part = table[i / COUNT(steps)].part;
		size_t step = steps[i % COUNT(steps)], len = strlen(part);
		struct page_attachment *a = NULL;
		struct buf out = BUF_INIT(100);
		struct fault why;

		print_message("   %s, in pieces of %zu\n", table[i / COUNT(steps)].name, step);
		assert_int_equal(page_attachment_new(take, &out, &a, &why), RC_OK);
		for (size_t at = 0; at < len; at += step) {
			struct slice piece = { part + at, len - at < step ? len - at : step };
			assert_int_equal(page_attachment_add(a, piece, &why), RC_OK);
		}
		assert_int_equal(page_attachment_end(a, &why), RC_OK);
		assert_string_equal(buf_text(&out), table[i / COUNT(steps)].file);
		page_attachment_free(&a);
		page_attachment_free(&a);
		buf_free(&out);
	}
}

static void test_a_failure_of_the_taker_is_handed_back(void **state)
{
	struct page_attachment *a = NULL;
	struct buf out = BUF_INIT(2);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(page_attachment_new(take, &out, &a, &why), RC_OK);
	assert_int_equal(page_attachment_add(a, SLICE("\r\nabc"), &why), RC_LIMIT);
	assert_string_equal(why.text, "full");
	page_attachment_free(&a);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_a_failure_of_the_taker_is_handed_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
