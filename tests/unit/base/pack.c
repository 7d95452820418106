#include "base/pack.h"

#include "support/unit.h"

struct thing {
	uint64_t small, large;
	int64_t at;
	bool yes;
	unsigned kind;
	char bytes[3];
	struct slice text;
};

static void lay_out(struct pack *p, struct thing *t)
{
	pack_number(p, &t->small, 2);
	pack_number(p, &t->large, 8);
	pack_time(p, &t->at);
	pack_bool(p, &t->yes);
	pack_choice(p, &t->kind, 4);
	pack_bytes(p, t->bytes, sizeof t->bytes);
	pack_slice(p, &t->text, 5);
}

static struct thing sample(void)
{
	return (struct thing){ 0x1234, 0x123456789abcdef0, 77, true, 3, "abc", SLICE("hello") };
}

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	struct buf bytes = BUF_INIT(100);
	struct thing in = sample(), out = { 0 };
	struct pack w = PACK_INTO(&bytes);
	struct fault why;

	lay_out(&w, &in);
	assert_int_equal(pack_end(&w, "thing", &why), RC_OK);
	assert_int_equal(bytes.len, 2 + 8 + 8 + 1 + 1 + 3 + 4 + 5);
	assert_memory_equal(bytes.at, "\x12\x34\x12", 3); /* highest byte first */
	struct pack r = PACK_FROM(buf_slice(&bytes));
	lay_out(&r, &out);
	assert_int_equal(pack_end(&r, "thing", &why), RC_OK);
	assert_int_equal(out.small, in.small);
	assert_true(out.large == in.large && out.at == in.at && out.yes && out.kind == 3);
	assert_memory_equal(out.bytes, "abc", 3);
	assert_true(slice_is(out.text, "hello"));
	buf_free(&bytes);
}

/* Every shorter text is refused, and so is one byte more. */
static void other_lengths_are_refused(void **state)
{
	(void)state;
	struct buf bytes = BUF_INIT(100);
	struct thing in = sample();
	struct pack w = PACK_INTO(&bytes);
	struct fault why;

	lay_out(&w, &in);
	size_t whole = bytes.len;
	assert_int_equal(buf_add_byte(&bytes, 'x'), RC_OK);
	for (size_t len = 0; len <= whole + 1; len++) {
		struct thing out = { .text = SLICE("stale"), .kind = 2, .yes = true };
		struct pack r = PACK_FROM(((struct slice){ bytes.at, len }));
		lay_out(&r, &out);
		assert_int_equal(pack_end(&r, "thing", &why), len == whole ? RC_OK : RC_INVALID);
		if (len < whole) {
			assert_string_equal(why.text, "thing: it is cut short");
			assert_int_equal(out.text.len, 0);
		}
	}
	assert_string_equal(why.text, "thing: something follows it");
	buf_free(&bytes);
}

static void values_out_of_bounds_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *sentence;
		size_t at;
		char byte;
		const char *words;
	} rows[] = {
		{ "a negative time", 10, (char)0x80, "thing: a time is out of bounds" },
		{ "a bool of two", 18, 2, "thing: a value is none of those that there are" },
		{ "an unknown kind", 19, 4, "thing: a value is none of those that there are" },
		{ "a text longer than its bound", 26, 6, "thing: a text is too long" },
		{ "a text longer than the bytes", 23, 1, "thing: a text is too long" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf bytes = BUF_INIT(100);
		struct thing in = sample(), out;
		struct pack w = PACK_INTO(&bytes);
		struct fault why;
		lay_out(&w, &in);
		bytes.at[rows[i].at] = rows[i].byte;
		struct pack r = PACK_FROM(buf_slice(&bytes));
		memset(&out, 0xff, sizeof out);
		lay_out(&r, &out);
		assert_int_equal(pack_end(&r, "thing", &why), RC_INVALID);
		assert_string_equal(why.text, rows[i].words);
		buf_free(&bytes);
	}
}

static void what_could_not_be_read_back_is_not_written(void **state)
{
	(void)state;
	struct thing in = sample();
	struct buf bytes = BUF_INIT(100), small = BUF_INIT(10);
	struct pack w = PACK_INTO(&bytes), s = PACK_INTO(&small);
	struct fault why;

	in.small = 0x10000;
	lay_out(&w, &in);
	assert_int_equal(pack_end(&w, "thing", &why), RC_INVALID);
	assert_string_equal(why.text, "thing: a number is too large");
	in = sample();
	in.text = SLICE("longer");
	buf_clear(&bytes);
	w = PACK_INTO(&bytes);
	lay_out(&w, &in);
	assert_int_equal(pack_end(&w, "thing", &why), RC_INVALID);
	assert_string_equal(why.text, "thing: a text is too long");

	in = sample();
	lay_out(&s, &in);
	assert_int_equal(pack_end(&s, "thing", &why), RC_LIMIT);
	assert_string_equal(why.text, "thing: no room");
	buf_free(&bytes);
	buf_free(&small);
}

static void a_check_of_ones_own_counts_too(void **state)
{
	(void)state;
	struct pack r = PACK_FROM(SLICE("\x05"));
	uint64_t n;
	struct fault why;

	pack_number(&r, &n, 1);
	assert_int_equal(n, 5);
	pack_refuse(&r, "five is not liked");
	pack_refuse(&r, "nor what comes later");
	assert_int_equal(pack_end(&r, "number", &why), RC_INVALID);
	assert_string_equal(why.text, "number: five is not liked");
}

static void texts_fit_their_room(void **state)
{
	char text[5] = "four", back[5] = "old", small[4] = "old";
	struct buf out = BUF_INIT(100);
	struct pack write = PACK_INTO(&out);
	struct fault why = { 0 };

	(void)state;
	pack_text(&write, text, sizeof text);
	assert_int_equal(pack_end(&write, "x", NULL), RC_OK);
	struct pack read = PACK_FROM(buf_slice(&out));
	pack_text(&read, back, sizeof back);
	assert_int_equal(pack_end(&read, "x", NULL), RC_OK);
	assert_string_equal(back, "four");
	struct pack tight = PACK_FROM(buf_slice(&out));
	pack_text(&tight, small, sizeof small);
	assert_int_equal(pack_end(&tight, "x", &why), RC_INVALID);
	assert_string_equal(why.text, "x: a text is too long");
	assert_string_equal(small, "");
	out.at[5] = '\0';
	struct pack nul = PACK_FROM(buf_slice(&out));
	pack_text(&nul, back, sizeof back);
	assert_int_equal(pack_end(&nul, "x", &why), RC_INVALID);
	assert_string_equal(why.text, "x: a text has a NUL in it");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(texts_fit_their_room),
		cmocka_unit_test(other_lengths_are_refused),
		cmocka_unit_test(values_out_of_bounds_are_refused),
		cmocka_unit_test(what_could_not_be_read_back_is_not_written),
		cmocka_unit_test(a_check_of_ones_own_counts_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
