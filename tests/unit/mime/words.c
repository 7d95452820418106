#include "mime/words.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *out;
	bool unknown;
} rows[] = {
	{ "plain", "hello world", "hello world" },
	{ "a fold", "hello\r\n world", "hello world" },
	{ "a fold as a milter is given it", "hello\n\tworld", "hello\tworld" },
	{ "Q", "=?utf-8?Q?caf=C3=A9_au_lait?=", "caf\xC3\xA9 au lait" },
	{ "B", "=?UTF-8?b?NDExMQ==?=", "4111" },
	{ "Latin-1", "=?iso-8859-1?q?caf=E9?=", "caf\xC3\xA9" },
	{ "adjacent words are joined",
	  "=?utf-8?Q?4111_1111_?=\r\n =?utf-8?Q?1111_1111?=", "4111 1111 1111 1111" },
	{ "a number split over Q and B", "=?utf-8?Q?4111?= =?utf-8?B?MTExMQ==?=", "41111111" },
	{ "a character split over two words",
	  "=?utf-8?B?w6k=?= =?utf-8?Q?=C3?= =?UTF-8?Q?=A9?=", "\xC3\xA9\xC3\xA9" },
	{ "words of two charsets", "=?utf-8?Q?=C3=A9?= =?iso-8859-1?Q?=E9?=", "\xC3\xA9\xC3\xA9" },
	{ "text between words keeps its blanks", "=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c" },
	{ "a word beside letters", "x=?utf-8?Q?y?=z", "xyz" },
	{ "a word in quotes", "\"=?utf-8?Q?a=2Eb?=\" <a@b.test>", "\"a.b\" <a@b.test>" },
	{ "blanks in a Q word", "=?utf-8?Q?a b?=", "a b" },
	{ "a language", "=?utf-8*en?Q?a?=", "a" },
	{ "an unknown charset", "=?x-none?Q?4111?=", "4111", true },
	{ "an unknown encoding stays", "=?utf-8?X?abc?=", "=?utf-8?X?abc?=" },
	{ "no end", "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
	{ "no charset", "=?\?Q?abc?=", "=?\?Q?abc?=" },
	{ "an empty word", "a=?utf-8?Q?\?=b", "ab" },
	{ "an escape before the end", "=?utf-8?Q?a=3F?=", "a?" },
	{ "an escape at the front", "=?utf-8?Q?=41?=", "A" },
	{ "half an escape", "=?utf-8?Q?a=4?=", "a=4" },
	{ "raw UTF-8", "caf\xC3\xA9", "caf\xC3\xA9" },
	{ "raw Latin-1", "caf\xE9", "caf\xC3\xA9" },
	{ "nothing", "", "" },
};

static void test_decode(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(1024);
		bool unknown = false;
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		assert_int_equal(mime_words_decode(in, &out, &unknown), RC_OK);
		if (strcmp(buf_text(&out), rows[i].out) != 0 || unknown != rows[i].unknown)
			fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
}

static void test_many_broken_words_cost_no_square(void **state)
{
	enum { N = 1 << 20 };
	struct buf in = BUF_INIT(N + 16), out = BUF_INIT(N + 16);
	(void)state;

	while (in.len + 7 <= N)
		assert_int_equal(buf_add_text(&in, "=?a?Q?x"), RC_OK);
	assert_int_equal(mime_words_decode(buf_slice(&in), &out, NULL), RC_OK);
	assert_int_equal(out.len, in.len);
	buf_free(&in);
	buf_free(&out);
}

static void test_a_full_buffer_says_so(void **state)
{
	struct buf out = BUF_INIT(3);
	(void)state;

	assert_int_equal(mime_words_decode(SLICE("=?utf-8?Q?abcd?="), &out, NULL), RC_LIMIT);
	buf_free(&out);
}

static void test_encode(void **state)
{
	static const struct {
		const char *name, *in, *out;
	} rows2[] = {
		{ "plain", "hello world", "hello world" },
		{ "not ASCII", "caf\xC3\xA9", "=?utf-8?B?Y2Fmw6k=?=" },
		{ "what would read as a word",
		  "=?utf-8?Q?a?=", "=?utf-8?B?PT91dGYtOD9RP2E/PQ==?=" },
		{ "a line end cannot get through", "a\nBcc: b", "=?utf-8?B?YQpCY2M6IGI=?=" },
		{ "nothing", "", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows2); i++) {
		struct buf out = BUF_INIT(1024);
		struct slice in = { rows2[i].in, strlen(rows2[i].in) };
		assert_int_equal(mime_words_encode(in, &out), RC_OK);
		assert_string_equal(buf_text(&out), rows2[i].out);
		buf_free(&out);
	}
}

static void test_long_text_is_folded_and_comes_back(void **state)
{
	static const char *const pieces[] = { "word ", "caf\xC3\xA9 ", "\xE2\x82\xAC" };
	(void)state;

	for (size_t k = 0; k < COUNT(pieces); k++) {
		struct buf in = BUF_INIT(4096), out = BUF_INIT(8192), back = BUF_INIT(8192);
		while (in.len < 900)
			assert_int_equal(buf_add_text(&in, pieces[k]), RC_OK);
		in.len -= in.at[in.len - 1] == ' ';
		assert_int_equal(mime_words_encode(buf_slice(&in), &out), RC_OK);
		struct slice rest = buf_slice(&out), line;
		for (bool first = true; slice_take_line(&rest, &line); first = false) {
			assert_true(line.len <= 76);
			assert_true(first || *line.at == ' ');
		}
		assert_int_equal(mime_words_decode(buf_slice(&out), &back, NULL), RC_OK);
		assert_int_equal(back.len, in.len);
		assert_memory_equal(back.at, in.at, in.len);
		buf_free(&in);
		buf_free(&out);
		buf_free(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_many_broken_words_cost_no_square),
		cmocka_unit_test(test_a_full_buffer_says_so),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_long_text_is_folded_and_comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
