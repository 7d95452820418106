#include "store/store.h"

#include "support/backend.h"

static struct store_deposit deposit(uint8_t id, int64_t made_s, const char *record)
{
	return (struct store_deposit){ .id = { id },
				       .made_s = made_s,
				       .until_s = made_s + 10,
				       .sender = SLICE("a@our.example"),
				       .record = { record, strlen(record) } };
}

static void add_recipient(uint8_t id, uint32_t number, const char *address, enum rc expected)
{
	const struct store_recipient r = { .deposit = { id },
					   .number = number,
					   .address = { address, strlen(address) },
					   .record = SLICE("keys") };

	assert_int_equal(store_recipient_add(tx, &r, NULL), expected);
}

static char text[300];

static bool see(void *arg, const struct store_deposit *d)
{
	size_t len = strlen(text);

	(void)arg;
	snprintf(text + len, sizeof text - len, "%d:%d:%d:%d:%.*s:%.*s ", d->id[0], (int)d->state,
		 (int)d->made_s, (int)d->until_s, SLICE_ARG(d->sender), SLICE_ARG(d->record));
	return true;
}

static bool see_recipient(void *arg, const struct store_recipient *r)
{
	size_t len = strlen(text);

	(void)arg;
	snprintf(text + len, sizeof text - len, "%d/%u:%u:%.*s:%.*s ", r->deposit[0],
		 (unsigned)r->number, (unsigned)r->state, SLICE_ARG(r->address),
		 SLICE_ARG(r->record));
	return true;
}

static void assert_recipients(uint8_t id, const char *expected)
{
	const uint8_t whole[STORE_ID_BYTES] = { id };

	text[0] = '\0';
	assert_int_equal(store_recipients(tx, whole, see_recipient, NULL, NULL), RC_OK);
	assert_string_equal(text, expected);
}

static void test_deposits(void **state)
{
	struct store_deposit one = deposit(1, 200, "one"), two = deposit(2, 100, "two");
	const uint8_t unknown[STORE_ID_BYTES] = { 9 };
	struct fault why = { 0 };

	(void)state;
	begin();
	add_recipient(1, 0, "early@plain.test", RC_INVALID); /* no deposit yet */
	assert_int_equal(store_deposit_add(tx, &one, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &two, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &one, &why), RC_INVALID);
	add_recipient(1, 1, "c@plain.test", RC_OK);
	add_recipient(1, 0, "b@plain.test", RC_OK);
	add_recipient(1, 0, "d@plain.test", RC_INVALID);
	add_recipient(2, 0, "b@plain.test", RC_OK);
	commit();

	begin();
	text[0] = '\0';
	assert_int_equal(store_deposit_each(tx, see, NULL, NULL), RC_OK);
	assert_string_equal(text, "2:0:100:110:a@our.example:two 1:0:200:210:a@our.example:one ");
	text[0] = '\0';
	assert_int_equal(store_deposit_find(tx, one.id, see, NULL, NULL), RC_OK);
	assert_string_equal(text, "1:0:200:210:a@our.example:one ");
	assert_int_equal(store_deposit_find(tx, unknown, see, NULL, &why), RC_ABSENT);
	assert_string_equal(why.text, "there is no such deposit");
	assert_recipients(1, "1/0:0:b@plain.test:keys 1/1:0:c@plain.test:keys ");
	assert_recipients(9, "");
	commit();
}

static void test_changes(void **state)
{
	struct store_deposit one = deposit(1, 200, "one");
	struct store_recipient r = { .deposit = { 1 }, .state = 4, .record = SLICE("gone") };

	(void)state;
	begin();
	assert_int_equal(store_deposit_set(tx, &one, NULL), RC_ABSENT);
	assert_int_equal(store_recipient_set(tx, &r, NULL), RC_ABSENT);
	assert_int_equal(store_deposit_add(tx, &one, NULL), RC_OK);
	add_recipient(1, 0, "b@plain.test", RC_OK);
	assert_int_equal(store_recipient_set(tx, &r, NULL), RC_OK);
	assert_recipients(1, "1/0:4:b@plain.test:gone ");
	one.state = STORE_DEPOSIT_REVOKED;
	one.until_s = 7;
	one.record = SLICE("");
	assert_int_equal(store_deposit_set(tx, &one, NULL), RC_OK);
	text[0] = '\0';
	assert_int_equal(store_deposit_find(tx, one.id, see, NULL, NULL), RC_OK);
	assert_string_equal(text, "1:1:200:7:a@our.example: ");
	commit();

	begin();
	assert_int_equal(store_deposit_remove(tx, one.id, NULL), RC_OK);
	assert_recipients(1, "");
	assert_int_equal(store_deposit_find(tx, one.id, see, NULL, NULL), RC_ABSENT);
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_deposits),
		TEST(test_changes),
	};
	return cmocka_run_group_tests_name("store/deposits", tests, NULL, NULL);
}
