#include "crypto/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/random.h"

#include <ctype.h>

static const uint8_t zero[CRYPTO_CODE_BYTES];

static const struct {
	const char *name, *text, *why;
} reading[] = {
	{ "as printed", "0000-0000-0000-0000-0000-0000-0000", "" },
	{ "no hyphens", "0000000000000000000000000000", "" },
	{ "the letter O for the digit 0", "OooO-OOOO-0000-0000-0000-0000-0000", "" },
	{ "blanks and line ends", " 0000 0000\t0000-0000 0000\r\n0000 0000\n", "" },
	{ "one short", "0000-0000-0000-0000-0000-0000-000", "code is too short" },
	{ "one long", "0000-0000-0000-0000-0000-0000-0000-0", "code is too long" },
	{ "empty", "", "code is too short" },
	{ "a letter that is not used", "U000-0000-0000-0000-0000-0000-0000",
	  "code has a character that no code has" },
	{ "one wrong", "0000-0000-0010-0000-0000-0000-0000",
	  "code is mistyped: its checksum does not agree" },
	{ "NUL does not end it", "0000\0", "code is too short" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reading / sizeof *reading; i++) {
		uint8_t out[CRYPTO_CODE_BYTES] = { 9 };
		struct fault why = { 0 };
		struct slice text = { reading[i].text, strlen(reading[i].text) };

		print_message("   %s\n", reading[i].name);
		assert_int_equal(crypto_code_parse(text, out, &why),
				 reading[i].why[0] ? RC_INVALID : RC_OK);
		assert_string_equal(why.text, reading[i].why);
		if (!reading[i].why[0])
			assert_memory_equal(out, zero, sizeof out);
		else
			assert_int_equal(out[0], 9);
	}
}

static void test_vector(void **state)
{
	/* Worked out by an independent program: 16 bytes 0x00 0x11 … 0xff. */
	uint8_t bytes[CRYPTO_CODE_BYTES];
	char text[CRYPTO_CODE_TEXT];

	(void)state;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 17);
	assert_string_equal(crypto_code_format(bytes, true, text),
			    "008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81");
}

/* Every single wrong character, and every two neighbours swapped, are found. */
static void test_mistyped(void **state)
{
	const char *letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t bytes[CRYPTO_CODE_BYTES], back[CRYPTO_CODE_BYTES];
	char text[CRYPTO_CODE_TEXT];

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		assert_int_equal(crypto_random(bytes, sizeof bytes, NULL), RC_OK);
		crypto_code_format(bytes, false, text);
		struct slice s = { text, strlen(text) };
		assert_int_equal(s.len, CRYPTO_CODE_CHARS);
		assert_int_equal(crypto_code_parse(s, back, NULL), RC_OK);
		assert_memory_equal(bytes, back, sizeof bytes);
		for (unsigned i = 0; i < CRYPTO_CODE_CHARS; i++) {
			char was = text[i];
			for (const char *c = letters; *c; c++) {
				text[i] = *c;
				assert_int_equal(crypto_code_parse(s, back, NULL),
						 *c == was ? RC_OK : RC_INVALID);
			}
			text[i] = was;
			if (i == 0 || text[i - 1] == was)
				continue;
			text[i] = text[i - 1];
			text[i - 1] = was;
			assert_int_equal(crypto_code_parse(s, back, NULL), RC_INVALID);
			text[i - 1] = text[i];
			text[i] = was;
		}
	}
}

static void test_lower_case(void **state)
{
	uint8_t bytes[CRYPTO_CODE_BYTES], back[CRYPTO_CODE_BYTES];
	char text[CRYPTO_CODE_TEXT];

	(void)state;
	assert_int_equal(crypto_random(bytes, sizeof bytes, NULL), RC_OK);
	crypto_code_format(bytes, true, text);
	assert_int_equal(strlen(text), CRYPTO_CODE_TEXT - 1);
	for (char *c = text; *c; c++)
		*c = *c == '1' ? 'l' : (char)tolower(*c);
	assert_int_equal(crypto_code_parse((struct slice){ text, strlen(text) }, back, NULL),
			 RC_OK);
	assert_memory_equal(bytes, back, sizeof bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_mistyped),
		cmocka_unit_test(test_lower_case),
	};
	return cmocka_run_group_tests_name("crypto/code", tests, NULL, NULL);
}
