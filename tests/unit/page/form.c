#include "page/form.h"

#include "support/unit.h"

static const struct {
	const char *name, *body, *value;
	enum rc rc;
	const char *why;
} table[] = {
	{ "one field", "code=x", "x", RC_OK, "" },
	{ "among others", "a=1&code=two+words&b=2", "two words", RC_OK, "" },
	{ "escapes", "code=%C3%a9%26%3D%25%2B", "\xc3\xa9&=%+", RC_OK, "" },
	{ "an escaped name", "%63od%65=x", "x", RC_OK, "" },
	{ "empty", "code=", "", RC_OK, "" },
	{ "a value with =", "code=a=b", "a=b", RC_OK, "" },
	{ "not there", "a=1", NULL, RC_ABSENT, "" },
	{ "no value at all", "code", NULL, RC_ABSENT, "" },
	{ "nothing", "", NULL, RC_ABSENT, "" },
	{ "another that begins alike", "codes=1&cod=2", NULL, RC_ABSENT, "" },
	{ "a name with a NUL", "code%00=1", NULL, RC_ABSENT, "" },
	{ "twice", "code=1&code=1", NULL, RC_INVALID, "a form has \"code\" twice" },
	{ "half an escape", "code=%4", NULL, RC_INVALID, "a % of a form lacks its two digits" },
	{ "no escape", "code=%zz", NULL, RC_INVALID, "a % of a form lacks its two digits" },
	{ "a broken name is another name", "%zz=1&code=2", "2", RC_OK, "" },
	{ "too long", "code=12345678901234567", NULL, RC_LIMIT, "a field of a form is too long" },
};

static void test_get(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct buf out = BUF_INIT(16);
		struct fault why = { 0 };

		print_message("   %s\n", table[i].name);
		assert_int_equal(page_form_get(slice_of(table[i].body), "code", &out, &why),
				 table[i].rc);
		assert_string_equal(why.text, table[i].why);
		if (table[i].rc == RC_OK)
			assert_string_equal(buf_text(&out), table[i].value);
		else
			assert_int_equal(out.len, 0);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_get) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
