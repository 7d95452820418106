#include "store/store.h"

#include "support/backend.h"

static struct store_outbox_row row(uint8_t id, int64_t next_s, const char *record)
{
	return (struct store_outbox_row){
		.id = { id },
		.made_s = 1000 - id,
		.next_s = next_s,
		.tries = 3,
		.record = { record, strlen(record) },
	};
}

static void add(struct store_outbox_row r)
{
	assert_int_equal(store_outbox_add(tx, &r, NULL), RC_OK);
}

static char text[200];

static bool see(void *arg, const struct store_outbox_row *r)
{
	size_t len = strlen(text);

	(void)arg;
	snprintf(text + len, sizeof text - len, "%d:%d:%d:%d:%u:%.*s ", r->id[0], (int)r->state,
		 (int)r->made_s, (int)r->next_s, (unsigned)r->tries, SLICE_ARG(r->record));
	return true;
}

static bool see_one(void *arg, const struct store_outbox_row *r)
{
	see(arg, r);
	return false;
}

static void assert_due(int64_t now_s, unsigned max, const char *expected)
{
	text[0] = '\0';
	assert_int_equal(store_outbox_due(tx, now_s, max, see, NULL, NULL), RC_OK);
	assert_string_equal(text, expected);
}

static void test_rows(void **state)
{
	struct fault why = { 0 };
	int64_t next_s = -1;

	(void)state;
	begin();
	assert_int_equal(store_outbox_next(tx, &next_s, &why), RC_ABSENT);
	add(row(1, 30, "one"));
	add(row(2, 10, "two"));
	add(row(3, 20, "three"));
	assert_int_equal(store_outbox_next(tx, &next_s, NULL), RC_OK);
	assert_int_equal(next_s, 10);
	struct store_outbox_row again = row(1, 0, "again");
	assert_int_equal(store_outbox_add(tx, &again, &why), RC_INVALID);
	commit();

	begin();
	assert_due(9, 10, "");
	assert_due(20, 10, "2:0:998:10:3:two 3:0:997:20:3:three ");
	assert_due(100, 2, "2:0:998:10:3:two 3:0:997:20:3:three ");
	text[0] = '\0';
	assert_int_equal(store_outbox_each(tx, see, NULL, NULL), RC_OK);
	assert_string_equal(text, "3:0:997:20:3:three 2:0:998:10:3:two 1:0:999:30:3:one ");
	text[0] = '\0';
	assert_int_equal(store_outbox_each(tx, see_one, NULL, NULL), RC_OK);
	assert_string_equal(text, "3:0:997:20:3:three ");
	commit();
}

static void test_set_and_remove(void **state)
{
	struct store_outbox_row r = row(2, 500, "later");
	int64_t next_s = -1;

	(void)state;
	begin();
	assert_int_equal(store_outbox_set(tx, &r, NULL), RC_ABSENT);
	add(row(1, 30, "one"));
	add(row(2, 10, "two"));
	r.tries = 4;
	assert_int_equal(store_outbox_set(tx, &r, NULL), RC_OK);
	assert_due(1000, 10, "1:0:999:30:3:one 2:0:998:500:4:later ");
	r.state = STORE_OUTBOX_STUCK;
	assert_int_equal(store_outbox_set(tx, &r, NULL), RC_OK);
	assert_due(1000, 10, "1:0:999:30:3:one ");
	assert_int_equal(store_outbox_remove(tx, r.id, NULL), RC_OK);
	assert_int_equal(store_outbox_remove(tx, r.id, NULL), RC_OK);
	assert_int_equal(store_outbox_next(tx, &next_s, NULL), RC_OK);
	assert_int_equal(next_s, 30);
	commit();
}

static void test_too_long(void **state)
{
	static char many[STORE_RECORD_MAX + 1];
	struct store_outbox_row r = { .record = { many, sizeof many } };
	struct fault why = { 0 };

	(void)state;
	begin();
	assert_int_equal(store_outbox_add(tx, &r, &why), RC_LIMIT);
	assert_string_equal(why.text, "outbox record of 1048577 bytes is too long");
	assert_int_equal(store_outbox_set(tx, &r, &why), RC_LIMIT);
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),
		TEST(test_set_and_remove),
		TEST(test_too_long),
	};
	return cmocka_run_group_tests_name("store/outbox", tests, NULL, NULL);
}
