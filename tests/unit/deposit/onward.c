#include "deposit/onward.h"

#include "crypto/random.h"
#include "support/unit.h"

static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef"; /* no NUL */
static struct crypto_key key, dek;
static struct crypto_keys epochs = { .epoch_count = 1, .epochs = { { .number = 0x01020304 } } };
static const struct deposit_onward_keys keys = { &key, &epochs };

static int set_up(void **state)
{
	(void)state;
	return crypto_key_make(&key, NULL) == RC_OK && crypto_key_make(&dek, NULL) == RC_OK &&
			       crypto_key_make(&epochs.epochs[0].key, NULL) == RC_OK
		       ? 0
		       : -1;
}

static const struct deposit_onward full = {
	.eightbit = true,
	.envid = { "QQ314159", 8 },
	.recipient_count = 2,
	.recipients = { { MAIL_NOTIFY_FAILURE | MAIL_NOTIFY_DELAY,
			  { "rfc822;b+2Bx@plain.test", 23 } },
			{ 0, { NULL, 0 } } },
};

static struct buf row_of(const struct deposit_onward *onward)
{
	struct buf row = BUF_INIT(DEPOSIT_ONWARD_MAX);

	assert_int_equal(deposit_onward_encode(&keys, id, &dek, onward, &row, NULL), RC_OK);
	return row;
}

static void test_what_was_kept_comes_back(void **state)
{
	struct buf row = row_of(&full);
	struct deposit_onward out;
	struct crypto_key opened;

	(void)state;
	assert_int_equal(deposit_onward_decode(buf_slice(&row), &keys, id, &opened, &out, NULL),
			 RC_OK);
	assert_memory_equal(opened.bytes, dek.bytes, sizeof dek.bytes);
	assert_true(out.eightbit && !out.smtputf8);
	assert_true(slice_is(out.envid, "QQ314159"));
	assert_int_equal(out.recipient_count, 2);
	assert_int_equal(out.recipients[0].notify, MAIL_NOTIFY_FAILURE | MAIL_NOTIFY_DELAY);
	assert_true(slice_is(out.recipients[0].orcpt, "rfc822;b+2Bx@plain.test"));
	assert_int_equal(out.recipients[1].orcpt.len, 0);
	assert_null(memmem(row.at, row.len, dek.bytes, sizeof dek.bytes));
	buf_free(&row);
}

static void test_it_opens_for_one_deposit_and_one_key_alone(void **state)
{
	struct buf row = row_of(&full);
	struct deposit_onward out;
	struct crypto_key opened, other;
	uint8_t another[STORE_ID_BYTES] = { 1 };
	struct fault why = { "" };

	(void)state;
	const struct deposit_onward_keys others = { &other, &epochs };
	assert_int_equal(crypto_key_make(&other, NULL), RC_OK);
	assert_int_equal(deposit_onward_decode(buf_slice(&row), &others, id, &opened, &out, &why),
			 RC_INVALID);
	assert_true(why.text[0]);
	assert_int_equal(
		deposit_onward_decode(buf_slice(&row), &keys, another, &opened, &out, &why),
		RC_INVALID);
	for (size_t i = DEPOSIT_ONWARD_HEAD; i < DEPOSIT_ONWARD_HEAD + CRYPTO_SEALED_KEY_BYTES;
	     i++) {
		row.at[i] ^= 1;
		assert_int_equal(
			deposit_onward_decode(buf_slice(&row), &keys, id, &opened, &out, &why),
			RC_INVALID);
		row.at[i] ^= 1;
	}
	buf_free(&row);
}

/* A backup of the store with upgrade.key: nothing, once the epoch's key is destroyed. */
static void test_it_ends_with_the_epoch(void **state)
{
	struct buf row = row_of(&full);
	struct crypto_keys later = epochs;
	const struct deposit_onward_keys after = { &key, &later };
	struct deposit_onward out;
	struct crypto_key opened;
	struct fault why = { "" };

	(void)state;
	later.epochs[0].number++;
	assert_int_equal(deposit_onward_decode(buf_slice(&row), &after, id, &opened, &out, &why),
			 RC_ABSENT);
	assert_string_equal(why.text, "the key of epoch 16909060 is destroyed");
	later = epochs;
	later.epochs[0].key.bytes[0] ^= 1; /* another in its place */
	assert_int_equal(deposit_onward_decode(buf_slice(&row), &after, id, &opened, &out, &why),
			 RC_INVALID);
	buf_free(&row);
}

static void test_a_row_of_another_form_is_refused(void **state)
{
	struct buf row = row_of(&full);
	struct deposit_onward out;
	struct fault why = { "" };

	(void)state;
	for (size_t len = 0; len < row.len; len++)
		assert_int_equal(deposit_onward_decode((struct slice){ row.at, len }, NULL, id,
						       NULL, &out, &why),
				 RC_INVALID);
	assert_string_equal(why.text, "what is kept for sending a deposit on is damaged");
	row.at[0] = 2; /* a version to come */
	assert_int_equal(deposit_onward_decode(buf_slice(&row), NULL, id, NULL, &out, NULL),
			 RC_INVALID);
	row.at[0] = 1;
	row.at[DEPOSIT_ONWARD_HEAD + CRYPTO_SEALED_KEY_BYTES + 2] =
		'\n'; /* no line end in a command */
	assert_int_equal(deposit_onward_decode(buf_slice(&row), NULL, id, NULL, &out, NULL),
			 RC_INVALID);
	buf_free(&row);
}

static void test_what_is_too_long_is_not_kept(void **state)
{
	char text[MAIL_ORCPT_MAX + 1];
	struct buf row = BUF_INIT(DEPOSIT_ONWARD_MAX);
	struct deposit_onward much = full, nobody = full;

	(void)state;
	memset(text, 'x', sizeof text);
	much.recipients[1].orcpt = (struct slice){ text, sizeof text };
	nobody.recipient_count = 0;
	assert_int_equal(deposit_onward_encode(&keys, id, &dek, &much, &row, NULL), RC_LIMIT);
	assert_int_equal(deposit_onward_encode(&keys, id, &dek, &nobody, &row, NULL), RC_LIMIT);
	much.recipients[1].orcpt.len--;
	much.recipient_count = DEPOSIT_RECIPIENTS_MAX;
	for (size_t i = 0; i < DEPOSIT_RECIPIENTS_MAX; i++)
		much.recipients[i] = much.recipients[1];
	much.envid = (struct slice){ text, MAIL_ENVID_MAX };
	assert_int_equal(deposit_onward_encode(&keys, id, &dek, &much, &row, NULL), RC_OK);
	buf_free(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_ends_with_the_epoch),
		cmocka_unit_test(test_what_was_kept_comes_back),
		cmocka_unit_test(test_it_opens_for_one_deposit_and_one_key_alone),
		cmocka_unit_test(test_a_row_of_another_form_is_refused),
		cmocka_unit_test(test_what_is_too_long_is_not_kept),
	};
	return cmocka_run_group_tests_name("deposit/onward", tests, set_up, NULL);
}
