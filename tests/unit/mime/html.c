#include "mime/html.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "plain", "hello", "hello" },
	{ "tags in a number", "41<b></b>11 <i>1111</i>", "4111 1111" },
	{ "a tag with attributes", "41<span style=\"color: red\" class=a>11", "4111" },
	{ "a quoted bracket", "41<b title=\">\">11", "4111" },
	{ "a bracket in single quotes", "41<b title='>'>11", "4111" },
	{ "a quote in a bare value", "41<b title=a\">11", "4111" },
	{ "a quote that is no value", "41<b \">11", "4111" },
	{ "a comment in a number", "41<!-- > -- 5 -->11", "4111" },
	{ "an empty comment", "41<!---->11", "4111" },
	{ "a comment that ends at once", "41<!-->11", "4111" },
	{ "a comment ended by --!>", "41<!-- a --!>11", "4111" },
	{ "a comment for one reader is text to it", "a<!--[if mso]>41<![endif]-->11", "a4111" },
	{ "a doctype", "<!DOCTYPE html>x", "x" },
	{ "a processing instruction", "41<?xml x?>11", "4111" },
	{ "an end tag of nothing", "41</>11", "4111" },
	{ "an end tag with junk", "41</ b>11", "4111" },
	{ "a less-than sign", "1 < 2", "1 < 2" },
	{ "a less-than sign and a digit", "1<2", "1<2" },
	{ "a less-than sign at the end", "1<", "1<" },
	{ "a slash after it at the end", "1</", "1</" },
	{ "paragraphs are lines", "<p>a</p><p>b</p>", "\na\nb\n" },
	{ "cells are apart", "<td>4111</td><td>1111</td>", "\n4111\n1111\n" },
	{ "a break", "a<br>b<BR/>c", "a\nb\nc" },
	{ "white space folds", "4111 \r\n\t 1111", "4111 1111" },
	{ "white space around tags folds", "4111 <b> 1111", "4111 1111" },
	{ "a decimal reference", "&#52;&#49;11", "4111" },
	{ "a hexadecimal reference", "&#x34;&#X31;11", "4111" },
	{ "leading zeros", "&#0000000000000000000000000000000000000000000052;111", "4111" },
	{ "leading zeros in hexadecimal", "&#x000000000000000000000000000000000000000000034;111",
	  "4111" },
	{ "a reference without its end", "&#52 &#49x", "4 1x" },
	{ "a named reference", "4111&nbsp;1111",
	  "4111\xC2\xA0"
	  "1111" },
	{ "a named one without its end", "4111&nbsp1111",
	  "4111\xC2\xA0"
	  "1111" },
	{ "the longest name wins", "&notin &not; &shy;", "\xC2\xACin \xC2\xAC \xC2\xAD" },
	{ "a name that needs its end", "&hyphen;&hyphen ", "\xE2\x80\x90&hyphen " },
	{ "an unknown name", "&bogus; &", "&bogus; &" },
	{ "a tag's own characters", "&lt;b&gt;&amp;lt;", "<b>&lt;" },
	{ "a C1 number is Windows-1252", "4111&#150;1111",
	  "4111\xE2\x80\x93"
	  "1111" },
	{ "no such character", "&#1114112;&#xD800;", "\xEF\xBF\xBD\xEF\xBF\xBD" },
	{ "a huge number", "&#99999999999999999999;", "\xEF\xBF\xBD" },
	{ "a reference in the middle of tags", "&#5<b></b>2;",
	  "\x05"
	  "2;" },
	{ "script is text, and no markup", "<script>if (a<b && c) \"4111\"</script>x",
	  "\nif (a<b && c) \"4111\"\nx" },
	{ "another tag does not end a script", "<script></b>1</style>2</script>3",
	  "\n</b>1</style>2\n3" },
	{ "style is text", "<style>a{}</style >x", "\na{}\nx" },
	{ "a tag that the end cuts", "a<b title=", "a" },
	{ "not ASCII", "caf\xC3\xA9<b>\xE2\x82\xAC</b>", "caf\xC3\xA9\xE2\x82\xAC" },
	{ "a name longer than any of ours", "a<abcdefghijabcdefghijabcdefghijabcdefghij>b", "ab" },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct slice in = { rows[i].in, strlen(rows[i].in) };
			struct mime_html h = { 0 };
			char out[1024];
			size_t n = 0;
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				while (chunk.len)
					n += mime_html_push(&h, &chunk, out + n, HTML_ROOM);
			}
			n += mime_html_end(&h, out + n);
			out[n] = '\0';
			if (strcmp(out, rows[i].out) != 0)
				fail_msg("%s, by %zu: \"%s\"", rows[i].name, step, out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows_in_chunks_of_every_size) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
