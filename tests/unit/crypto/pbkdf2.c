#include "crypto/pbkdf2.h"

#include <openssl/evp.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/hex.h"

static void test_published_answers(void **state)
{
	static const struct {
		const char *phrase, *salt;
		uint32_t rounds;
		const char *key;
	} rows[] = {
		/* RFC 7914 §11, the first 32 of 64 bytes. */
		{ "passwd", "salt", 1,
		  "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc" },
		{ "Password", "NaCl", 80000,
		  "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56" },
	};
	char hex[2 * CRYPTO_KEY_BYTES + 1];
	struct crypto_key key;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		crypto_pbkdf2((struct slice){ rows[i].phrase, strlen(rows[i].phrase) },
			      (struct slice){ rows[i].salt, strlen(rows[i].salt) }, rows[i].rounds,
			      &key);
		assert_string_equal(hex_format(key.bytes, sizeof key.bytes, hex), rows[i].key);
	}
}

static void compare(struct slice phrase, struct slice salt, uint32_t rounds)
{
	struct crypto_key ours, theirs;

	crypto_pbkdf2(phrase, salt, rounds, &ours);
	assert_int_equal(PKCS5_PBKDF2_HMAC(phrase.at, (int)phrase.len,
					   (const unsigned char *)salt.at, (int)salt.len,
					   (int)rounds, EVP_sha256(), sizeof theirs.bytes,
					   theirs.bytes),
			 1);
	assert_memory_equal(ours.bytes, theirs.bytes, sizeof ours.bytes);
}

/* Around a block of SHA-256, where a phrase is hashed first and a salt takes another block. */
static void test_as_openssl_says_whatever_the_lengths(void **state)
{
	char bytes[300];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 37 + 11);
	for (size_t len = 0; len < 140; len++) {
		compare((struct slice){ bytes, len }, (struct slice){ bytes + 140, len }, 3);
		compare((struct slice){ bytes, len }, SLICE("salt"), 1);
	}
	compare((struct slice){ bytes, sizeof bytes }, SLICE(""), 2);
	compare(SLICE("rabus ladel ponat"), SLICE("0badcafe@b.test"), CRYPTO_PBKDF2_ROUNDS_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_answers),
		cmocka_unit_test(test_as_openssl_says_whatever_the_lengths),
	};
	return cmocka_run_group_tests_name("crypto/pbkdf2", tests, NULL, NULL);
}
