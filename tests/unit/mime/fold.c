#include "mime/fold.h"

#include "support/unit.h"

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static const struct {
	const char *name;
	struct slice in;
	const char *out;
} rows[] = {
	{ "ASCII", BYTES("4111 1111\r\n"), "4111 1111\r\n" },
	{ "NUL goes",
	  BYTES("41\0"
		"11"),
	  "4111" },
	{ "a zero-width space",
	  BYTES("41\xE2\x80\x8B"
		"11"),
	  "4111" },
	{ "a soft hyphen",
	  BYTES("41\xC2\xAD"
		"11"),
	  "4111" },
	{ "direction marks",
	  BYTES("\xE2\x80\xAE"
		"41\xE2\x80\xAC"
		"11"),
	  "4111" },
	{ "the byte order mark",
	  BYTES("\xEF\xBB\xBF"
		"4111"),
	  "4111" },
	{ "a word joiner after a letter", BYTES("sec\xE2\x81\xA0ret"), "secret" },
	{ "full-width digits", BYTES("\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91"), "4111" },
	{ "Arabic-Indic digits", BYTES("\xD9\xA4\xD9\xA1\xD9\xA1\xD9\xA1"), "4111" },
	{ "Devanagari digits", BYTES("\xE0\xA5\xAA\xE0\xA5\xA7"), "41" },
	{ "mathematical digits", BYTES("\xF0\x9D\x9F\x92\xF0\x9D\x9F\x8F"), "41" },
	{ "circled and raised digits", BYTES("\xE2\x91\xA3\xC2\xB9"), "41" },
	{ "digits struck through",
	  BYTES("4\xCC\xB6"
		"1\xCC\xB6"
		"1 \xCC\xB2"),
	  "411 " },
	{ "full-width digits struck through", BYTES("\xEF\xBC\x94\xCC\xB6\xEF\xBC\x91\xCC\xB6"),
	  "41" },
	{ "letters struck through",
	  BYTES("D\xCC\xB6"
		"E\xCC\xB6"
		"8\xCC\xB6"),
	  "DE8" },
	{ "keycap digits",
	  BYTES("4\xEF\xB8\x8F\xE2\x83\xA3"
		"1\xEF\xB8\x8F\xE2\x83\xA3"),
	  "41" },
	{ "a no-break space",
	  BYTES("4111\xC2\xA0"
		"1111"),
	  "4111 1111" },
	{ "an ideographic space",
	  BYTES("4111\xE3\x80\x80"
		"1111"),
	  "4111 1111" },
	{ "a thin space",
	  BYTES("4111\xE2\x80\x89"
		"1111"),
	  "4111 1111" },
	{ "a no-break hyphen",
	  BYTES("4111\xE2\x80\x91"
		"1111"),
	  "4111-1111" },
	{ "a minus sign",
	  BYTES("4111\xE2\x88\x92"
		"1111"),
	  "4111-1111" },
	{ "full-width letters", BYTES("\xEF\xBC\xB3\xEF\xBC\xA5\xEF\xBC\xA3"), "SEC" },
	{ "a ligature",
	  BYTES("con\xEF\xAC\x81"
		"dential"),
	  "confidential" },
	{ "an accent is composed", BYTES("cafe\xCC\x81!"), "caf\xC3\xA9!" },
	{ "an accent over a zero-width mark", BYTES("cafe\xE2\x80\x8D\xCC\x81!"), "caf\xC3\xA9!" },
	{ "composed letters stay", BYTES("caf\xC3\xA9 \xD0\x9F\xD1\x80"),
	  "caf\xC3\xA9 \xD0\x9F\xD1\x80" },
	{ "ideographs stay", BYTES("\xE6\x97\xA5\xE6\x9C\xAC"), "\xE6\x97\xA5\xE6\x9C\xAC" },
	{ "half-width kana", BYTES("\xEF\xBD\xB6\xEF\xBE\x9E"), "\xE3\x82\xAC" },
	{ "a letter at the end", BYTES("abc"), "abc" },
	{ "one character that becomes eighteen", BYTES("\xEF\xB7\xBA."),
	  "\xD8\xB5\xD9\x84\xD9\x89 \xD8\xA7\xD9\x84\xD9\x84\xD9\x87 "
	  "\xD8\xB9\xD9\x84\xD9\x8A\xD9\x87 "
	  "\xD9\x88\xD8\xB3\xD9\x84\xD9\x85." },
};

static size_t fold(struct slice in, size_t step, char *out)
{
	struct mime_fold f = { 0 };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_fold_push(&f, &chunk, out + n, FOLD_ROOM);
	}
	return n + mime_fold_end(&f, out + n);
}

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= rows[i].in.len; step++) {
			char out[3 * FOLD_ROOM];
			size_t n = fold(rows[i].in, step, out);
			out[n] = '\0';
			if (strcmp(out, rows[i].out) != 0)
				fail_msg("%s, by %zu: \"%s\"", rows[i].name, step, out);
		}
	}
}

static void test_the_longest_run_that_grows_most_fits(void **state)
{
	char in[300], out[16 * FOLD_ROOM];
	(void)state;

	for (size_t i = 0; i < sizeof in; i += 3)
		memcpy(in + i, "\xEF\xB7\xBA", 3);
	assert_int_equal(fold((struct slice){ in, sizeof in }, sizeof in, out), 100 * 33);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_the_longest_run_that_grows_most_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
