#include "base/table.h"

#include "support/unit.h"

#include <stdio.h>

static struct slice key_of(size_t i, char text[32])
{
	return (struct slice){ text, (size_t)snprintf(text, 32, "host-%zu.example", i) };
}

static void test_holds_what_it_was_given(void **state)
{
	(void)state;
	static int values[5000];
	struct table *t = table_new();
	char text[32];

	for (size_t i = 0; i < COUNT(values); i++)
		assert_true(table_set(t, key_of(i, text), &values[i], NULL));
	assert_int_equal(table_count(t), COUNT(values));
	for (size_t i = 0; i < COUNT(values); i++)
		assert_ptr_equal(table_find(t, key_of(i, text)), &values[i]);
	assert_null(table_find(t, SLICE("host-5000.example")));
	table_free(t);
}

static void test_removed_keys_are_gone_and_the_rest_stays(void **state)
{
	(void)state;
	static int values[1000];
	struct table *t = table_new();
	char text[32];

	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < COUNT(values); i++)
			assert_true(table_set(t, key_of(i, text), &values[i], NULL));
		for (size_t i = 0; i < COUNT(values); i += 2)
			assert_ptr_equal(table_remove(t, key_of(i, text)), &values[i]);
		for (size_t i = 0; i < COUNT(values); i++)
			assert_ptr_equal(table_find(t, key_of(i, text)), i % 2 ? &values[i] : NULL);
		assert_int_equal(table_count(t), COUNT(values) / 2);
	}
	assert_null(table_remove(t, SLICE("never there")));
	table_free(t);
}

static void test_setting_again_hands_the_old_value_out(void **state)
{
	(void)state;
	struct table *t = table_new();
	int a, b;
	void *old = &a;

	assert_true(table_set(t, SLICE("k"), &a, &old));
	assert_null(old);
	assert_true(table_set(t, SLICE("k"), &b, &old));
	assert_ptr_equal(old, &a);
	assert_int_equal(table_count(t), 1);
	table_free(t);
}

static void test_walks_each_entry_once(void **state)
{
	(void)state;
	struct table *t = table_new();
	int seen[100] = { 0 };
	char text[32];
	size_t at = 0;
	struct slice key;
	void *value;

	for (size_t i = 0; i < COUNT(seen); i++)
		assert_true(table_set(t, key_of(i, text), &seen[i], NULL));
	while (table_next(t, &at, &key, &value))
		++*(int *)value;
	for (size_t i = 0; i < COUNT(seen); i++)
		assert_int_equal(seen[i], 1);
	table_free(t);
}

static void test_keys_may_hold_any_byte(void **state)
{
	(void)state;
	struct table *t = table_new();
	int a, b, c;

	assert_true(table_set(t, (struct slice){ "x\0y", 3 }, &a, NULL));
	assert_true(table_set(t, (struct slice){ "x\0z", 3 }, &b, NULL));
	assert_true(table_set(t, (struct slice){ NULL, 0 }, &c, NULL));
	assert_ptr_equal(table_find(t, (struct slice){ "x\0y", 3 }), &a);
	assert_ptr_equal(table_find(t, (struct slice){ "x\0z", 3 }), &b);
	assert_ptr_equal(table_find(t, (struct slice){ NULL, 0 }), &c);
	table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds_what_it_was_given),
		cmocka_unit_test(test_removed_keys_are_gone_and_the_rest_stays),
		cmocka_unit_test(test_setting_again_hands_the_old_value_out),
		cmocka_unit_test(test_walks_each_entry_once),
		cmocka_unit_test(test_keys_may_hold_any_byte),
	};
	return cmocka_run_group_tests_name("base/table", tests, NULL, NULL);
}
