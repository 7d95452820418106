#include "document/lzfu.h"

#include "support/seeded.h"
#include "support/unit.h"

static void check(struct slice in, enum rc wanted, const char *text)
{
	struct buf out = BUF_INIT(4096);

	assert_int_equal(lzfu_unpack(in, &out), wanted);
	assert_string_equal(buf_text(&out), text);
	buf_free(&out);
}

static void test_stored_and_packed(void **state)
{
	struct buf stored = seeded("document/lzfu/stored"), packed = seeded("document/lzfu/packed");
	(void)state;

	check(buf_slice(&stored), RC_OK, "{\\rtf1 4111}");
	check(buf_slice(&packed), RC_OK, "{\\rtf1 4111 1111}");
	check((struct slice){ packed.at, packed.len - 2 }, RC_INVALID, "{\\rtf1 4111 1111}");
	check((struct slice){ packed.at, 15 }, RC_INVALID, "");
	packed.at[8] = 'X';
	check(buf_slice(&packed), RC_INVALID, "");
	buf_free(&stored);
	buf_free(&packed);
}

/* Of [MS-OXRTFCP] section 3.1.2: text that the window holds from the beginning. */
static void test_references(void **state)
{
	static const char in[] =
		"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel\x09\0 bw"
		"\x05\xb0ld}\x0a\x80\x0f\xa0";
	(void)state;

	check((struct slice){ in, sizeof in - 1 }, RC_OK,
	      "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
}

static void test_it_ends_with_its_room(void **state)
{
	struct buf packed = seeded("document/lzfu/packed"), out = BUF_INIT(5);
	(void)state;

	assert_int_equal(lzfu_unpack(buf_slice(&packed), &out), RC_LIMIT);
	buf_free(&packed);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored_and_packed),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_it_ends_with_its_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
