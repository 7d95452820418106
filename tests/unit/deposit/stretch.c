#include "deposit/stretch.h"

#include "base/cleanup.h"
#include "support/unit.h"

static const uint8_t id[STORE_ID_BYTES] = { 1, 2 };

static void test_as_one_by_one(void **state)
{
	const struct deposit_party parties[] = {
		{ .id = id, .address = SLICE("b@plain.test"), .phrase = SLICE("kalim botar") },
		{ .id = id, .address = SLICE("c@plain.test") },
		{ .id = id, .address = SLICE("d@plain.test"), .phrase = SLICE("rilos fanit") },
	};
	CLEANUP(deposit_stretch_free) struct deposit_stretch *s = NULL;
	struct crypto_key key;

	(void)state;
	assert_int_equal(deposit_stretch_start(parties, COUNT(parties), &s, NULL), RC_OK);
	assert_int_equal(deposit_stretch_wait(s, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(parties); i++) {
		assert_int_equal(deposit_derive_stretch(&parties[i],
							parties[i].phrase.len ? 600000 : 0, &key,
							NULL),
				 RC_OK);
		assert_memory_equal(&key, deposit_stretch_key(s, i), sizeof key);
	}
}

static void test_a_failure_is_told(void **state)
{
	static const char far[2000];
	const struct deposit_party parties[] = {
		{ .id = id, .address = SLICE("b@plain.test") },
		{ .id = id, .address = { far, sizeof far }, .phrase = SLICE("kalim") },
	};
	CLEANUP(deposit_stretch_free) struct deposit_stretch *s = NULL;
	struct fault why;

	(void)state;
	assert_int_equal(deposit_stretch_start(parties, 2, &s, NULL), RC_OK);
	assert_int_equal(deposit_stretch_wait(s, &why), RC_LIMIT);
	assert_non_null(strstr(why.text, "address"));
}

static void test_left_before_its_end(void **state)
{
	const struct deposit_party party = { .id = id,
					     .address = SLICE("b@plain.test"),
					     .phrase = SLICE("kalim") };
	struct deposit_stretch *s = NULL;

	(void)state;
	assert_int_equal(deposit_stretch_start(&party, 1, &s, NULL), RC_OK);
	deposit_stretch_free(&s);
	assert_null(s);
	deposit_stretch_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_one_by_one),
		cmocka_unit_test(test_a_failure_is_told),
		cmocka_unit_test(test_left_before_its_end),
	};
	return cmocka_run_group_tests_name("deposit/stretch", tests, NULL, NULL);
}
