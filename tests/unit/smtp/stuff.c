#include "smtp/stuff.h"

#include "support/unit.h"

static const struct {
	const char *name, *message, *sent;
} rows[] = {
	{ "nothing", "", ".\r\n" },
	{ "one line", "a\r\n", "a\r\n.\r\n" },
	{ "no last line end", "a\r\nb", "a\r\nb\r\n.\r\n" },
	{ "a dot begins the message", ".a\r\n", "..a\r\n.\r\n" },
	{ "a dot alone", ".\r\n", "..\r\n.\r\n" },
	{ "a dot and nothing", ".", "..\r\n.\r\n" },
	{ "two dots", "a\r\n..b\r\n", "a\r\n...b\r\n.\r\n" },
	{ "a dot within a line", "a.b\r\n", "a.b\r\n.\r\n" },
	{ "a dot after a bare CR is within a line", "a\r.\r\n", "a\r.\r\n.\r\n" },
	{ "dots on many lines", ".\r\n.\r\n.x", "..\r\n..\r\n..x\r\n.\r\n" },
	{ "CR CR LF", "a\r\r\n.b\r\n", "a\r\r\n..b\r\n.\r\n" },
	{ "a last CR is not half a line end", "a\r", "a\r\r\n.\r\n" },
	{ "empty lines", "\r\n\r\n", "\r\n\r\n.\r\n" },
	{ "bytes beyond ASCII", "\xff\xfe\r\n", "\xff\xfe\r\n.\r\n" },
};

/* Every message in pieces of every size. */
static void test_stuffing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].message);

		print_message("   %s\n", rows[i].name);
		for (size_t piece = 1; piece <= len + 1; piece++) {
			struct smtp_stuff stuff = { 0 };
			struct buf out = BUF_INIT(256);

			for (size_t at = 0; at < len; at += piece) {
				struct slice s = { rows[i].message + at,
						   len - at < piece ? len - at : piece };
				assert_int_equal(smtp_stuff_add(&stuff, s, &out, NULL), RC_OK);
			}
			assert_int_equal(smtp_stuff_end(&stuff, &out, NULL), RC_OK);
			assert_string_equal(buf_text(&out), rows[i].sent);
			buf_free(&out);
		}
	}
}

static void test_a_bare_lf_is_refused_and_named(void **state)
{
	(void)state;
	struct smtp_stuff stuff = { 0 };
	struct buf out = BUF_INIT(256);
	struct fault why = { 0 };

	assert_int_equal(smtp_stuff_add(&stuff, SLICE("a\r"), &out, &why), RC_OK);
	assert_int_equal(smtp_stuff_add(&stuff, SLICE("\nbc\n.\n"), &out, &why), RC_INVALID);
	assert_string_equal(why.text, "the message has a bare LF at byte 5");

	stuff = (struct smtp_stuff){ 0 };
	assert_int_equal(smtp_stuff_add(&stuff, SLICE("\n"), &out, &why), RC_INVALID);
	buf_free(&out);
}

static void test_a_full_buffer_is_a_limit(void **state)
{
	(void)state;
	struct smtp_stuff stuff = { 0 };
	struct buf out = BUF_INIT(3);

	assert_int_equal(smtp_stuff_add(&stuff, SLICE("...."), &out, NULL), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stuffing),
		cmocka_unit_test(test_a_bare_lf_is_refused_and_named),
		cmocka_unit_test(test_a_full_buffer_is_a_limit),
	};
	return cmocka_run_group_tests_name("smtp/stuff", tests, NULL, NULL);
}
