#include "deposit/live.h"

#include "deposit/destroy.h"
#include "deposit/phrase.h"
#include "inspect/spoken.h"
#include "support/backend.h"

static struct crypto_keys keys = { .verifier = { .bytes = { 7 } } };

static void put(uint8_t number, struct slice phrase)
{
	const struct store_deposit deposit = { .id = { number }, .record = SLICE("") };
	uint8_t tag[DEPOSIT_TAG_BYTES];

	assert_int_equal(deposit_live_tag(&keys, phrase, tag, NULL), RC_OK);
	begin();
	assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
	assert_int_equal(deposit_live_put(tx, deposit.id, tag, NULL), RC_OK);
	commit();
}

static void test_known_while_it_is_open(void **state)
{
	const struct slice said[] = { SLICE("kalim botar rilos fanit"),
				      SLICE("botar rilos fanit maron") };
	const struct slice others[] = { SLICE("kalim botar rilos fanim") };
	struct deposit_ended ended = { .mails = BUF_INIT(0) };
	uint8_t id[STORE_ID_BYTES] = { 0 };

	(void)state;
	assert_int_equal(deposit_live_find(store, &keys, said, 2, id, NULL), RC_ABSENT);
	put(1, SLICE("torin balas mifor kinas"));
	put(2, said[1]);
	assert_int_equal(deposit_live_find(store, &keys, said, 2, id, NULL), RC_OK);
	assert_int_equal(id[0], 2);
	assert_int_equal(deposit_live_find(store, &keys, others, 1, id, NULL), RC_ABSENT);

	begin();
	assert_int_equal(deposit_end_rows(tx, id, STORE_DEPOSIT_REVOKED, 7, &ended, NULL), RC_OK);
	commit();
	deposit_ended_forget(&ended);
	assert_int_equal(deposit_live_find(store, &keys, said, 2, id, NULL), RC_ABSENT);
}

/* The keys' thief must pay for a guess what he pays for one at a record, and the store's has
 * nothing to guess at. */
static void test_what_is_stored_is_slow_and_keyed(void **state)
{
	const struct slice phrase = SLICE("kalim botar rilos fanit");
	struct crypto_keys other = { .verifier = { .bytes = { 8 } } };
	struct crypto_key salt, stretched;
	uint8_t tag[DEPOSIT_TAG_BYTES], foreign[DEPOSIT_TAG_BYTES], again[DEPOSIT_TAG_BYTES];

	(void)state;
	assert_int_equal(deposit_live_tag(&keys, phrase, tag, NULL), RC_OK);
	assert_int_equal(deposit_live_tag(&other, phrase, foreign, NULL), RC_OK);
	assert_memory_not_equal(tag, foreign, sizeof tag);
	/* By the header, step by step. */
	assert_int_equal(crypto_hkdf((struct slice){ (char *)keys.verifier.bytes, 32 },
				     SLICE("live phrase"), &salt, NULL),
			 RC_OK);
	assert_int_equal(crypto_pbkdf2(phrase, (struct slice){ (char *)salt.bytes, 32 }, 600000,
				       &stretched, NULL),
			 RC_OK);
	assert_int_equal(crypto_hmac(&keys.verifier, (struct slice){ (char *)stretched.bytes, 32 },
				     again, NULL),
			 RC_OK);
	assert_memory_equal(tag, again, sizeof tag);
}

/* Whatever Postern makes, inspection would know it again. */
static void test_every_word_is_of_the_form_that_is_looked_for(void **state)
{
	char word[DEPOSIT_WORD_TEXT];

	(void)state;
	for (unsigned i = 0; i < DEPOSIT_WORDS; i++) {
		deposit_word(i, word);
		assert_true(strchr(SPOKEN_FIRST, word[0]) && strchr(SPOKEN_VOWELS, word[1]) &&
			    strchr(SPOKEN_SECOND, word[2]) && strchr(SPOKEN_VOWELS, word[3]) &&
			    strchr(SPOKEN_LAST, word[4]) && word[5] == '\0');
	}
	assert_int_equal(SPOKEN_WORDS, DEPOSIT_PHRASE_WORDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_known_while_it_is_open),
		TEST(test_what_is_stored_is_slow_and_keyed),
		cmocka_unit_test(test_every_word_is_of_the_form_that_is_looked_for),
	};
	return cmocka_run_group_tests_name("deposit/live", tests, NULL, NULL);
}
