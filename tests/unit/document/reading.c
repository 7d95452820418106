#include "document/reading.h"

#include "support/documented.h"
#include "support/unit.h"

static void cut_text(struct reading *r, struct slice bytes)
{
	reading_begin(r);
	for (size_t i = 0; i < bytes.len; i++)
		reading_text(r, (struct slice){ bytes.at + i, 1 });
	reading_character(r, 0x20AC);
	reading_character(r, 0xD800);
	reading_end(r);
}

static void test_text_is_utf8_whatever_comes(void **state)
{
	struct buf out = documented_by(cut_text, SLICE("caf\xC3\xA9 \xFF\xC3 \0x"));
	(void)state;

	assert_memory_equal(out.at, "text : caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD \0x", 22);
	assert_memory_equal(out.at + 22, "\xE2\x82\xAC\xEF\xBF\xBD\n", 7);
	buf_free(&out);
}

static void long_text(struct reading *r, struct slice bytes)
{
	reading_begin(r);
	for (int i = 0; i < 3 * READING_PIECE; i++)
		reading_text(r, bytes);
	reading_end(r);
}

static void test_long_text_comes_in_pieces(void **state)
{
	struct buf out = documented_by(long_text, SLICE("\xC3\xA9"));
	(void)state;

	assert_int_equal(out.len, strlen("text : \n") + 6 * READING_PIECE);
	buf_free(&out);
}

static void names(struct reading *r, struct slice bytes)
{
	char name[2 * DOCUMENT_NAME_MAX];
	size_t outer, mark;

	(void)bytes;
	memset(name, 'x', sizeof name);
	reading_name(r, SLICE("/a\nb"), &outer);
	reading_opaque(r, "one");
	for (int i = 0; i < 8; i++) {
		reading_name(r, (struct slice){ name, sizeof name }, &mark);
		reading_opaque(r, "more");
	}
	reading_unname(r, outer);
	reading_opaque(r, "none");
}

static void test_paths_are_printable_and_bounded(void **state)
{
	struct buf out = documented_by(names, SLICE("")); /* which asserts it */
	(void)state;

	assert_non_null(strstr(buf_text(&out), "opaque a?b: one\n"));
	assert_non_null(strstr(buf_text(&out), "opaque : none\n"));
	buf_free(&out);
}

static void properties(struct reading *r, struct slice bytes)
{
	struct buf value = BUF_INIT(1 << 20);

	(void)bytes;
	for (int i = 0; i < READING_VALUE; i++)
		assert_int_equal(buf_add_text(&value, "ab"), RC_OK);
	reading_property(r, SLICE("a"), SLICE("b"));
	reading_property(r, SLICE(""), SLICE("b"));
	reading_property(r, SLICE("a"), SLICE(""));
	reading_property(r, SLICE("a"),
			 SLICE("\xFF"
			       "b"));
	reading_property(r, SLICE("long"), buf_slice(&value));
	buf_free(&value);
}

static void test_what_is_no_property_is_a_text(void **state)
{
	struct buf out = documented_by(properties, SLICE(""));
	(void)state;

	assert_memory_equal(out.at,
			    "property : a = b\ntext : \xEF\xBF\xBD"
			    "b\n",
			    29);
	assert_non_null(strstr(buf_text(&out), "property : long = abab"));
	assert_non_null(strstr(buf_text(&out), "\ntext : abab"));
	buf_free(&out);
}

static void unpack(struct reading *r, struct slice bytes)
{
	(void)bytes;
	assert_int_equal(reading_room(r), 4 * 100 + DOCUMENT_FREE_BYTES);
	assert_true(reading_unpacks(r, DOCUMENT_FREE_BYTES));
	assert_true(reading_goes_on(r));
	assert_int_equal(reading_room(r), 400);
	assert_true(reading_unpacks(r, 400));
	assert_false(reading_unpacks(r, 1));
	assert_false(reading_goes_on(r));
	assert_false(reading_unpacks(r, 1));
	assert_int_equal(reading_room(r), 0);
}

static void test_the_ratio_is_bounded(void **state)
{
	struct buf out = documented_by(unpack, SLICE("4111"));
	(void)state;

	assert_string_equal(buf_text(&out), "opaque : expansion-ratio\n"); /* told once */
	buf_free(&out);
}

static void unpack_all(struct reading *r, struct slice bytes)
{
	(void)bytes;
	assert_true(reading_unpacks(r, r->limits.unpacked));
	assert_false(reading_unpacks(r, 1));
}

static void test_what_is_unpacked_is_bounded(void **state)
{
	static char large[1 << 20];
	struct buf out = documented_by(unpack_all, (struct slice){ large, sizeof large });
	(void)state;

	assert_string_equal(buf_text(&out), "opaque : decoded-bytes\n");
	buf_free(&out);
}

static void deep(struct reading *r, struct slice bytes)
{
	size_t mark[6], none;

	(void)bytes;
	for (int i = 0; i < 6; i++)
		assert_true(reading_enter(r, SLICE("a"), &mark[i]));
	assert_false(reading_enter(r, SLICE("a"), &none));
	for (int i = 6; i-- > 0;)
		reading_leave(r, mark[i]);
}

static void test_depth_is_bounded(void **state)
{
	struct buf out = documented_by(deep, SLICE(""));
	(void)state;

	assert_string_equal(buf_text(&out), "opaque a/a/a/a/a/a/a: archive-depth\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_utf8_whatever_comes),
		cmocka_unit_test(test_long_text_comes_in_pieces),
		cmocka_unit_test(test_paths_are_printable_and_bounded),
		cmocka_unit_test(test_what_is_no_property_is_a_text),
		cmocka_unit_test(test_the_ratio_is_bounded),
		cmocka_unit_test(test_what_is_unpacked_is_bounded),
		cmocka_unit_test(test_depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
