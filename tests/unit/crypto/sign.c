#include "crypto/sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/hex.h"

static void test_sign(void **state)
{
	/* RFC 8032 §7.1, test 1: the empty message. */
	struct crypto_key key;
	uint8_t pub[CRYPTO_PUBLIC_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	char hex[129];

	(void)state;
	assert_true(
		hex_parse(SLICE("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
			  key.bytes, sizeof key.bytes));
	assert_int_equal(crypto_sign_public(&key, pub, NULL), RC_OK);
	assert_string_equal(hex_format(pub, sizeof pub, hex),
			    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	assert_int_equal(crypto_sign(&key, SLICE(""), signature, NULL), RC_OK);
	assert_string_equal(hex_format(signature, sizeof signature, hex),
			    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
			    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
	assert_int_equal(crypto_sign_verify(pub, SLICE(""), signature, NULL), RC_OK);
}

static void test_forgery(void **state)
{
	struct crypto_key key = { { 1 } };
	uint8_t pub[CRYPTO_PUBLIC_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_sign_public(&key, pub, NULL), RC_OK);
	assert_int_equal(crypto_sign(&key, SLICE("proof"), signature, NULL), RC_OK);
	assert_int_equal(crypto_sign_verify(pub, SLICE("proof"), signature, &why), RC_OK);
	assert_int_equal(crypto_sign_verify(pub, SLICE("Proof"), signature, &why), RC_INVALID);
	assert_true(why.text[0]);
	for (size_t bit = 0; bit < 8 * sizeof signature; bit += 3) {
		signature[bit / 8] = (uint8_t)(signature[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(crypto_sign_verify(pub, SLICE("proof"), signature, &why),
				 RC_INVALID);
		signature[bit / 8] = (uint8_t)(signature[bit / 8] ^ 1 << bit % 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_forgery),
	};
	return cmocka_run_group_tests_name("crypto/sign", tests, NULL, NULL);
}
