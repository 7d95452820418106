#include "deposit/live.h"

#include "crypto/pbkdf2.h"
#include "deposit/destroy.h"
#include "deposit/phrase.h"
#include "inspect/spoken.h"
#include "support/backend.h"

static struct crypto_keys keys = { .verifier = { .bytes = { 7 } }, .outbox = { .bytes = { 9 } } };

static void settle(unsigned max, bool expected)
{
	bool left = !expected;
	struct fault why;

	if (deposit_live_settle(store, &keys, max, &left, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(left, expected);
}

static bool note_form(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	char *forms = arg;

	(void)key, (void)until_s;
	forms[strlen(forms)] = (char)('0' + value.at[0]);
	return true;
}

/* "12": the first is sealed still, the second has its tag. */
static const char *forms(void)
{
	static char text[10];

	memset(text, 0, sizeof text);
	begin();
	assert_int_equal(store_each(tx, "live", 0, note_form, text, NULL), RC_OK);
	commit();
	return text;
}

static void put(uint8_t number, struct slice phrase)
{
	const struct store_deposit deposit = { .id = { number }, .record = SLICE("") };

	begin();
	assert_int_equal(store_deposit_add(tx, &deposit, NULL), RC_OK);
	assert_int_equal(deposit_live_put(tx, &keys, deposit.id, phrase, NULL), RC_OK);
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
	/* At once, and when a helper has been there. */
	for (int settled = 0; settled < 3; settled++) {
		assert_string_equal(forms(), settled == 0 ? "11" : settled == 1 ? "21" : "22");
		assert_int_equal(deposit_live_find(store, &keys, said, 2, id, NULL), RC_OK);
		assert_int_equal(id[0], 2);
		assert_int_equal(deposit_live_find(store, &keys, others, 1, id, NULL), RC_ABSENT);
		settle(1, settled == 0);
	}

	begin();
	assert_int_equal(deposit_end_rows(tx, id, STORE_DEPOSIT_REVOKED, 7, &ended, NULL), RC_OK);
	commit();
	deposit_ended_forget(&ended);
	assert_int_equal(deposit_live_find(store, &keys, said, 2, id, NULL), RC_ABSENT);
}

/* Neither form has the phrase in it, and when the second is there the first is in no file. */
static void test_no_form_is_the_phrase(void **state)
{
	static char bytes[1 << 20];
	char sealed[20];
	struct buf value = BUF_INIT(300);

	(void)state;
	put(1, SLICE("kalim botar rilos fanit"));
	begin();
	assert_int_equal(store_get(tx, "live",
				   (struct slice){ "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16 }, 0,
				   &value, NULL),
			 RC_OK);
	commit();
	memcpy(sealed, value.at + 1, sizeof sealed);
	buf_free(&value);
	for (int settled = 0; settled < 2; settled++) {
		static const char *const files[] = { "state/postern.db", "state/postern.db-wal" };
		for (size_t i = 0; i < COUNT(files); i++) {
			FILE *f = fopen(scratch_path(&scratch, files[i]), "r");
			size_t len = f ? fread(bytes, 1, sizeof bytes, f) : 0;
			if (f)
				fclose(f);
			assert_null(memmem(bytes, len, "kalim botar", 11));
			if (settled)
				assert_null(memmem(bytes, len, sealed, sizeof sealed));
		}
		settle(9, false);
	}
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
	crypto_pbkdf2(phrase, (struct slice){ (char *)salt.bytes, 32 }, 600000, &stretched);
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
		TEST(test_no_form_is_the_phrase),
		TEST(test_what_is_stored_is_slow_and_keyed),
		cmocka_unit_test(test_every_word_is_of_the_form_that_is_looked_for),
	};
	return cmocka_run_group_tests_name("deposit/live", tests, NULL, NULL);
}
