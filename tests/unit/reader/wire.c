#include "reader/wire.h"

#include "support/unit.h"

static const struct wire_frame frames[] = {
	{ .kind = WIRE_JOB,
	  .number = 1234567890123,
	  .name = { "a.zip", 5 },
	  .body = { "\0\1", 2 } },
	{ .kind = WIRE_DATA, .body = { "\xFF\xFE", 2 } },
	{ .kind = WIRE_BEGIN, .path = { "a/b", 3 } },
	{ .kind = WIRE_TEXT, .body = { "caf\xC3\xA9", 5 } },
	{ .kind = WIRE_END },
	{ .kind = WIRE_FILE,
	  .path = { "a", 1 },
	  .name = { "\xC3\xA9", 2 },
	  .number = 7,
	  .body = { "zip ", 4 } },
	{ .kind = WIRE_PROPERTY, .path = { "a", 1 }, .name = { "n", 1 }, .body = { "v", 1 } },
	{ .kind = WIRE_LABEL, .path = { "a", 1 }, .body = { "s/g", 3 } },
	{ .kind = WIRE_OPAQUE, .path = { "a", 1 }, .name = { "encrypted", 9 } },
	{ .kind = WIRE_DONE, .number = 42 },
};

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static void test_frames_there_and_back(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(frames); i++) {
		struct buf out = BUF_INIT(4096);
		struct wire_frame got;
		bool from_reader = frames[i].kind > WIRE_DATA;
		assert_int_equal(wire_add(&out, &frames[i]), RC_OK);
		for (size_t len = 0; len < out.len; len++) {
			struct slice in = { out.at, len };
			assert_int_equal(wire_take(&in, from_reader, &got), RC_ABSENT);
			assert_int_equal(in.len, len);
		}
		struct slice in = buf_slice(&out);
		assert_int_equal(wire_take(&in, !from_reader, &got), RC_INVALID);
		assert_int_equal(wire_take(&in, from_reader, &got), RC_OK);
		assert_int_equal(in.len, 0);
		assert_int_equal(got.kind, frames[i].kind);
		assert_int_equal(got.number, frames[i].number);
		assert_true(same(got.path, frames[i].path) && same(got.name, frames[i].name) &&
			    same(got.body, frames[i].body));
		buf_free(&out);
	}
}

static void test_what_no_reader_may_say(void **state)
{
	static const struct {
		const char *name;
		struct wire_frame frame;
	} rows[] = {
		{ "a path that is not printable", { .kind = WIRE_BEGIN, .path = { "a\n", 2 } } },
		{ "a reason that is not", { .kind = WIRE_OPAQUE, .name = { "\xC3\xA9", 2 } } },
		{ "text that is no UTF-8", { .kind = WIRE_TEXT, .body = { "\xFF", 1 } } },
		{ "a name that is none", { .kind = WIRE_FILE, .name = { "\xC3", 1 } } },
		{ "an end with a path", { .kind = WIRE_END, .path = { "a", 1 } } },
		{ "a text with a number", { .kind = WIRE_TEXT, .number = 1 } },
		{ "a kind that is none", { .kind = WIRE_KINDS } },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(4096);
		struct wire_frame got;
		assert_int_equal(wire_add(&out, &rows[i].frame), RC_OK);
		struct slice in = buf_slice(&out);
		if (wire_take(&in, true, &got) != RC_INVALID)
			fail_msg("%s", rows[i].name);
		buf_free(&out);
	}
}

static void test_what_is_too_long_is_cut_or_refused(void **state)
{
	static char text[2 * WIRE_BODY_MAX];
	struct buf out = BUF_INIT(WIRE_FRAME_MAX);
	struct slice all = { text, sizeof text };
	struct wire_frame f = { .kind = WIRE_PROPERTY, .path = all, .name = all, .body = all }, got;
	(void)state;

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "x\xC3\xA9"[i % 3];
	memset(text, 'x', WIRE_PATH_MAX + 1);
	assert_int_equal(wire_add(&out, &f), RC_OK);
	struct slice in = buf_slice(&out);
	assert_int_equal(wire_take(&in, true, &got), RC_OK);
	assert_int_equal(got.path.len, WIRE_PATH_MAX);
	assert_true(got.body.len <= WIRE_BODY_MAX && got.body.len > WIRE_BODY_MAX - 4);
	buf_clear(&out);
	f = (struct wire_frame){ .kind = WIRE_TEXT, .body = { text, 10 } };
	assert_int_equal(wire_add(&out, &f), RC_OK);
	out.at[13] = 1; /* a body of 16 MiB is announced */
	in = buf_slice(&out);
	assert_int_equal(wire_take(&in, true, &got), RC_INVALID);
	buf_free(&out);
}

static void test_limits(void **state)
{
	const struct wire_limits limits = { 1, 2, 3, 1ULL << 40, 5, 1 };
	struct wire_limits got;
	struct buf out = BUF_INIT(256);
	(void)state;

	assert_int_equal(wire_limits_add(&out, &limits), RC_OK);
	assert_true(wire_limits_take(buf_slice(&out), &got));
	assert_memory_equal(&got, &limits, sizeof got);
	assert_false(wire_limits_take((struct slice){ out.at, out.len - 1 }, &got));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_there_and_back),
		cmocka_unit_test(test_what_no_reader_may_say),
		cmocka_unit_test(test_what_is_too_long_is_cut_or_refused),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
