#include "mime/encoding.h"

#include "support/unit.h"

enum { OUT = 512 };

/* Decodes in chunks of step bytes, into rooms of room bytes. */
static size_t base64(struct slice in, size_t step, size_t room, char *out)
{
	struct mime_base64 b = { 0 };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_base64_push(&b, &chunk, out + n, room);
	}
	return n + mime_base64_end(&b, out + n);
}

static size_t qp(struct slice in, size_t step, size_t room, char *out)
{
	struct mime_qp q = { 0 };
	size_t n = 0;

	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			n += mime_qp_push(&q, &chunk, out + n, room);
	}
	return n + mime_qp_end(&q, out + n);
}

static const struct row {
	const char *name, *in, *out;
} base64_rows[] = {
	{ "nothing", "", "" },
	{ "one byte", "YQ==", "a" },
	{ "two bytes", "YWI=", "ab" },
	{ "three bytes", "YWJj", "abc" },
	{ "a card over two lines", "NDExMSAxMT\r\nExIDExMTEg\r\nMTExMQ==\r\n",
	  "4111 1111 1111 1111" },
	{ "no padding", "YWI", "ab" },
	{ "no padding, one byte", "YQ", "a" },
	{ "a sextet alone is nothing", "YWJjY", "abc" },
	{ "blanks and signs within", "Y W\tJ*j!", "abc" },
	{ "bytes over ASCII within", "Y\xFFW\x80Jj", "abc" },
	{ "data after padding is read on", "YQ==YWI=YWJj", "aababc" },
	{ "padding out of place drops the sextet before it", "Y=YWJj", "abc" },
	{ "too much padding", "YQ====", "a" },
	{ "the alphabet of URLs", "-_-_", "\xFB\xFF\xBF" },
};

static const struct row qp_rows[] = {
	{ "plain", "hello\r\n", "hello\r\n" },
	{ "an escape", "=3D=41=e9", "=A\xE9" },
	{ "a soft break in a number", "4111 1111 11=\r\n11 1111", "4111 1111 1111 1111" },
	{ "a soft break with LF", "41=\n11", "4111" },
	{ "a soft break with blanks after it", "41= \t \r\n11", "4111" },
	{ "an equals sign alone", "a=b", "a=b" },
	{ "an equals sign and a digit", "a=4z", "a=4z" },
	{ "two equals signs", "==41", "=A" },
	{ "an equals sign at the end", "a=", "a=" },
	{ "half an escape at the end", "a=4", "a=4" },
	{ "a soft break at the end", "a=\r\n", "a" },
	{ "an equals sign and a blank", "a= b", "a=b" },
	{ "CR alone as a soft break", "41=\r11", "4111" },
};

static void check(const struct row *row, size_t (*decode)(struct slice, size_t, size_t, char *))
{
	struct slice in = { row->in, strlen(row->in) };

	for (size_t step = 1; step <= in.len + 1; step++) {
		for (size_t room = ENCODING_ROOM; room <= 64; room += 56) {
			char out[OUT];
			size_t n = decode(in, step, room, out);
			out[n] = '\0';
			if (strcmp(out, row->out) != 0)
				fail_msg("%s, by %zu: \"%s\"", row->name, step, out);
		}
	}
}

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(base64_rows); i++)
		check(&base64_rows[i], base64);
}

static void test_quoted_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(qp_rows); i++)
		check(&qp_rows[i], qp);
}

static void test_every_byte_comes_through_base64(void **state)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	(void)state;

	for (uint32_t bits = 0; bits < 1 << 24; bits += 4099) {
		char in[4], out[8];
		for (int k = 0; k < 4; k++)
			in[k] = digits[bits >> (18 - 6 * k) & 63];
		assert_int_equal(base64((struct slice){ in, 4 }, 4, 8, out), 3);
		assert_int_equal((unsigned char)out[0], bits >> 16);
		assert_int_equal((unsigned char)out[1], bits >> 8 & 0xFF);
		assert_int_equal((unsigned char)out[2], bits & 0xFF);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_quoted_printable),
		cmocka_unit_test(test_every_byte_comes_through_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
