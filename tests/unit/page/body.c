#include "page/body.h"

#include "support/unit.h"

#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const unsigned needs = PAGE_FIELD_TICKET | PAGE_FIELD_AUTH2;
static const unsigned may = PAGE_FIELD_PIN | PAGE_FIELD_FROM;

static const struct {
	const char *name, *json, *why; /* why NULL: it is one */
} table[] = {
	{ "all of it",
	  "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"code\":\"1234 5678\",\"from\":7}",
	  NULL },
	{ "what may be left out", "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\"}", NULL },
	{ "a field of tomorrow", "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"new\":[1]}",
	  NULL },
	{ "a field of another request",
	  "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"digest\":\"x\"}", NULL },
	{ "a field less", "{\"ticket\":\"" HEX "\"}", "a request lacks a field" },
	{ "nothing", "", "a request is no JSON object" },
	{ "an array", "[]", "a request is no JSON object" },
	{ "a field twice", "{\"ticket\":\"" HEX "\",\"ticket\":\"" HEX "\"}",
	  "a request is no JSON object" },
	{ "digits too few", "{\"ticket\":\"00\",\"auth2\":\"" HEX "\"}",
	  "ticket is not what it has to be" },
	{ "not digits", "{\"ticket\":5,\"auth2\":\"" HEX "\"}", "ticket is not what it has to be" },
	{ "a code that is none", "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"code\":\"12x\"}",
	  "code is not what it has to be" },
	{ "a code too long",
	  "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"code\":\"12345678901234567\"}",
	  "code is not what it has to be" },
	{ "an empty code", "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"code\":\"\"}",
	  "code is not what it has to be" },
	{ "an offset below nothing", "{\"ticket\":\"" HEX "\",\"auth2\":\"" HEX "\",\"from\":-1}",
	  "from is not what it has to be" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct page_body body = { .from = 99 };
		struct fault why = { 0 };

		print_message("   %s\n", table[i].name);
		assert_int_equal(page_body_parse(slice_of(table[i].json), needs, may, &body, &why),
				 table[i].why ? RC_INVALID : RC_OK);
		assert_string_equal(why.text, table[i].why ? table[i].why : "");
		if (table[i].why)
			assert_int_equal(body.from, 99);
		else
			assert_int_equal(body.has & needs, needs);
	}
}

static void test_values(void **state)
{
	struct page_body body;

	(void)state;
	assert_int_equal(page_body_parse(slice_of(table[0].json), needs, may, &body, NULL), RC_OK);
	assert_int_equal(body.ticket[1], 0x11);
	assert_int_equal(body.proof[31], 0xff);
	assert_string_equal(body.pin, "12345678");
	assert_int_equal(body.from, 7);
	assert_int_equal(body.has, needs | may);
	page_body_wipe(&body);
	assert_int_equal(body.proof[31], 0);
}

static void test_length(void **state)
{
	static char json[PAGE_BODY_MAX + 1];
	struct page_body body;
	struct fault why;

	(void)state;
	memset(json, ' ', sizeof json);
	assert_int_equal(page_body_parse((struct slice){ json, sizeof json }, 0, 0, &body, &why),
			 RC_LIMIT);
	assert_string_equal(why.text, "a request has more than 4096 bytes");
	json[0] = '{';
	json[1] = '}';
	assert_int_equal(page_body_parse((struct slice){ json, PAGE_BODY_MAX }, 0, 0, &body, &why),
			 RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
