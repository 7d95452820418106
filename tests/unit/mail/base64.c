#include "mail/base64.h"

#include "support/unit.h"

static void bytes_become_their_digits(void **state)
{
	(void)state;
	/* RFC 4648 §10 */
	static const struct {
		const char *bytes, *lines;
	} rows[] = {
		{ "", "" },
		{ "f", "Zg==\r\n" },
		{ "fo", "Zm8=\r\n" },
		{ "foo", "Zm9v\r\n" },
		{ "foob", "Zm9vYg==\r\n" },
		{ "fooba", "Zm9vYmE=\r\n" },
		{ "foobar", "Zm9vYmFy\r\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mail_base64 b = { .kept_len = 0 };
		struct buf out = BUF_INIT(100);
		assert_int_equal(mail_base64_add(&b, slice_of(rows[i].bytes), &out), RC_OK);
		assert_int_equal(mail_base64_end(&b, &out), RC_OK);
		assert_string_equal(buf_text(&out), rows[i].lines);
		buf_free(&out);

		char digits[8]; /* the same without the line end */
		size_t len = strlen(rows[i].bytes), lines = strlen(rows[i].lines);
		assert_int_equal(mail_base64_digits((const uint8_t *)rows[i].bytes, len, digits),
				 lines ? lines - 2 : 0);
		assert_memory_equal(digits, rows[i].lines, lines ? lines - 2 : 0);
	}
}

/* However they come, the lines are the same, and none is longer than 76 (RFC 2045 §6.8). */
static void pieces_make_no_difference(void **state)
{
	(void)state;
	char bytes[400];
	struct buf whole = BUF_INIT(1000);
	struct mail_base64 b = { .kept_len = 0 };

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	(void)!mail_base64_add(&b, (struct slice){ bytes, sizeof bytes }, &whole);
	(void)!mail_base64_end(&b, &whole);
	for (size_t step = 1; step < 120; step++) {
		struct buf out = BUF_INIT(1000);
		for (size_t at = 0; at < sizeof bytes; at += step) {
			size_t here = sizeof bytes - at < step ? sizeof bytes - at : step;
			assert_int_equal(
				mail_base64_add(&b, (struct slice){ bytes + at, here }, &out),
				RC_OK);
		}
		assert_int_equal(mail_base64_end(&b, &out), RC_OK);
		assert_string_equal(buf_text(&out), buf_text(&whole));
		buf_free(&out);
	}
	struct slice rest = buf_slice(&whole), line;
	size_t lines = 0;
	while (slice_take_line(&rest, &line)) {
		lines++;
		assert_int_equal(line.len, rest.len ? 76 : (400 % 57 + 2) / 3 * 4);
	}
	assert_int_equal(lines, 400 / 57 + 1);
	buf_free(&whole);
}

static void a_full_buffer_is_told(void **state)
{
	(void)state;
	struct mail_base64 b = { .kept_len = 0 };
	struct buf out = BUF_INIT(5);

	assert_int_equal(mail_base64_add(&b, SLICE("foo"), &out), RC_OK);
	assert_int_equal(mail_base64_end(&b, &out), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_their_digits),
		cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(a_full_buffer_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
