#include "base/siphash.h"

#include "support/unit.h"

/* SipHash-1-3 with the key 00 01 … 0f over "", 00, 00 01, … as the reference
 * implementation's vectors have it. */
static const uint64_t vectors[] = { 0xabac0158050fc4dcu, 0xc9f49bf37d57ca93u, 0x82cb9b024dc7d44du,
				    0x8bf80ab8e7ddf7fbu, 0xcf75576088d38328u, 0xdef9d52f49533b67u,
				    0xc50d2b50c59f22a7u, 0xd3927d989bb11140u, 0x369095118d299a8eu,
				    0x25a48eb36c063de4u };

static void test_vectors(void **state)
{
	(void)state;
	const struct siphash_key key = { 0x0706050403020100u, 0x0f0e0d0c0b0a0908u };
	char text[COUNT(vectors)];

	for (size_t i = 0; i < COUNT(vectors); i++) {
		text[i] = (char)i;
		assert_int_equal(siphash(&key, (struct slice){ text, i }), vectors[i]);
	}
}

static void test_keys_differ(void **state)
{
	(void)state;
	struct siphash_key a = { 0 }, b = { 0 };

	assert_true(siphash_key_make(&a));
	assert_true(siphash_key_make(&b));
	assert_memory_not_equal(&a, &b, sizeof a);
	assert_int_not_equal(siphash(&a, SLICE("x.test")), siphash(&b, SLICE("x.test")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_keys_differ),
	};
	return cmocka_run_group_tests_name("base/siphash", tests, NULL, NULL);
}
