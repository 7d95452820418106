#include "base/netstring.h"

#include "support/unit.h"

static const struct {
	const char *name, *in;
	enum rc rc;
	const char *body, *rest;
} takes[] = {
	{ "a request", "9:strict a.,", RC_OK, "strict a.", "" },
	{ "two, the second begun", "1:x,2:y", RC_OK, "x", "2:y" },
	{ "nothing inside", "0:,", RC_OK, "", "" },
	{ "no byte yet", "", RC_ABSENT, "", "" },
	{ "the length is still coming", "1", RC_ABSENT, "", "" },
	{ "the body is still coming", "3:ab", RC_ABSENT, "", "" },
	{ "the comma is still coming", "2:ab", RC_ABSENT, "", "" },
	{ "a leading zero", "01:a,", RC_INVALID, "", "" },
	{ "no length", ":a,", RC_INVALID, "", "" },
	{ "a sign", "-1:a,", RC_INVALID, "", "" },
	{ "no comma where one must be", "1:ab", RC_INVALID, "", "" },
	{ "plain text", "GET / HTTP/1.1\r\n", RC_INVALID, "", "" },
	{ "exactly the bound", "10:0123456789,", RC_OK, "0123456789", "" },
	{ "one more than the bound, refused before its body", "11:", RC_LIMIT, "", "" },
	{ "a length without end", "9999999999", RC_LIMIT, "", "" },
};

static void test_take(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(takes); i++) {
		struct slice in = { takes[i].in, strlen(takes[i].in) }, body = { 0 };

		print_message("   %s\n", takes[i].name);
		assert_int_equal(netstring_take(&in, 10, &body), takes[i].rc);
		assert_true(slice_is(body, takes[i].body));
		assert_true(slice_is(in, takes[i].rc == RC_OK ? takes[i].rest : takes[i].in));
	}
}

static void test_what_is_added_is_taken(void **state)
{
	(void)state;
	struct buf b = BUF_INIT(12);
	struct slice body;

	assert_int_equal(netstring_add(&b, SLICE("OK x")), RC_OK);
	assert_int_equal(netstring_add(&b, SLICE("too long")), RC_LIMIT);
	struct slice all = buf_slice(&b);
	assert_int_equal(netstring_take(&all, 100, &body), RC_OK);
	assert_true(slice_is(body, "OK x"));
	assert_int_equal(all.len, 0); /* the one that did not fit left no piece behind */
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_what_is_added_is_taken),
	};
	return cmocka_run_group_tests_name("base/netstring", tests, NULL, NULL);
}
