#include "deposit/facts.h"

#include "support/scratch.h"
#include "support/unit.h"

static struct deposit_facts example(void)
{
	struct deposit_facts facts = {
		.scanned = true,
		.scan = { .date_s = 1795312345 },
		.recipient_count = 2,
		.recipients = { { .independent = true },
				{ .mode = DEPOSIT_MODE_SERVER, .picked_up_s = 1795399999 } },
	};

	deposit_scan_set(facts.scan.engine, sizeof facts.scan.engine, SLICE("ClamAV 1.0.7"));
	deposit_scan_set(facts.scan.result, sizeof facts.scan.result, SLICE("clean"));
	return facts;
}

static void assert_same(const struct deposit_facts *a, const struct deposit_facts *b)
{
	assert_int_equal(a->scanned, b->scanned);
	assert_string_equal(a->scan.engine, b->scan.engine);
	assert_string_equal(a->scan.result, b->scan.result);
	assert_int_equal(a->scan.date_s, b->scan.date_s);
	assert_int_equal(a->recipient_count, b->recipient_count);
	for (size_t i = 0; i < a->recipient_count; i++) {
		assert_int_equal(a->recipients[i].independent, b->recipients[i].independent);
		assert_int_equal(a->recipients[i].mode, b->recipients[i].mode);
		assert_int_equal(a->recipients[i].picked_up_s, b->recipients[i].picked_up_s);
	}
}

static void test_comes_back(void **state)
{
	static struct deposit_facts most = { .recipient_count = DEPOSIT_RECIPIENTS_MAX,
					     .scanned = true };
	struct deposit_facts facts = example(), none = { 0 }, back;
	struct buf out = BUF_INIT(DEPOSIT_FACTS_BYTES);

	(void)state;
	assert_int_equal(deposit_facts_encode(&facts, &out), RC_OK);
	assert_int_equal(deposit_facts_decode(buf_slice(&out), &back, NULL), RC_OK);
	assert_same(&facts, &back);

	buf_clear(&out);
	assert_int_equal(deposit_facts_encode(&none, &out), RC_OK);
	assert_int_equal(deposit_facts_decode(buf_slice(&out), &back, NULL), RC_OK);
	assert_same(&none, &back);

	memset(most.scan.engine, 'e', DEPOSIT_ENGINE_MAX);
	memset(most.scan.result, 'r', DEPOSIT_RESULT_MAX);
	buf_clear(&out);
	assert_int_equal(deposit_facts_encode(&most, &out), RC_OK);
	assert_int_equal(out.len, DEPOSIT_FACTS_BYTES);
	assert_int_equal(deposit_facts_decode(buf_slice(&out), &back, NULL), RC_OK);
	assert_same(&most, &back);
	buf_free(&out);
}

static void test_damage(void **state)
{
	struct deposit_facts facts = example(), back = { .recipient_count = 77 };
	struct buf out = BUF_INIT(DEPOSIT_FACTS_BYTES + 1);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_facts_encode(&facts, &out), RC_OK);
	for (size_t len = 1; len < out.len; len++) {
		assert_int_equal(deposit_facts_decode((struct slice){ out.at, len }, &back, &why),
				 RC_INVALID);
		assert_string_equal(why.text, "a deposit's facts: it is cut short");
	}
	assert_int_equal(buf_add_byte(&out, 'x'), RC_OK);
	assert_int_equal(deposit_facts_decode(buf_slice(&out), &back, &why), RC_INVALID);
	out.at[0] = 2;
	assert_int_equal(deposit_facts_decode(buf_slice(&out), &back, &why), RC_INVALID);
	assert_string_equal(why.text, "a deposit's facts: another version");
	assert_int_equal(back.recipient_count, 77);
	buf_free(&out);
}

static const struct {
	const char *name, *text, *kept;
} texts[] = {
	{ "it fits", "clean", "clean" },
	{ "to the last byte", "1234567", "1234567" },
	{ "cut", "12345678", "1234567" },
	{ "cut before a character that would not fit whole", "123456\xc3\xa9", "123456" },
	{ "cut before what is no UTF-8", "ab\xff", "ab" },
	{ "empty", "", "" },
};

static void test_scan_text(void **state)
{
	char out[8];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		print_message("   %s\n", texts[i].name);
		deposit_scan_set(out, sizeof out, slice_of(texts[i].text));
		assert_string_equal(out, texts[i].kept);
	}
	deposit_scan_set(out, sizeof out, (struct slice){ "a\0b", 3 });
	assert_string_equal(out, "a");
}

static void test_store(void **state)
{
	static const uint8_t one[STORE_ID_BYTES] = { 1 }, two[STORE_ID_BYTES] = { 2 };
	struct deposit_facts facts = example(), back;
	struct scratch scratch;
	struct store *store = NULL;
	struct store_tx *tx = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_true(scratch_make(&scratch));
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_facts_put(tx, one, &facts, &why), RC_OK);
	assert_int_equal(deposit_facts_get(tx, one, &back, &why), RC_OK);
	assert_same(&facts, &back);
	assert_int_equal(deposit_facts_get(tx, two, &back, &why), RC_ABSENT);
	assert_string_equal(why.text, "no facts are kept of this deposit");
	assert_int_equal(deposit_facts_remove(tx, one, &why), RC_OK);
	assert_int_equal(deposit_facts_remove(tx, one, &why), RC_OK);
	assert_int_equal(deposit_facts_get(tx, one, &back, &why), RC_ABSENT);
	store_abandon(&tx);
	store_close(store);
	scratch_remove(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_scan_text),
		cmocka_unit_test(test_store),
	};
	return cmocka_run_group_tests_name("deposit/facts", tests, NULL, NULL);
}
