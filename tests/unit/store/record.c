#include "store/store.h"

#include "support/backend.h"

static struct slice key_of(const char *bytes, size_t len)
{
	return (struct slice){ bytes, len };
}

static void assert_value(const char *bucket, struct slice key, int64_t now_s, const char *value)
{
	struct buf out = BUF_INIT(100);
	enum rc rc = store_get(tx, bucket, key, now_s, &out, NULL);

	assert_int_equal(rc, value ? RC_OK : RC_ABSENT);
	assert_string_equal(buf_text(&out), value ? value : "");
	buf_free(&out);
}

static void test_put_and_get(void **state)
{
	(void)state;
	begin();
	assert_value("sts", SLICE("a.example"), 0, NULL);
	assert_int_equal(store_put(tx, "sts", SLICE("a.example"), SLICE("one"), 0, NULL), RC_OK);
	assert_int_equal(store_put(tx, "sts", SLICE("b.example"), SLICE(""), 0, NULL), RC_OK);
	assert_int_equal(store_put(tx, "retry", SLICE("a.example"), SLICE("other"), 0, NULL),
			 RC_OK);
	assert_int_equal(store_put(tx, "sts", SLICE("a\0b"), SLICE("bytes"), 0, NULL), RC_OK);
	commit();
	begin();
	assert_value("sts", SLICE("a.example"), 0, "one");
	assert_value("sts", SLICE("b.example"), 0, "");
	assert_value("sts", SLICE("a\0b"), 0, "bytes");
	assert_value("sts", SLICE("a"), 0, NULL);
	assert_value("retry", SLICE("a.example"), 0, "other");
	assert_int_equal(store_put(tx, "sts", SLICE("a.example"), SLICE("two"), 0, NULL), RC_OK);
	assert_value("sts", SLICE("a.example"), 0, "two");
	assert_int_equal(store_delete(tx, "sts", SLICE("a.example"), NULL), RC_OK);
	assert_int_equal(store_delete(tx, "sts", SLICE("a.example"), NULL), RC_OK);
	assert_value("sts", SLICE("a.example"), 0, NULL);
	assert_value("retry", SLICE("a.example"), 0, "other");
	commit();
}

static void test_expiry(void **state)
{
	(void)state;
	begin();
	assert_int_equal(store_put(tx, "sts", SLICE("a"), SLICE("x"), 100, NULL), RC_OK);
	assert_int_equal(store_put(tx, "sts", SLICE("b"), SLICE("y"), STORE_FOREVER, NULL), RC_OK);
	assert_value("sts", SLICE("a"), 99, "x");
	assert_value("sts", SLICE("a"), 100, NULL);
	assert_value("sts", SLICE("b"), 1 << 30, "y");
	assert_int_equal(store_purge(tx, 99, NULL), RC_OK);
	assert_value("sts", SLICE("a"), 99, "x");
	assert_int_equal(store_purge(tx, 100, NULL), RC_OK);
	assert_value("sts", SLICE("a"), 0, NULL);
	assert_value("sts", SLICE("b"), 0, "y");
	commit();
}

static void test_bounds(void **state)
{
	static char many[STORE_RECORD_MAX + 1];
	struct fault why = { 0 };
	struct buf out = BUF_INIT(3);

	(void)state;
	begin();
	assert_int_equal(
		store_put(tx, "x", SLICE("k"), (struct slice){ many, sizeof many }, 0, &why),
		RC_LIMIT);
	assert_string_equal(why.text, "record of 1 and 1048577 bytes is too long for the store");
	assert_int_equal(
		store_put(tx, "x", (struct slice){ many, STORE_KEY_MAX + 1 }, SLICE(""), 0, &why),
		RC_LIMIT);
	assert_int_equal(
		store_put(tx, "x", SLICE("k"), (struct slice){ many, STORE_RECORD_MAX }, 0, &why),
		RC_OK);
	assert_int_equal(store_get(tx, "x", SLICE("k"), 0, &out, &why), RC_LIMIT);
	assert_string_equal(why.text, "record is longer than 3 bytes");
	commit(); /* a limit met does not fail the transaction */
	buf_free(&out);
}

struct seen {
	char text[100];
	unsigned left;
};

static bool see(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	snprintf(seen->text + len, sizeof seen->text - len, "%.*s=%.*s/%d ", SLICE_ARG(key),
		 SLICE_ARG(value), (int)until_s);
	return --seen->left > 0;
}

static void test_each(void **state)
{
	struct seen all = { .left = 10 }, two = { .left = 2 }, none = { .left = 10 };

	(void)state;
	begin();
	assert_int_equal(store_put(tx, "sts", SLICE("b"), SLICE("2"), 50, NULL), RC_OK);
	assert_int_equal(store_put(tx, "sts", SLICE("c"), SLICE("3"), 0, NULL), RC_OK);
	assert_int_equal(store_put(tx, "sts", SLICE("a"), SLICE("1"), 60, NULL), RC_OK);
	assert_int_equal(store_put(tx, "no", SLICE("a"), SLICE("1"), 0, NULL), RC_OK);
	assert_int_equal(store_each(tx, "sts", 10, see, &all, NULL), RC_OK);
	assert_string_equal(all.text, "a=1/60 b=2/50 c=3/0 ");
	assert_int_equal(store_each(tx, "sts", 50, see, &two, NULL), RC_OK);
	assert_string_equal(two.text, "a=1/60 c=3/0 ");
	assert_int_equal(store_each(tx, "nothing", 0, see, &none, NULL), RC_OK);
	assert_string_equal(none.text, "");
	commit();
}

static void test_delete_under(void **state)
{
	static const struct {
		const char *what, *bytes;
		size_t len;
		bool goes;
	} rows[] = {
		{ "the prefix itself", "ab\xff", 3, true },
		{ "one longer", "ab\xff\0x", 5, true },
		{ "as high as can be", "ab\xff\xff\xff", 5, true },
		{ "one shorter", "ab", 2, false },
		{ "just above", "ac", 2, false },
		{ "just below", "ab\xfe\xff", 4, false },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
			store_put(tx, "x", key_of(rows[i].bytes, rows[i].len), SLICE("v"), 0, NULL),
			RC_OK);
	}
	assert_int_equal(store_put(tx, "y", SLICE("ab\xff"), SLICE("v"), 0, NULL), RC_OK);
	assert_int_equal(store_put(tx, "z", SLICE("\xff\xff\xff"), SLICE("v"), 0, NULL), RC_OK);
	assert_int_equal(store_put(tx, "z", SLICE("\xfe"), SLICE("v"), 0, NULL), RC_OK);
	assert_int_equal(store_delete_under(tx, "x", SLICE("ab\xff"), NULL), RC_OK);
	assert_int_equal(store_delete_under(tx, "z", SLICE("\xff\xff"), NULL), RC_OK);
	assert_int_equal(store_delete_under(tx, "x", SLICE(""), NULL), RC_LIMIT);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		print_message("   %s\n", rows[i].what);
		assert_value("x", key_of(rows[i].bytes, rows[i].len), 0, rows[i].goes ? NULL : "v");
	}
	assert_value("y", SLICE("ab\xff"), 0, "v");
	assert_value("z", SLICE("\xff\xff\xff"), 0, NULL);
	assert_value("z", SLICE("\xfe"), 0, "v");
	commit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_delete_under), TEST(test_put_and_get), TEST(test_expiry),
		TEST(test_bounds),       TEST(test_each),
	};
	return cmocka_run_group_tests_name("store/record", tests, NULL, NULL);
}
