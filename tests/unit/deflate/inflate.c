#include "deflate/inflate.h"

#include "support/seeded.h"
#include "support/unit.h"

static void test_both_forms(void **state)
{
	static const char *const seeds[] = { "deflate/inflate/zlib", "deflate/inflate/raw" };
	(void)state;

	for (size_t i = 0; i < COUNT(seeds); i++) {
		struct buf in = seeded(seeds[i]), out = BUF_INIT(100);
		assert_int_equal(inflate_zlib(buf_slice(&in), &out), RC_OK);
		assert_int_equal(out.len, 40);
		assert_memory_equal(out.at, "4111411141", 10);
		buf_free(&in);
		buf_free(&out);
	}
}

static void test_what_breaks_off_and_what_is_too_long(void **state)
{
	struct buf in = seeded("deflate/inflate/zlib"), out = BUF_INIT(100);
	(void)state;

	assert_int_equal(inflate_zlib((struct slice){ in.at, in.len - 4 }, &out), RC_INVALID);
	assert_int_equal(out.len, 40);
	buf_clear(&out);
	assert_int_equal(inflate_zlib(SLICE("nonsense"), &out), RC_INVALID);
	assert_int_equal(inflate_zlib(SLICE(""), &out), RC_INVALID);
	buf_free(&out);
	out = BUF_INIT(39);
	assert_int_equal(inflate_zlib(buf_slice(&in), &out), RC_LIMIT);
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_forms),
		cmocka_unit_test(test_what_breaks_off_and_what_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
