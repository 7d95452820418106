#include "deposit/resend.h"

#include "crypto/random.h"
#include "outbox/row.h"
#include "support/unit.h"

#include "support/deposits.h"

static struct deposits d;
static struct crypto_key key;
static const struct deposit_onward two = { .recipient_count = 2 };

static int set_up(void **state)
{
	(void)state;
	if (!deposits_open(&d) || crypto_key_make(&key, NULL) != RC_OK)
		return -1;
	d.site.upgrade = &key;
	d.onward = &two;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	deposits_close(&d);
	return 0;
}

static enum rc open_one(const uint8_t *id, const struct crypto_key *with,
			struct deposit_held **held, struct deposit_resend **out, struct fault *why)
{
	assert_int_equal(deposit_held_look(d.site.store, id, held, NULL), RC_OK);
	return deposit_resend_open(&d.site, with, *held, "/tmp", 100, out, why);
}

static unsigned commit(struct deposit_resend *resend)
{
	unsigned before = deposits_outbox(&d);
	struct store_tx *tx;

	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_resend_add(tx, resend, DEPOSITS_NOW, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	deposit_resend_keep(resend);
	return deposits_outbox(&d) - before;
}

static void test_one_copy_serves_all_who_are_chosen(void **state)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	CLEANUP(deposit_resend_free) struct deposit_resend *resend = NULL;
	const bool both[] = { true, true };
	uint8_t id[STORE_ID_BYTES];

	(void)state;
	deposits_make(&d, "b@plain.test c@good.test", id);
	assert_int_equal(open_one(id, &key, &held, &resend, NULL), RC_OK);
	assert_int_equal(deposit_resend_seal(resend, both, DEPOSITS_NOW, NULL), RC_OK);
	assert_int_equal(commit(resend), 1);
}

static void test_what_is_dropped_leaves_nothing(void **state)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	CLEANUP(deposit_resend_free) struct deposit_resend *resend = NULL;
	const bool one[] = { false, true }, nobody[] = { false, false };
	uint8_t id[STORE_ID_BYTES];

	(void)state;
	deposits_make(&d, "b@plain.test c@good.test", id);
	unsigned before = deposits_outbox(&d);
	assert_int_equal(open_one(id, &key, &held, &resend, NULL), RC_OK);
	assert_int_equal(deposit_resend_seal(resend, nobody, DEPOSITS_NOW, NULL), RC_OK);
	assert_int_equal(commit(resend), 0);
	assert_int_equal(deposit_resend_seal(resend, one, DEPOSITS_NOW, NULL), RC_OK);
	deposit_resend_free(&resend);
	assert_null(resend);
	assert_int_equal(deposits_outbox(&d), before);
}

static void test_what_cannot_be_opened_is_told(void **state)
{
	CLEANUP(deposit_held_free)
	struct deposit_held *held = NULL, *other_held = NULL, *none = NULL;
	struct deposit_resend *resend = NULL;
	struct crypto_key other;
	uint8_t id[STORE_ID_BYTES];
	struct fault why = { "" };

	(void)state;
	deposits_make(&d, "b@plain.test c@good.test", id);
	assert_int_equal(crypto_key_make(&other, NULL), RC_OK);
	assert_int_equal(open_one(id, &other, &held, &resend, &why), RC_INVALID);
	assert_true(why.text[0]);
	deposits_make(&d, "b@plain.test", id); /* the row has two */
	assert_int_equal(open_one(id, &key, &other_held, &resend, &why), RC_INVALID);
	assert_string_equal(why.text, "what is kept of a deposit's recipients is damaged");
	d.onward = NULL;
	deposits_make(&d, "b@plain.test", id);
	assert_int_equal(open_one(id, &key, &none, &resend, &why), RC_ABSENT);
	assert_null(resend);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_one_copy_serves_all_who_are_chosen),
		TEST(test_what_is_dropped_leaves_nothing),
		TEST(test_what_cannot_be_opened_is_told),
	};
	return cmocka_run_group_tests_name("deposit/resend", tests, NULL, NULL);
}
