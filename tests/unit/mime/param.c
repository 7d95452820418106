#include "mime/param.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *param, *out; /* out NULL: absent */
} rows[] = {
	{ "a token", "text/plain; charset=utf-8", "charset", "utf-8" },
	{ "a quoted value", "text/plain; charset=\"utf-8\"", "charset", "utf-8" },
	{ "case of the name", "text/plain; CharSet=x", "charset", "x" },
	{ "blanks around the equals sign", "text/plain; charset = x ; a=b", "charset", "x" },
	{ "a comment", "text/plain (c;charset=no); (x) charset=yes", "charset", "yes" },
	{ "a semicolon in quotes", "multipart/mixed; boundary=\"a;b=c\"; x=y", "boundary",
	  "a;b=c" },
	{ "an escape in quotes", "a/b; name=\"a\\\"b\\\\\"", "name", "a\"b\\" },
	{ "quotes that do not end", "a/b; name=\"abc; d", "name", "abc; d" },
	{ "a fold", "a/b;\r\n\tname=x", "name", "x" },
	{ "the first of two", "a/b; name=x; name=y", "name", "x" },
	{ "absent", "a/b; name=x", "filename", NULL },
	{ "no value", "a/b; name", "name", NULL },
	{ "an empty value", "a/b; name=", "name", "" },
	{ "no semicolon before it", "a/b name=x; y=z", "y", "z" },
	{ "continued", "a; filename*0=\"long \"; filename*1=name.txt", "filename",
	  "long name.txt" },
	{ "continued out of order", "a; filename*1=b; filename*0=a", "filename", "ab" },
	{ "a gap ends it", "a; filename*0=a; filename*2=c", "filename", "a" },
	{ "extended", "a; filename*=utf-8''caf%C3%A9.pdf", "filename", "caf\xC3\xA9.pdf" },
	{ "extended Latin-1", "a; filename*=iso-8859-1'fr'caf%E9", "filename", "caf\xC3\xA9" },
	{ "extended and continued", "a; filename*0*=utf-8''na%C3%AF; filename*1=\"ve%41\"",
	  "filename", "na\xC3\xAFve%41" },
	{ "a character split over sections", "a; f*0*=utf-8''%C3; f*1*=%A9", "f", "\xC3\xA9" },
	{ "the extended form goes before the plain one", "a; filename=no; filename*=utf-8''yes",
	  "filename", "yes" },
	{ "an encoded word in quotes", "a; filename=\"=?utf-8?B?w6k=?=.txt\"", "filename",
	  "\xC3\xA9.txt" },
	{ "no charset in the extended form", "a; filename*=x%41", "filename", "xA" },
	{ "a broken escape", "a; filename*=utf-8''%4", "filename", "%4" },
	{ "an equals sign without a name", "a; =x; b=c", "b", "c" },
};

static void test_find(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(256);
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		enum rc rc = mime_param_find(in, rows[i].param, &out);
		enum rc want = rows[i].out ? RC_OK : RC_ABSENT;
		if (rc != want || (rows[i].out && strcmp(buf_text(&out), rows[i].out) != 0))
			fail_msg("%s: %d \"%s\"", rows[i].name, rc, buf_text(&out));
		buf_free(&out);
	}
}

static void test_head(void **state)
{
	static const char *const heads[][2] = {
		{ "Text/HTML; charset=x", "text/html" },
		{ "text/html", "text/html" },
		{ " text / html ;x", "text/html" },
		{ "(c) text/html(c)", "text/html" },
		{ "\"Base64\"", "base64" },
		{ " \"text/html\" ; x", "text/html" },
		{ "\"", "\"" },
		{ "", "" },
		{ ";charset=x", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(heads); i++) {
		struct buf out = BUF_INIT(64);
		assert_int_equal(
			mime_param_head((struct slice){ heads[i][0], strlen(heads[i][0]) }, &out),
			RC_OK);
		assert_string_equal(buf_text(&out), heads[i][1]);
		buf_free(&out);
	}
}

static void test_limits(void **state)
{
	struct buf out = BUF_INIT(3);
	(void)state;

	assert_int_equal(mime_param_find(SLICE("a; f*64=x"), "f", &out), RC_LIMIT);
	assert_int_equal(mime_param_find(SLICE("a; f=abcd"), "f", &out), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find),
					    cmocka_unit_test(test_head),
					    cmocka_unit_test(test_limits) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
