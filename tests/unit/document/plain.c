#include "document/plain.h"

#include "support/documented.h"
#include "support/unit.h"

#define S(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static const struct {
	const char *name;
	struct slice in;
	const char *file, *out;
} rows[] = {
	{ "UTF-8", S("caf\xC3\xA9"), "a.txt", "text : caf\xC3\xA9\n" },
	{ "Latin-1, where it is no UTF-8", S("caf\xE9 x"), "a.txt", "text : caf\xC3\xA9 x\n" },
	{ "UTF-16 with its mark",
	  S("\xFF\xFE"
	    "4\0001\0"),
	  "a.txt",
	  "text : \xEF\xBB\xBF"
	  "41\n" },
	{ "UTF-16 without", S("\0004\0001\0001\0001\000 "), "a.txt", "text : 4111 \n" },
	{ "HTML by its name", S("41<b>11</b>"), "a.htm", "text : 4111\n" },
	{ "HTML by its tags", S("<html>41<b>11</b>"), "", "text : \n4111\n" },
	{ "a uuencoded file", S("see\nbegin 644 c.txt\n$-#$Q,0``\n`\nend\n"), "",
	  "text : see\nbegin 644 c.txt\n$-#$Q,0``\n`\nend\n\nfile c.txt: c.txt 4\ntext c.txt: "
	  "4111\n" },
	{ "one in base64", S("begin-base64 644 c.txt\nNDExMQ==\n====\n"), "",
	  "text : begin-base64 644 c.txt\nNDExMQ==\n====\n\nfile c.txt: c.txt 4\ntext c.txt: "
	  "4111\n" },
	{ "a binary's words", S("\1\2\0abcd\0\1ef\0\0004\0001\0001\0001\0\3\4"), "",
	  "text : abcd\n4111\n\nopaque : binary\n" },
	{ "a text behind its length, in UTF-16",
	  S("\1\2\0\5\1"
	    "4\0001\0001\0001\0002\0\0\0\3\4"),
	  "", "text : 41112\n\nopaque : binary\n" },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = documented(rows[i].in, rows[i].file);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
}

static void add_russian(struct reading *r, struct slice bytes)
{
	reading_begin(r);
	plain_add(r, bytes, "windows-1251");
	plain_add(r, bytes, "no-such-charset");
	reading_end(r);
}

static void test_charsets_by_name(void **state)
{
	struct buf out = documented_by(add_russian, SLICE("\xC0"));
	(void)state;

	/* That the name is not known is told at once; text is put off until there is more. */
	assert_string_equal(buf_text(&out), "text : opaque : charset\n\xD0\x90\xC3\x80\n");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_charsets_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
