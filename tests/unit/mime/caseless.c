#include "mime/caseless.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* Vectors are shared with whoever does the same in another language: text, a tab, its form,
 * with \uXXXX for what an editor would not keep. */
static void unescape(const char *from, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (len - i < 6 || from[i] != '\\' || from[i + 1] != 'u') {
			(void)buf_add_byte(out, from[i]);
			continue;
		}
		char digits[5] = { 0 };
		memcpy(digits, from + i + 2, 4);
		unsigned long c = strtoul(digits, NULL, 16);
		char text[] = { (char)(0xe0 | c >> 12), (char)(0x80 | (c >> 6 & 63)),
				(char)(0x80 | (c & 63)) };
		char two[] = { (char)(0xc0 | c >> 6), (char)(0x80 | (c & 63)) };
		if (c < 0x80)
			(void)buf_add_byte(out, (char)c);
		else if (c < 0x800)
			(void)buf_add(out, two, sizeof two);
		else
			(void)buf_add(out, text, sizeof text);
		i += 5;
	}
}

static void test_vectors(void **state)
{
	char path[400], line[2000];
	unsigned seen = 0;

	(void)state;
	snprintf(path, sizeof path, "%s/support/caseless.txt", getenv("POSTERN_TESTS"));
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct buf text = BUF_INIT(2000), normal = BUF_INIT(2000), out = BUF_INIT(2000);
		char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
		struct fault why = { 0 };

		if (line[0] == '#')
			continue;
		assert_true(tab && end);
		unescape(line, (size_t)(tab - line), &text);
		unescape(tab + 1, (size_t)(end - tab - 1), &normal);
		if (mime_caseless(buf_slice(&text), &out, &why) != RC_OK)
			fail_msg("%s: %s", line, why.text);
		print_message("   %s\n", buf_text(&out));
		assert_string_equal(buf_text(&out), buf_text(&normal));
		/* Once more changes nothing. */
		buf_clear(&text);
		assert_int_equal(mime_caseless(buf_slice(&out), &text, NULL), RC_OK);
		assert_string_equal(buf_text(&text), buf_text(&out));
		seen++;
		buf_free(&text);
		buf_free(&normal);
		buf_free(&out);
	}
	fclose(f);
	assert_true(seen >= 20);
}

static const struct {
	const char *name, *text, *why;
} refused[] = {
	{ "not UTF-8", "ab\xff", "no UTF-8 at byte 3" },
	{ "a surrogate", "\xed\xa0\x80", "no UTF-8 at byte 1" },
	{ "a control character", "a\x01", "no character for people at byte 2" },
	{ "NEL, a blank for some programs only", "\xc2\x85", "no character for people at byte 1" },
	{ "for private use", "\xee\x80\x80", "no character for people at byte 1" },
	{ "not assigned", "\xf3\xa0\x82\x80", "no character for people at byte 1" },
};

static void test_refused(void **state)
{
	static char many[MIME_CASELESS_MAX + 1];
	struct buf out = BUF_INIT(4), rest = BUF_INIT(2000);
	struct fault why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		print_message("   %s\n", refused[i].name);
		assert_int_equal(mime_caseless(slice_of(refused[i].text), &out, &why), RC_INVALID);
		assert_string_equal(why.text, refused[i].why);
	}
	memset(many, 'A', sizeof many);
	assert_int_equal(mime_caseless((struct slice){ many, sizeof many }, &rest, &why), RC_LIMIT);
	assert_string_equal(why.text, "longer than 1000 bytes");
	assert_int_equal(mime_caseless((struct slice){ many, sizeof many - 1 }, &rest, &why),
			 RC_OK);
	assert_int_equal(rest.len, MIME_CASELESS_MAX);
	/* The sign that NFKC lengthens most, as often as fits. */
	for (size_t i = 0; i < MIME_CASELESS_MAX; i++)
		many[i] = "\xef\xb7\xba"[i % 3];
	assert_int_equal(mime_caseless((struct slice){ many, 999 }, &rest, &why), RC_LIMIT);
	assert_string_equal(why.text, "too long when written out");
	assert_int_equal(mime_caseless(SLICE("Abcd"), &out, &why), RC_OK);
	assert_int_equal(mime_caseless(SLICE("e"), &out, &why), RC_LIMIT);
	assert_string_equal(buf_text(&out), "abcd");
	buf_free(&out);
	buf_free(&rest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_refused),
	};
	return cmocka_run_group_tests_name("mime/caseless", tests, NULL, NULL);
}
