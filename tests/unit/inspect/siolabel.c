#include "inspect/siolabel.h"

#include "support/unit.h"

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static const struct {
	const char *name, *field, *in, *value; /* NULL: no label */
} rows[] = {
	{ "all of it", "SIO-Label",
	  "marking=\"EXAMPLE CONFIDENTIAL\"; fgcolor=black; bgcolor=red; type=\":ess\"; "
	  "label=\"MQYGASkCAQE=\"",
	  "EXAMPLE CONFIDENTIAL" },
	{ "marking last", "sio-label", "type=\":x411\"; label=\"MQYGASkCAQE=\"; marking=\"SECRET\"",
	  "SECRET" },
	{ "no quotes", "SIO-Label", "marking=SECRET", "SECRET" },
	{ "blanks around it", "SIO-Label", " marking = \" SECRET \" ;", "SECRET" },
	{ "a comment", "SIO-Label", "(by hand) marking=\"A (B)\"", "A (B)" },
	{ "a semicolon within", "SIO-Label", "marking=\"SECRET; NO COPIES\"; bgcolor=red",
	  "SECRET; NO COPIES" },
	{ "escaped quotes", "SIO-Label", "marking=\"say \\\"no\\\"\"", "say \"no\"" },
	{ "in pieces", "SIO-Label",
	  "label*0=\"MQYG\"; label*1=\"ASkCAQE=\"; marking*0=\"TOP \"; marking*1=\"SECRET\"",
	  "TOP SECRET" },
	{ "in pieces, out of order", "SIO-Label", "marking*1=\"SECRET\"; marking*0=\"TOP \"",
	  "TOP SECRET" },
	{ "percent-encoded", "SIO-Label", "marking*=utf-8'de'VS%2DVERTRAULICH%20%C3%9C",
	  "VS-VERTRAULICH \xC3\x9C" },
	{ "in pieces, some percent-encoded", "SIO-Label",
	  "marking*0*=iso-8859-1''TR%C8S; marking*1=\" SECRET\"", "TR\xC3\x88S SECRET" },
	{ "the first of two", "SIO-Label", "marking=SECRET; marking=PUBLIC", "SECRET" },
	{ "no marking", "SIO-Label", "type=\":ess\"; label=\"MQYGASkCAQE=\"", "" },
	{ "an empty marking", "SIO-Label", "marking=\"\"", "" },
	{ "nothing", "SIO-Label", "", "" },
	{ "prose", "SIO-Label", "SECRET", "" },
	{ "as long as a value may be", "SIO-Label",
	  "marking=" FIFTY FIFTY FIFTY FIFTY FIFTY "123456",
	  FIFTY FIFTY FIFTY FIFTY FIFTY "123456" },
	{ "longer", "SIO-Label", "marking=" FIFTY FIFTY FIFTY FIFTY FIFTY "1234567", "" },
	{ "a piece too many", "SIO-Label", "marking*0=SECRET; marking*64=x", "" },
	{ "a former label", "SIO-Label-History", "marking=SECRET; new-marking=PUBLIC", NULL },
	{ "another field", "Label", "marking=SECRET", NULL },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct detector_hit hits[DETECTOR_FIELD_HITS];
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		size_t count = siolabel_take((struct slice){ rows[i].field, strlen(rows[i].field) },
					     in, hits);
		if (count != (rows[i].value != NULL))
			fail_msg("%s: %zu", rows[i].name, count);
		if (!count)
			continue;
		struct slice value = { hits[0].value, hits[0].value_len };
		if (!slice_is(value, rows[i].value))
			fail_msg("%s: \"%.*s\"", rows[i].name, SLICE_ARG(value));
		assert_int_equal(hits[0].len, in.len);
	}
}

static void test_another_parameter(void **state)
{
	struct buf out = BUF_INIT(64);
	(void)state;

	assert_int_equal(siolabel_find(SLICE("marking=A; label=B"), "label", &out), RC_OK);
	assert_string_equal(buf_text(&out), "B");
	assert_int_equal(siolabel_find(SLICE("marking=A; label=B"), "type", &out), RC_ABSENT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_another_parameter) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
