#include "deposit/derive.h"

#include "base/hex.h"
#include "support/unit.h"

/* The expected values were worked out by an independent program (python3-cryptography). */

static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef";
static const struct deposit_party with_phrase = {
	.id = id,
	.address = { "b@plain.test", 12 },
	.phrase = { "kadim botan", 11 },
};
static const struct deposit_party without = { .id = id, .address = { "b@plain.test", 12 } };
static uint8_t half[CRYPTO_CODE_BYTES];
static struct crypto_key server;

static int fill(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof half; i++)
		half[i] = (uint8_t)i;
	for (unsigned i = 0; i < sizeof server.bytes; i++)
		server.bytes[i] = (uint8_t)(32 + i);
	return 0;
}

static void assert_key(const struct crypto_key *key, const char *digits)
{
	char text[2 * CRYPTO_KEY_BYTES + 1];

	assert_string_equal(hex_format(key->bytes, sizeof key->bytes, text), digits);
}

static void test_proofs(void **state)
{
	struct crypto_key out, stretched;

	(void)state;
	assert_int_equal(deposit_derive_auth1(id, half, &out, NULL), RC_OK);
	assert_key(&out, "cafeb4d898e3ed42930ecae69e230c99417b813cfc645b2d74875e3df2a40350");
	assert_int_equal(deposit_derive_locator(half, &out, NULL), RC_OK);
	assert_key(&out, "d6f9a0bf922bc757f90c93361f42d1a0a1777d59e4ca67d3d1c65eacb7baae61");
	assert_int_equal(deposit_derive_stretch(&with_phrase, 1000, &stretched, NULL), RC_OK);
	assert_key(&stretched, "07010b794a8b4822ef497fb62733e8d7266b761582cbef68fe33fec2b3c37061");
	assert_int_equal(deposit_derive_auth2(&with_phrase, half, &stretched, &out, NULL), RC_OK);
	assert_key(&out, "e9e3bf9d4d84fde1d30c2b80c01d4e275e3fa61b9b4d476d57d5b88d8e2b63ee");
	assert_int_equal(deposit_derive_stretch(&without, 0, &stretched, NULL), RC_OK);
	assert_int_equal(deposit_derive_auth2(&without, half, &stretched, &out, NULL), RC_OK);
	assert_key(&out, "6f631b5e2285ca0ffcd7eb00567e64ecc1aa46ac3feb62f32e745edcc4da7a5d");
}

static void test_kek(void **state)
{
	struct crypto_key out, stretched;
	const struct deposit_halves halves = { half, &server, &stretched };

	(void)state;
	assert_int_equal(deposit_derive_stretch(&with_phrase, 1000, &stretched, NULL), RC_OK);
	assert_int_equal(deposit_derive_kek(&with_phrase, &halves, &out, NULL), RC_OK);
	assert_key(&out, "8a20b1aa922eae6554fcb5bbaffc36bd281bfec348b13b274dae913e368dc0af");
	assert_int_equal(deposit_derive_stretch(&without, 0, &stretched, NULL), RC_OK);
	assert_int_equal(deposit_derive_kek(&without, &halves, &out, NULL), RC_OK);
	assert_key(&out, "325a3bcb3b4b4e5b22b8c71859ef1f9dedb90c6c596722bead820e836715cc05");
}

static void test_dek(void **state)
{
	struct crypto_key kek, stretched, dek = { { 7 } }, out = { { 0 } };
	const struct deposit_halves halves = { half, &server, &stretched };
	uint8_t wrapped[CRYPTO_SEALED_KEY_BYTES], bytes[DEPOSIT_BOUND_BYTES];
	const struct slice bound = { (const char *)bytes, sizeof bytes };
	struct fault why;

	(void)state;
	deposit_bound(id, bytes);
	assert_int_equal(deposit_derive_stretch(&without, 0, &stretched, NULL), RC_OK);
	assert_int_equal(deposit_derive_kek(&without, &halves, &kek, NULL), RC_OK);
	assert_int_equal(crypto_key_seal(&kek, bound, &dek, wrapped, NULL), RC_OK);
	assert_int_equal(deposit_derive_dek(&without, &halves, wrapped, &out, &why), RC_OK);
	assert_memory_equal(&out, &dek, sizeof dek);
	assert_int_equal(deposit_derive_dek(&with_phrase, &halves, wrapped, &out, &why),
			 RC_INVALID);
	wrapped[20] ^= 1;
	assert_int_equal(deposit_derive_dek(&without, &halves, wrapped, &out, &why), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proofs),
		cmocka_unit_test(test_kek),
		cmocka_unit_test(test_dek),
	};
	return cmocka_run_group_tests(tests, fill, NULL);
}
