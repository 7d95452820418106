#include "mime/charset.h"

#include "base/buf.h"
#include "support/unit.h"

#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static const struct {
	const char *name, *charset;
	struct slice in;
	const char *out;
	enum rc rc;
} rows[] = {
	{ "none is ASCII", "", BYTES("4111"), "4111", RC_OK },
	{ "UTF-8", "UTF-8", BYTES("caf\xC3\xA9 \xE2\x82\xAC"), "caf\xC3\xA9 \xE2\x82\xAC", RC_OK },
	{ "Latin-1 under the name of UTF-8", "utf-8", BYTES("caf\xE9!"), "caf\xC3\xA9!", RC_OK },
	{ "a character cut by the end", "utf-8", BYTES("a\xE2\x82"), "a\xC3\xA2\xC2\x82", RC_OK },
	{ "overlong digits are no digits", "utf-8", BYTES("\xC0\xB4"), "\xC3\x80\xC2\xB4", RC_OK },
	{ "Latin-1", "ISO-8859-1", BYTES("caf\xE9 \xA0"), "caf\xC3\xA9 \xC2\xA0", RC_OK },
	{ "Latin-9 has the euro", "iso-8859-15", BYTES("\xA4"), "\xE2\x82\xAC", RC_OK },
	{ "Windows-1252", "windows-1252", BYTES("\x80\x93x\x94"),
	  "\xE2\x82\xAC\xE2\x80\x9Cx\xE2\x80\x9D", RC_OK },
	{ "KOI8-R", "koi8-r", BYTES("\xF4\xC5\xD3\xD4"), "\xD0\xA2\xD0\xB5\xD1\x81\xD1\x82",
	  RC_OK },
	{ "Shift_JIS", "Shift_JIS", BYTES("\x93\xFA\x96{"), "\xE6\x97\xA5\xE6\x9C\xAC", RC_OK },
	{ "ISO-2022-JP", "iso-2022-jp", BYTES("\x1B$BF|K\\\x1B(B 1"), "\xE6\x97\xA5\xE6\x9C\xAC 1",
	  RC_OK },
	{ "UTF-16 with a mark, little", "utf-16",
	  BYTES("\xFF\xFE"
		"4\0"
		"1\0"),
	  "\xEF\xBB\xBF"
	  "41",
	  RC_OK },
	{ "UTF-16 with a mark, big", "utf-16",
	  BYTES("\xFE\xFF\0"
		"4\0"
		"1"),
	  "\xEF\xBB\xBF"
	  "41",
	  RC_OK },
	{ "UTF-16 without, big", "utf-16",
	  BYTES("\0"
		"4\0"
		"1"),
	  "41", RC_OK },
	{ "UTF-16 without, little", "utf-16",
	  BYTES("4\0"
		"1\0"),
	  "41", RC_OK },
	{ "UTF-16LE", "utf-16le",
	  BYTES("4\0"
		"1\0\xAC\x20"),
	  "41\xE2\x82\xAC", RC_OK },
	{ "UTF-16 beyond the first plane", "utf-16be", BYTES("\xD8\x3D\xDE\x00"),
	  "\xF0\x9F\x98\x80", RC_OK },
	{ "half a pair", "utf-16be",
	  BYTES("\xD8\x3D\0"
		"4"),
	  "\xEF\xBF\xBD"
	  "4",
	  RC_OK },
	{ "a mark where no charset is named", "",
	  BYTES("\xFF\xFE"
		"4\0"
		"1\0"),
	  "41", RC_OK },
	{ "FF that is no mark", "",
	  BYTES("\xFF"
		"a"),
	  "\xC3\xBF"
	  "a",
	  RC_OK },
	{ "UTF-32", "utf-32",
	  BYTES("\0\0\0"
		"4\0\0\0"
		"1"),
	  "41", RC_OK },
	{ "UTF-7", "utf-7", BYTES("+ADQAMQ-11"), "4111", RC_OK },
	{ "GB2312", "gb2312", BYTES("\xD6\xD0"), "\xE4\xB8\xAD", RC_OK },
	{ "what a charset has not", "gb18030",
	  BYTES("\xFF"
		"4"),
	  "\xEF\xBF\xBD"
	  "4",
	  RC_OK },
	{ "unknown, UTF-8 in truth", "x-none", BYTES("\xC3\xA9"), "\xC3\xA9", RC_INVALID },
	{ "unknown, Latin-1 in truth", "x-none",
	  BYTES("\xE9"
		"4"),
	  "\xC3\xA9"
	  "4",
	  RC_INVALID },
	{ "no path chooses a module", "../../tmp/x", BYTES("4"), "4", RC_INVALID },
	{ "no option of iconv's", "utf-8//IGNORE", BYTES("4"), "4", RC_INVALID },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= rows[i].in.len; step++) {
			struct slice in = rows[i].in,
				     name = { rows[i].charset, strlen(rows[i].charset) };
			struct buf out = BUF_INIT(256);
			struct mime_charset cs;
			char space[CHARSET_ROOM];
			enum rc rc = mime_charset_init(&cs, name);
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				while (chunk.len)
					assert_int_equal(
						buf_add_slice(&out,
							      mime_charset_take(&cs, &chunk, space,
										sizeof space)),
						RC_OK);
			}
			assert_int_equal(
				buf_add_slice(&out, mime_charset_end(&cs, space, sizeof space)),
				RC_OK);
			mime_charset_fini(&cs);
			if (rc != rows[i].rc || strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu: \"%s\"", rows[i].name, step, buf_text(&out));
			buf_free(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows_in_chunks_of_every_size) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
