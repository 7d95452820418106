#include "inspect/subject.h"

#include "support/unit.h"

static const struct {
	const char *name, *text;
	struct subject_span spans[3];
	size_t count;
	const char *out;
} rows[] = {
	{ "in front", "[secure] hello", { { 0, 8 } }, 1, "hello" },
	{ "behind", "hello [secure]", { { 6, 14 } }, 1, "hello" },
	{ "between", "hello [secure] there", { { 6, 14 } }, 1, "hello there" },
	{ "inside a word", "he[secure]llo", { { 2, 10 } }, 1, "hello" },
	{ "all of it", "[secure]", { { 0, 8 } }, 1, "" },
	{ "two, told backwards", "[a] hello [b]", { { 10, 13 }, { 0, 3 } }, 2, "hello" },
	{ "one within another", "[[a]] hello", { { 1, 4 }, { 0, 5 } }, 2, "hello" },
	{ "the same twice", "[a] hello", { { 0, 3 }, { 0, 3 } }, 2, "hello" },
	{ "past the end", "hello [a]", { { 6, 99 } }, 1, "hello" },
	{ "not ASCII", "[a] caf\xC3\xA9", { { 0, 3 } }, 1, "=?utf-8?B?Y2Fmw6k=?=" },
	{ "a line end that an encoded word hid",
	  "[a] x\r\nBcc: y",
	  { { 0, 3 } },
	  1,
	  "=?utf-8?B?eA0KQmNjOiB5?=" },
	{ "none", "hello", { { 0, 0 } }, 0, "hello" },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct subject_span spans[3];
		struct buf out = BUF_INIT(256);
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		memcpy(spans, rows[i].spans, sizeof spans);
		assert_int_equal(subject_without(text, spans, rows[i].count, &out), RC_OK);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
