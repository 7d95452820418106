#include "crypto/aead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/hex.h"
#include "crypto/random.h"

static void test_vector(void **state)
{
	/* McGrew and Viega, test case 14: all zero. */
	const struct crypto_key key = { 0 };
	const uint8_t nonce[CRYPTO_NONCE_BYTES] = { 0 };
	const char zeros[16] = { 0 };
	char out[32], back[16], hex[65];

	(void)state;
	assert_int_equal(
		crypto_gcm_seal(&key, nonce, SLICE(""), (struct slice){ zeros, 16 }, out, NULL),
		RC_OK);
	assert_string_equal(hex_format(out, 32, hex),
			    "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
	assert_int_equal(
		crypto_gcm_open(&key, nonce, SLICE(""), (struct slice){ out, 32 }, back, NULL),
		RC_OK);
	assert_memory_equal(back, zeros, 16);
}

static void test_every_flipped_bit_is_refused(void **state)
{
	struct buf sealed = BUF_INIT(1000), out = BUF_INIT(1000);
	struct crypto_key key;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_key_make(&key, &why), RC_OK);
	assert_int_equal(crypto_seal(&key, SLICE("row 1"), SLICE("a secret"), &sealed, &why),
			 RC_OK);
	assert_int_equal(sealed.len, 8 + CRYPTO_SEAL_BYTES);
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(
			crypto_unseal(&key, SLICE("row 1"), buf_slice(&sealed), &out, &why),
			RC_INVALID);
		assert_int_equal(out.len, 0);
		sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(crypto_unseal(&key, SLICE("row 1"),
					       (struct slice){ sealed.at, len }, &out, &why),
				 RC_INVALID);
	assert_int_equal(crypto_unseal(&key, SLICE("row 2"), buf_slice(&sealed), &out, &why),
			 RC_INVALID);
	assert_int_equal(crypto_unseal(&key, SLICE("row 1"), buf_slice(&sealed), &out, &why),
			 RC_OK);
	assert_string_equal(buf_text(&out), "a secret");
	buf_free(&sealed);
	buf_free(&out);
}

static void test_room(void **state)
{
	struct buf out = BUF_INIT(10);
	const struct crypto_key key = { 0 };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_seal(&key, SLICE(""), SLICE("x"), &out, &why), RC_LIMIT);
	assert_string_equal(why.text, "no room to seal 1 bytes");
	buf_free(&out);
}

static void test_keys(void **state)
{
	struct crypto_key kek, dek, other, out;
	uint8_t sealed[CRYPTO_SEALED_KEY_BYTES], again[CRYPTO_SEALED_KEY_BYTES];

	(void)state;
	assert_int_equal(crypto_key_make(&kek, NULL), RC_OK);
	assert_int_equal(crypto_key_make(&dek, NULL), RC_OK);
	assert_int_equal(crypto_key_make(&other, NULL), RC_OK);
	out = other;
	assert_int_equal(crypto_key_seal(&kek, SLICE("id"), &dek, sealed, NULL), RC_OK);
	assert_int_equal(crypto_key_seal(&kek, SLICE("id"), &dek, again, NULL), RC_OK);
	assert_memory_not_equal(sealed, again, sizeof sealed);
	assert_int_equal(crypto_key_unseal(&other, SLICE("id"), sealed, &out, NULL), RC_INVALID);
	assert_int_equal(crypto_key_unseal(&kek, SLICE("di"), sealed, &out, NULL), RC_INVALID);
	assert_memory_equal(&out, &other, sizeof out); /* untouched on failure */
	assert_int_equal(crypto_key_unseal(&kek, SLICE("id"), sealed, &out, NULL), RC_OK);
	assert_memory_equal(&out, &dek, sizeof out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vector),
		cmocka_unit_test(test_every_flipped_bit_is_refused),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_keys),
	};
	return cmocka_run_group_tests_name("crypto/aead", tests, NULL, NULL);
}
