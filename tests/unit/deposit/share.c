#include "deposit/share.h"

#include "crypto/random.h"
#include "support/unit.h"

/* SLICE() is no constant to gcc 12. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static struct crypto_keys keys;
static struct crypto_key dek;
static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef";

static const struct deposit_party party = {
	.id = id,
	.address = TEXT("b@plain.test"),
	.phrase = TEXT("kadim botan rilos fanit"),
};

struct share {
	uint8_t link[CRYPTO_CODE_BYTES];
	struct deposit_recipient_record record;
};

static struct share make(const struct deposit_party *for_whom, enum rules_factor factor)
{
	struct share s;
	struct fault why = { 0 };

	if (deposit_share_make(for_whom, factor, &keys, &dek, s.link, &s.record, &why) != RC_OK)
		fail_msg("%s", why.text);
	return s;
}

static void refuse(const char *name, const struct deposit_party *who, const struct share *s,
		   enum rc rc, const char *expected)
{
	struct crypto_key out = { { 7 } };
	struct fault why = { 0 };

	print_message("   %s\n", name);
	assert_int_equal(deposit_share_open(who, &keys, s->link, &s->record, &out, &why), rc);
	if (expected)
		assert_string_equal(why.text, expected);
	assert_int_equal(out.bytes[0], 7);
}

static void assert_opens(const struct deposit_party *who, const struct share *s)
{
	struct crypto_key out;
	struct fault why = { 0 };

	if (deposit_share_open(who, &keys, s->link, &s->record, &out, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_memory_equal(&out, &dek, sizeof out);
}

static void test_phrase(void **state)
{
	struct share s = make(&party, RULES_FACTOR_PHRASE), bad = s;
	struct deposit_party other = party;

	(void)state;
	assert_int_equal(s.record.rounds, 600000);
	assert_int_equal(s.record.factor, RULES_FACTOR_PHRASE);
	assert_opens(&party, &s);

	other.phrase = SLICE("kadim botan rilos fanik");
	refuse("another phrase", &other, &s, RC_INVALID, "phrase is wrong");
	other.phrase = SLICE("");
	refuse("no phrase", &other, &s, RC_INVALID, "a phrase is needed");
	other = party;
	other.address = SLICE("c@plain.test");
	refuse("another's address", &other, &s, RC_INVALID, "phrase is wrong");
	other = party;
	other.id = (const uint8_t *)"0123456789abcdeF";
	refuse("another deposit", &other, &s, RC_INVALID, "code is wrong");
	bad.link[15] ^= 1;
	refuse("another code", &party, &bad, RC_INVALID, "code is wrong");
	assert_false(deposit_share_links(&party, &keys, bad.link, &s.record));
	assert_true(deposit_share_links(&party, &keys, s.link, &s.record));
}

static void test_link_alone(void **state)
{
	struct deposit_party without = party, with = party;

	(void)state;
	without.phrase = SLICE("");
	struct share s = make(&without, RULES_FACTOR_LINK);
	assert_int_equal(s.record.rounds, 0);
	assert_opens(&without, &s);
	refuse("a phrase too many", &with, &s, RC_INVALID, "no phrase belongs to this deposit");
}

static void test_damage(void **state)
{
	struct share s = make(&party, RULES_FACTOR_PHRASE), bad;

	(void)state;
	bad = s;
	bad.record.wrapped_dek[20] ^= 1;
	refuse("wrapped dek", &party, &bad, RC_INVALID, NULL);
	bad = s;
	bad.record.wrapped_server[20] ^= 1;
	refuse("wrapped half of the server", &party, &bad, RC_INVALID, NULL);
	bad = s;
	bad.record.link_verifier[20] ^= 1;
	refuse("verifier of the link", &party, &bad, RC_INVALID, "code is wrong");
	bad = s;
	bad.record.pickup_verifier[20] ^= 1;
	refuse("verifier of the phrase", &party, &bad, RC_INVALID, "phrase is wrong");
	bad = s;
	bad.record.epoch = 9;
	refuse("an epoch whose key is destroyed", &party, &bad, RC_ABSENT,
	       "the key of epoch 9 is destroyed");
}

/* What each of the two needs that the other has: the server's half and the verifiers' key are
 * not in a stolen store. */
static void test_stolen_store(void **state)
{
	struct share s = make(&party, RULES_FACTOR_PHRASE);
	struct crypto_keys mine = keys;
	struct crypto_key out;

	(void)state;
	mine.epochs[0].key.bytes[0] ^= 1;
	assert_int_equal(deposit_share_open(&party, &mine, s.link, &s.record, &out, NULL),
			 RC_INVALID);
	mine = keys;
	mine.verifier.bytes[0] ^= 1;
	assert_int_equal(deposit_share_open(&party, &mine, s.link, &s.record, &out, NULL),
			 RC_INVALID);
	assert_opens(&party, &s);
}

static void test_each_is_new(void **state)
{
	struct deposit_party without = party;
	struct share a, b;
	uint8_t one[CRYPTO_HASH_BYTES], two[CRYPTO_HASH_BYTES];

	(void)state;
	without.phrase = SLICE("");
	a = make(&without, RULES_FACTOR_LINK);
	b = make(&without, RULES_FACTOR_LINK);
	assert_memory_not_equal(a.link, b.link, sizeof a.link);
	assert_memory_not_equal(a.record.wrapped_server, b.record.wrapped_server, 60);
	assert_memory_not_equal(a.record.wrapped_dek, b.record.wrapped_dek, 60);
	assert_int_equal(deposit_share_locate(&keys, a.link, one, NULL), RC_OK);
	assert_int_equal(deposit_share_locate(&keys, b.link, two, NULL), RC_OK);
	assert_memory_not_equal(one, two, sizeof one);
	assert_int_equal(deposit_share_locate(&keys, a.link, two, NULL), RC_OK);
	assert_memory_equal(one, two, sizeof one);
	assert_memory_not_equal(one, a.record.link_verifier, sizeof one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_phrase),      cmocka_unit_test(test_link_alone),
		cmocka_unit_test(test_damage),      cmocka_unit_test(test_stolen_store),
		cmocka_unit_test(test_each_is_new),
	};
	keys.epoch_count = 1;
	keys.epochs[0].number = 1;
	if (crypto_key_make(&dek, NULL) != RC_OK ||
	    crypto_key_make(&keys.verifier, NULL) != RC_OK ||
	    crypto_key_make(&keys.epochs[0].key, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/share", tests, NULL, NULL);
}
