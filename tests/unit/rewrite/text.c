#include "rewrite/text.h"

#include "support/unit.h"

static struct buf text_of(const char *organisation, const char *url, bool whole)
{
	struct buf out = BUF_INIT(1 << 16);

	assert_int_equal(rewrite_text(organisation, url, whole, &out), RC_OK);
	return out;
}

static size_t count(const char *in, const char *word)
{
	size_t n = 0;

	for (const char *at = in; (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void test_it_names_the_portal_once_and_says_that_a_notice_follows(void **state)
{
	struct buf out = text_of("Our Org", "https://secure.our.example/p", false);

	(void)state;
	assert_int_equal(count(out.at, "https://"), 1);
	assert_non_null(strstr(out.at, "    https://secure.our.example/p\r\n"));
	assert_non_null(strstr(out.at, "Our Org"));
	assert_non_null(strstr(out.at, "A part of this message"));
	assert_non_null(strstr(out.at, "notice"));
	assert_int_equal(strncmp(out.at, "Content-Type: text/plain", 24), 0);
	assert_string_equal(out.at + out.len - 2, "\r\n");
	buf_free(&out);
	out = text_of("", "https://secure.our.example:8443", true);
	assert_non_null(strstr(out.at, "The text of this message"));
	assert_non_null(strstr(out.at, "secure.our.example.\r\n"));
	buf_free(&out);
}

static void test_other_letters_are_encoded(void **state)
{
	struct buf out = text_of("B\xc3\xbcro", "https://x.test", false);

	(void)state;
	assert_non_null(strstr(out.at, "B=C3=BCro"));
	buf_free(&out);
}

static void test_the_host_is_what_stands_before_port_and_path(void **state)
{
	(void)state;
	assert_true(slice_is(rewrite_host("https://a.test:8443/p"), "a.test"));
	assert_true(slice_is(rewrite_host("https://a.test/p"), "a.test"));
	assert_true(slice_is(rewrite_host("http://a.test"), "a.test"));
}

static void test_a_full_buffer_is_told(void **state)
{
	struct buf out = BUF_INIT(100);

	(void)state;
	assert_int_equal(rewrite_text("x", "https://x.test", false, &out), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_names_the_portal_once_and_says_that_a_notice_follows),
		cmocka_unit_test(test_other_letters_are_encoded),
		cmocka_unit_test(test_the_host_is_what_stands_before_port_and_path),
		cmocka_unit_test(test_a_full_buffer_is_told),
	};
	return cmocka_run_group_tests_name("rewrite/text", tests, NULL, NULL);
}
