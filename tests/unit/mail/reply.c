#include "mail/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static int arena_setup(void **state)
{
	*state = arena_new(1 << 20);
	return *state ? 0 : -1;
}

static int arena_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static void test_short(void **state)
{
	struct mail_reply r;

	assert_int_equal(mail_reply_make(550, "5.7.10", SLICE("plain.test offers no proven TLS."),
					 *state, &r),
			 RC_OK);
	assert_int_equal(r.code, 550);
	assert_string_equal(r.enhanced, "5.7.10");
	assert_int_equal(r.line_count, 1);
	assert_string_equal(r.lines[0], "plain.test offers no proven TLS.");
	assert_null(r.lines[1]);
	assert_string_equal(r.words, "550 5.7.10 plain.test offers no proven TLS.");
}

static void test_bytes_that_would_hurt(void **state)
{
	struct mail_reply r;

	assert_int_equal(
		mail_reply_make(451, "4.3.0",
				SLICE("100% full: \"%s\"\r\n\n  rule m\xc3\xbc\x1b[2J\tx\rz"),
				*state, &r),
		RC_OK);
	assert_int_equal(r.line_count, 2);
	assert_string_equal(r.lines[0], "100%% full: \"%%s\"");
	assert_string_equal(r.lines[1], "rule m???[2J?x?z");
	assert_string_equal(r.words, "451 4.3.0 100% full: \"%s\" rule m???[2J?x?z");
}

static void test_wraps_at_spaces(void **state)
{
	char text[1201];
	struct mail_reply r;
	size_t total = 0;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 7 == 6 ? ' ' : 'w';
	assert_int_equal(mail_reply_make(550, "5.7.0", (struct slice){ text, 1200 }, *state, &r),
			 RC_OK);
	assert_int_equal(r.line_count, 3);
	for (size_t i = 0; i < r.line_count; i++) {
		size_t len = strlen(r.lines[i]);
		assert_true(len <= MAIL_REPLY_LINE_MAX);
		assert_true(r.lines[i][0] == 'w' && r.lines[i][len - 1] == 'w');
		total += len + 1;
	}
	assert_int_equal(total, 1201);
}

static void test_a_word_longer_than_a_line(void **state)
{
	char text[1000];
	struct mail_reply r;

	memset(text, '%', sizeof text);
	assert_int_equal(mail_reply_make(550, "5.7.0", (struct slice){ text, 1000 }, *state, &r),
			 RC_OK);
	assert_int_equal(r.line_count, 5); /* 240 doubled signs fill a line */
	for (size_t i = 0; i < r.line_count; i++)
		assert_int_equal(strlen(r.lines[i]) % 2, 0);
	assert_int_equal(strlen(r.words), strlen("550 5.7.0 ") + 1000 + 4);
}

static void test_too_much_is_cut_and_says_so(void **state)
{
	static char text[40 * 480], lines[80];
	struct mail_reply r;

	memset(text, 'w', sizeof text);
	assert_int_equal(
		mail_reply_make(550, "5.7.0", (struct slice){ text, sizeof text }, *state, &r),
		RC_OK);
	assert_int_equal(r.line_count, MAIL_REPLY_LINES_MAX);
	size_t len = strlen(r.lines[31]);
	assert_true(len <= MAIL_REPLY_LINE_MAX);
	assert_string_equal(r.lines[31] + len - 5, "[...]");
	assert_null(r.lines[32]);

	for (size_t i = 0; i < sizeof lines; i++)
		lines[i] = i % 2 ? '\n' : 'x';
	assert_int_equal(
		mail_reply_make(550, "5.7.0", (struct slice){ lines, sizeof lines }, *state, &r),
		RC_OK);
	assert_int_equal(r.line_count, MAIL_REPLY_LINES_MAX);
	assert_string_equal(r.lines[30], "x");
	assert_string_equal(r.lines[31], "x[...]");
}

static void test_empty_still_says_something(void **state)
{
	struct mail_reply r;

	assert_int_equal(mail_reply_make(451, "4.7.10", SLICE(" \n \r\n"), *state, &r), RC_OK);
	assert_int_equal(r.line_count, 1);
	assert_true(strlen(r.lines[0]) > 0);
}

static void test_no_memory(void **state)
{
	struct arena *tiny = arena_new(16);
	struct mail_reply r;

	(void)state;
	assert_non_null(tiny);
	assert_int_equal(mail_reply_make(451, "4.7.10", SLICE("longer than the arena has room for"),
					 tiny, &r),
			 RC_NOMEM);
	arena_free(tiny);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_bytes_that_would_hurt),
		cmocka_unit_test(test_wraps_at_spaces),
		cmocka_unit_test(test_a_word_longer_than_a_line),
		cmocka_unit_test(test_too_much_is_cut_and_says_so),
		cmocka_unit_test(test_empty_still_says_something),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
