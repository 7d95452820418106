#include "deflate/deflate.h"

#include "support/unit.h"

static const char words[] = "the MX records of are not signed";

static const struct {
	const char *name, *text;
	size_t most; /* bytes that it may take packed */
} texts[] = {
	{ "nothing", "", 8 },
	{ "what the dictionary has costs next to nothing", "the MX records of are not signed", 8 },
	{ "what it half has", "the MX records of partner.example are not signed", 28 },
	{ "what it lacks is kept all the same", "0123456789abcdefghijklmnopqrstuvwxyz!?", 48 },
};

static void test_what_is_packed_is_unpacked(void **state)
{
	(void)state;
	struct deflate *d = deflate_new((struct slice){ words, sizeof words - 1 });

	assert_non_null(d);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct slice text = { texts[i].text, strlen(texts[i].text) };
		struct buf packed = BUF_INIT(4096), back = BUF_INIT(4096);

		print_message("   %s\n", texts[i].name);
		assert_int_equal(buf_add_text(&back, "before "), RC_OK);
		assert_int_equal(deflate_pack(d, text, &packed), RC_OK);
		assert_in_range(packed.len, 1, texts[i].most);
		assert_int_equal(deflate_unpack(d, buf_slice(&packed), &back), RC_OK);
		assert_int_equal(back.len, 7 + text.len);
		assert_string_equal(back.at + 7, texts[i].text);
		buf_free(&packed);
		buf_free(&back);
	}
	deflate_free(d);
}

static void test_long_text_within_its_bound(void **state)
{
	(void)state;
	static char text[20000];
	struct deflate *d = deflate_new((struct slice){ words, sizeof words - 1 });
	struct buf packed = BUF_INIT(2 * sizeof text), back = BUF_INIT(sizeof text),
		   small = BUF_INIT(sizeof text - 1), tiny = BUF_INIT(3);

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * i >> 7);
	assert_int_equal(deflate_pack(d, (struct slice){ text, sizeof text }, &packed), RC_OK);
	assert_int_equal(deflate_unpack(d, buf_slice(&packed), &back), RC_OK);
	assert_int_equal(back.len, sizeof text);
	assert_memory_equal(back.at, text, sizeof text);
	assert_int_equal(deflate_unpack(d, buf_slice(&packed), &small), RC_LIMIT);
	assert_int_equal(small.len, 0);
	assert_int_equal(deflate_pack(d, (struct slice){ text, sizeof text }, &tiny), RC_LIMIT);
	assert_int_equal(tiny.len, 0);
	buf_free(&packed);
	buf_free(&back);
	buf_free(&small);
	buf_free(&tiny);
	deflate_free(d);
}

static void test_what_is_no_packed_text(void **state)
{
	(void)state;
	struct deflate *d = deflate_new((struct slice){ words, sizeof words - 1 });
	struct buf packed = BUF_INIT(4096), back = BUF_INIT(4096);
	struct slice text = SLICE("the MX records of partner.example are not signed, all of them");

	assert_int_equal(deflate_pack(d, text, &packed), RC_OK);
	for (size_t len = 0; len < packed.len; len++) { /* cut anywhere */
		struct slice cut = { packed.at, len };
		assert_int_equal(deflate_unpack(d, cut, &back), RC_INVALID);
		assert_int_equal(back.len, 0);
	}
	assert_int_equal(buf_add_byte(&packed, 'x'), RC_OK); /* and more behind it */
	assert_int_equal(deflate_unpack(d, buf_slice(&packed), &back), RC_INVALID);
	assert_int_equal(deflate_unpack(d, SLICE("\xff\xff\xff\xff"), &back), RC_INVALID);
	assert_int_equal(back.len, 0);
	buf_free(&packed);
	buf_free(&back);
	deflate_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_packed_is_unpacked),
		cmocka_unit_test(test_long_text_within_its_bound),
		cmocka_unit_test(test_what_is_no_packed_text),
	};
	return cmocka_run_group_tests_name("deflate/deflate", tests, NULL, NULL);
}
