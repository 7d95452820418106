#include "mail/body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define TYPE "Content-Type: text/plain; charset=utf-8\r\n"
#define PLAIN TYPE "Content-Transfer-Encoding: 7bit\r\n\r\n"
#define QUOTED TYPE "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "ASCII stays as it is", "Hello\nyou\n", PLAIN "Hello\r\nyou\r\n" },
	{ "a last line end is added", "a\r\nb", PLAIN "a\r\nb\r\n" },
	{ "empty", "", PLAIN "" },
	{ "an equals sign in plain text", "a=b\n", PLAIN "a=b\r\n" },
	{ "UTF-8",
	  "Gr\xc3\xbc\xc3\x9f"
	  "e =\n",
	  QUOTED "Gr=C3=BC=C3=9Fe =3D\r\n" },
	{ "a blank at a line's end", "\xc3\xbc \n", QUOTED "=C3=BC=20\r\n" },
	{ "bytes that are no UTF-8", "\xfc\n", QUOTED "=EF=BF=BD\r\n" },
	{ "a line that an mbox would change", "From me\n", QUOTED "=46rom me\r\n" },
	{ "a control character", "a\x1b[2J\n", QUOTED "a=1B[2J\r\n" },
	{ "a bare CR is no line end", "a\rb\n", QUOTED "a=0Db\r\n" },
	{ "78 columns are plain", SEVENTY "01234567\n", PLAIN SEVENTY "01234567\r\n" },
	{ "79 are broken softly", SEVENTY "012345678\n", QUOTED SEVENTY "01234=\r\n5678\r\n" },
	{ "no escape is torn", SEVENTY "01\xc3\xbc\n", QUOTED SEVENTY "01=C3=\r\n=BC\r\n" },
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf out = BUF_INIT(4096);

		print_message("   %s\n", rows[i].name);
		assert_int_equal(
			mail_body_text((struct slice){ rows[i].in, strlen(rows[i].in) }, &out),
			RC_OK);
		assert_string_equal(buf_text(&out), rows[i].out);
		buf_free(&out);
	}
}

static void test_bound(void **state)
{
	struct buf out = BUF_INIT(50);

	(void)state;
	assert_int_equal(mail_body_text(SLICE("x"), &out), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
