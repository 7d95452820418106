#include "crypto/pass.h"

#include "support/unit.h"

static const struct crypto_key key = { { 1, 2, 3 } }, other_key = { { 3, 2, 1 } };
static const struct slice two[] = { { "b@plain.test", 12 }, { "c@plain.test", 12 } };
static const struct slice second[] = { { "c@plain.test", 12 } };
static const struct slice stranger[] = { { "x@plain.test", 12 } };

#define PASS(u, list, count, digest)                                                               \
	{                                                                                          \
		.use = u, .until_s = 1000, .recipient_count = count, .recipients = list,           \
		.id = { 0xaa }, .body_digest = {                                                   \
			digest                                                                     \
		}                                                                                  \
	}

static const struct {
	const char *name;
	struct crypto_pass expected;
	const struct crypto_key *key;
	int64_t now_s;
	const char *why; /* NULL: accepted */
} rows[] = {
	{ "as it was made", PASS("notice", two, 2, 7), &key, 999, NULL },
	{ "in its last second", PASS("notice", two, 2, 7), &key, 1000, NULL },
	{ "for some of its recipients (a retry)", PASS("notice", second, 1, 7), &key, 1, NULL },
	{ "ended", PASS("notice", two, 2, 7), &key, 1001, "has ended" },
	{ "another recipient", PASS("notice", stranger, 1, 7), &key, 1, "not for <x@plain.test>" },
	{ "another body", PASS("notice", two, 2, 8), &key, 1, "not for this body" },
	{ "another site's key", PASS("notice", two, 2, 7), &other_key, 1, "not made here" },
	{ "another use", PASS("strict", two, 2, 7), &key, 1, "another use" },
};

static void test_a_pass_is_good_for_what_it_says_and_nothing_else(void **state)
{
	(void)state;
	struct buf value = BUF_INIT(4096);
	struct crypto_pass pass = PASS("notice", two, 2, 7);
	struct fault why;

	assert_int_equal(crypto_pass_format(&key, &pass, &value, &why), RC_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t id[CRYPTO_PASS_ID_BYTES] = { 0 };
		enum rc rc = crypto_pass_verify(rows[i].key, buf_slice(&value), &rows[i].expected,
						rows[i].now_s, id, &why);

		print_message("   %s\n", rows[i].name);
		assert_int_equal(rc, rows[i].why ? RC_INVALID : RC_OK);
		assert_int_equal(id[0], rows[i].why ? 0 : 0xaa);
		if (rows[i].why)
			assert_non_null(strstr(why.text, rows[i].why));
	}
	buf_free(&value);
}

static void test_the_form_alone(void **state)
{
	(void)state;
	struct buf value = BUF_INIT(4096);
	struct crypto_pass pass = PASS("strict", two, 2, 7);

	assert_int_equal(crypto_pass_format(&other_key, &pass, &value, NULL), RC_OK);
	assert_true(crypto_pass_is_formed(buf_slice(&value)));
	assert_false(crypto_pass_is_formed((struct slice){ value.at, value.len - 1 }));
	assert_false(crypto_pass_is_formed(SLICE("v=1; id=1; mac=00")));
	assert_false(crypto_pass_is_formed(SLICE("")));
	buf_free(&value);
}

static void test_each_changed_byte_breaks_it(void **state)
{
	(void)state;
	struct buf value = BUF_INIT(4096);
	struct crypto_pass pass = PASS("notice", two, 2, 7);
	struct fault why;
	uint8_t id[CRYPTO_PASS_ID_BYTES];

	assert_int_equal(crypto_pass_format(&key, &pass, &value, &why), RC_OK);
	for (size_t i = 0; i < value.len; i++) {
		char was = value.at[i];
		if (was == '\r' || was == '\n' || was == ' ')
			continue;
		value.at[i] = was == '1' ? '2' : '1';
		assert_int_equal(crypto_pass_verify(&key, buf_slice(&value), &pass, 1, id, &why),
				 RC_INVALID);
		value.at[i] = was;
	}
	buf_free(&value);
}

static void test_fifty_recipients_fold_and_unfold(void **state)
{
	(void)state;
	struct slice many[CRYPTO_PASS_RECIPIENTS_MAX + 1];
	struct crypto_pass pass = PASS("notice", many, CRYPTO_PASS_RECIPIENTS_MAX, 7);
	struct buf value = BUF_INIT(4096), unfolded = BUF_INIT(4096);
	struct fault why;
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	size_t line = 0;

	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct slice){
			"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz", i + 1
		};
	assert_int_equal(crypto_pass_format(&key, &pass, &value, &why), RC_OK);
	for (size_t i = 0; i < value.len; i++) {
		line = value.at[i] == '\n' ? 0 : line + 1;
		assert_in_range(line, 0, 110);
		if (value.at[i] != '\r') /* as libmilter hands a folded field on */
			assert_int_equal(buf_add_byte(&unfolded, value.at[i]), RC_OK);
	}
	assert_int_equal(crypto_pass_verify(&key, buf_slice(&unfolded), &pass, 1, id, &why), RC_OK);
	pass.recipient_count++;
	assert_int_equal(crypto_pass_format(&key, &pass, &value, &why), RC_LIMIT);
	buf_free(&value);
	buf_free(&unfolded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pass_is_good_for_what_it_says_and_nothing_else),
		cmocka_unit_test(test_the_form_alone),
		cmocka_unit_test(test_each_changed_byte_breaks_it),
		cmocka_unit_test(test_fifty_recipients_fold_and_unfold),
	};
	return cmocka_run_group_tests_name("crypto/pass", tests, NULL, NULL);
}
