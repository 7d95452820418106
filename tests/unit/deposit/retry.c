#include "deposit/retry.h"

#include "support/backend.h"

static const struct crypto_key retry = { .bytes = { 1 } }, other = { .bytes = { 2 } };

static const struct {
	const char *name;
	const char *sender, *first, *second, *text;
	const struct crypto_key *key;
	bool same;
} rows[] = {
	{ "the same", "a@our.test", "b@x.test", "c@x.test", "Message-ID: <1@a>\r\n\r\nhi\r\n",
	  &retry, true },
	{ "recipients in another order", "a@our.test", "c@x.test", "b@x.test",
	  "Message-ID: <1@a>\r\n\r\nhi\r\n", &retry, true },
	{ "another sender", "d@our.test", "b@x.test", "c@x.test", "Message-ID: <1@a>\r\n\r\nhi\r\n",
	  &retry, false },
	{ "another recipient", "a@our.test", "b@x.test", "d@x.test",
	  "Message-ID: <1@a>\r\n\r\nhi\r\n", &retry, false },
	{ "recipients cut elsewhere", "a@our.test", "b@x.testc", "@x.test",
	  "Message-ID: <1@a>\r\n\r\nhi\r\n", &retry, false },
	{ "another text", "a@our.test", "b@x.test", "c@x.test", "Message-ID: <1@a>\r\n\r\nho\r\n",
	  &retry, false },
	{ "another site's key", "a@our.test", "b@x.test", "c@x.test",
	  "Message-ID: <1@a>\r\n\r\nhi\r\n", &other, false },
};

static void key_of(size_t i, const char *text, uint8_t out[CRYPTO_HASH_BYTES])
{
	const struct deposit_recipient to[] = { { .address = slice_of(rows[i].first) },
						{ .address = slice_of(rows[i].second) } };
	const struct slice bytes = slice_of(text);
	const struct slice header = { text, (size_t)(strstr(text, "\r\n\r\n") - text) + 2 };
	const struct deposit_message message = { .sender = slice_of(rows[i].sender),
						 .recipient_count = COUNT(to),
						 .recipients = to,
						 .source = deposit_source_bytes(&bytes) };
	struct fault why;

	if (deposit_retry_key(rows[i].key, &message, header, out, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void test_what_is_the_same_message(void **state)
{
	uint8_t first[CRYPTO_HASH_BYTES], key[CRYPTO_HASH_BYTES];

	(void)state;
	key_of(0, rows[0].text, first);
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("   %s\n", rows[i].name);
		key_of(i, rows[i].text, key);
		assert_int_equal(memcmp(first, key, sizeof key) == 0, rows[i].same);
	}
}

static void test_without_a_message_id_none_is(void **state)
{
	uint8_t first[CRYPTO_HASH_BYTES], key[CRYPTO_HASH_BYTES];

	(void)state;
	key_of(0, "Subject: x\r\n\r\nMessage-ID: <1@a>\r\n", first);
	key_of(0, "Subject: x\r\n\r\nMessage-ID: <1@a>\r\n", key);
	assert_memory_not_equal(first, key, sizeof key);
}

static enum rc find(const uint8_t *key, int64_t now_s, struct deposit_made *made, struct fault *why)
{
	begin();
	enum rc rc = deposit_retry_find(tx, key, now_s, made, why);
	store_abandon(&tx);
	return rc;
}

static void put(const uint8_t *key, const uint8_t *id, size_t id_bytes)
{
	begin();
	if (id_bytes == STORE_ID_BYTES)
		assert_int_equal(deposit_retry_put(tx, key, id, 1000, NULL), RC_OK);
	else
		assert_int_equal(store_put(tx, "retry",
					   (struct slice){ (const char *)key, CRYPTO_HASH_BYTES },
					   (struct slice){ (const char *)id, id_bytes }, 1000,
					   NULL),
				 RC_OK);
	commit();
}

static void add_deposit(const uint8_t *id, bool blob)
{
	struct store_deposit row = { .until_s = 77, .sender = SLICE("a@our.test") };
	struct store_blob *b = NULL;

	memcpy(row.id, id, sizeof row.id);
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &b, NULL), RC_OK);
	assert_int_equal(store_blob_write(b, SLICE("sealed"), NULL), RC_OK);
	assert_int_equal(store_blob_finish(b, NULL), RC_OK);
	begin();
	if (blob)
		assert_int_equal(store_blob_add(tx, b, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &row, NULL), RC_OK);
	commit();
	store_blob_release(&b);
}

static void test_what_was_made_is_found_for_a_while(void **state)
{
	static const uint8_t key[CRYPTO_HASH_BYTES] = { 3 }, id[STORE_ID_BYTES] = { 4 };
	struct deposit_made made = { .until_s = -1 };
	struct fault why;

	(void)state;
	assert_int_equal(find(key, 10, &made, &why), RC_ABSENT);
	put(key, id, sizeof id);
	assert_int_equal(find(key, 10, &made, &why), RC_ABSENT); /* its deposit is gone */
	assert_int_equal(made.until_s, -1);
	add_deposit(id, true);
	assert_int_equal(find(key, 10, &made, &why), RC_OK);
	assert_true(made.found && made.until_s == 77);
	assert_memory_equal(made.id, id, sizeof id);
	assert_int_equal(find(key, 1001, &made, &why), RC_ABSENT);
}

static void test_a_row_without_its_blob_is_no_message(void **state)
{
	static const uint8_t key[CRYPTO_HASH_BYTES] = { 3 }, id[STORE_ID_BYTES] = { 4 };
	struct deposit_made made;
	struct fault why;

	(void)state;
	put(key, id, sizeof id);
	add_deposit(id, false);
	assert_int_equal(find(key, 10, &made, &why), RC_ABSENT);
}

static void test_a_damaged_record_is_told(void **state)
{
	static const uint8_t key[CRYPTO_HASH_BYTES] = { 3 }, id[STORE_ID_BYTES] = { 4 };
	struct deposit_made made;
	struct fault why;

	(void)state;
	put(key, id, sizeof id - 1);
	assert_int_equal(find(key, 10, &made, &why), RC_RETRY);
	assert_string_equal(why.text, "store is damaged: a retry's record");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_the_same_message),
		cmocka_unit_test(test_without_a_message_id_none_is),
		TEST(test_what_was_made_is_found_for_a_while),
		TEST(test_a_row_without_its_blob_is_no_message),
		TEST(test_a_damaged_record_is_told),
	};
	return cmocka_run_group_tests_name("deposit/retry", tests, NULL, NULL);
}
