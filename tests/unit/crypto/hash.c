#include "crypto/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/hex.h"

static struct slice text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static void assert_hex(const void *bytes, const char *hex)
{
	char got[2 * CRYPTO_HASH_BYTES + 1];

	assert_string_equal(hex_format(bytes, CRYPTO_HASH_BYTES, got), hex);
}

static const struct {
	const char *name, *bytes, *digest;
} hashing[] = {
	{ "nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc (FIPS 180-4)", "abc",
	  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
};

static void test_sha256(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hashing / sizeof *hashing; i++) {
		struct slice bytes = text(hashing[i].bytes);
		struct crypto_hash *h = NULL;
		uint8_t out[CRYPTO_HASH_BYTES];

		print_message("   %s\n", hashing[i].name);
		assert_int_equal(crypto_sha256(bytes, out, NULL), RC_OK);
		assert_hex(out, hashing[i].digest);

		/* In pieces it is the same. */
		assert_int_equal(crypto_hash_new(NULL, &h, NULL), RC_OK);
		for (size_t at = 0; at < bytes.len; at++)
			crypto_hash_add(h, (struct slice){ bytes.at + at, 1 });
		assert_int_equal(crypto_hash_end(&h, out, NULL), RC_OK);
		assert_null(h);
		assert_hex(out, hashing[i].digest);
	}
}

static void test_hmac(void **state)
{
	/* RFC 4231 §4.2: a key of 20 bytes, which HMAC itself pads with zeros. */
	struct crypto_key key = { 0 };
	struct crypto_hash *h = NULL;
	uint8_t out[CRYPTO_HASH_BYTES];
	const char *mac = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";

	(void)state;
	memset(key.bytes, 0x0b, 20);
	assert_int_equal(crypto_hmac(&key, SLICE("Hi There"), out, NULL), RC_OK);
	assert_hex(out, mac);
	assert_int_equal(crypto_hash_new(&key, &h, NULL), RC_OK);
	crypto_hash_add(h, SLICE("Hi "));
	crypto_hash_add(h, SLICE("There"));
	assert_int_equal(crypto_hash_end(&h, out, NULL), RC_OK);
	assert_hex(out, mac);
}

static void hash_fields(struct slice a, struct slice b, uint8_t *out)
{
	struct crypto_hash *h = NULL;

	assert_int_equal(crypto_hash_new(NULL, &h, NULL), RC_OK);
	crypto_hash_add_field(h, a);
	crypto_hash_add_field(h, b);
	assert_int_equal(crypto_hash_end(&h, out, NULL), RC_OK);
}

static void test_fields_do_not_run_together(void **state)
{
	uint8_t one[CRYPTO_HASH_BYTES], two[CRYPTO_HASH_BYTES], expected[CRYPTO_HASH_BYTES];

	(void)state;
	hash_fields(SLICE("ab"), SLICE("c"), one);
	hash_fields(SLICE("a"), SLICE("bc"), two);
	assert_memory_not_equal(one, two, sizeof one);
	assert_int_equal(
		crypto_sha256(SLICE("\0\0\0\0\0\0\0\2ab\0\0\0\0\0\0\0\1c"), expected, NULL), RC_OK);
	assert_memory_equal(one, expected, sizeof one);
}

static void test_hkdf(void **state)
{
	/* RFC 5869 A.3: no salt, no info; the first 32 bytes of OKM. */
	char ikm[22];
	struct crypto_key out, other;

	(void)state;
	memset(ikm, 0x0b, sizeof ikm);
	assert_int_equal(crypto_hkdf((struct slice){ ikm, sizeof ikm }, SLICE(""), &out, NULL),
			 RC_OK);
	assert_hex(out.bytes, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
	assert_int_equal(crypto_hkdf((struct slice){ ikm, sizeof ikm }, SLICE("x"), &other, NULL),
			 RC_OK);
	assert_memory_not_equal(&out, &other, sizeof out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_fields_do_not_run_together),
		cmocka_unit_test(test_hkdf),
	};
	return cmocka_run_group_tests_name("crypto/hash", tests, NULL, NULL);
}
