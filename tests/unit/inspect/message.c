#include "inspect/message.h"

#include "support/inspected.h"
#include "support/unit.h"

#include <stdio.h>

static const char rules[] =
	"markers = ( { name = \"a\"; any = ( { detector = \"opaque\"; value = \"zip\"; } ); },"
	" { name = \"b\"; any = ( { detector = \"opaque\"; where = [ \"header\" ]; } ); } );";

static void test_a_hit_counts_where_its_test_wants_it(void **state)
{
	struct inspect_rules *r = inspected_rules(rules, INSPECT_LIMITS_DEFAULT);
	struct inspect *m = inspect_open(r);
	struct detector_hit hit = { .len = 7, .value_len = 7, .value = "zip-ped" };
	struct sighting s = { .where = RULES_BODY, .part = "1", .text = SLICE("zip-ped") };
	struct buf out = BUF_INIT(4096);
	const struct detector *d = detector_find("opaque");
	long first = -1;
	(void)state;

	for (size_t i = 0; detector_at(i); i++)
		first = detector_at(i) == d ? r->first[i] : first;
	assert_non_null(message_scratch(m));
	message_leave(m);
	assert_true(message_wants(m, 0, SLICE("a zip")));
	assert_false(message_wants(m, 0, SLICE("a pdf")));
	assert_true(message_wants(m, 1, SLICE("a pdf"))); /* it asks for no value */
	message_add_hit(m, first, &hit, &s);
	message_leave(m);
	inspected_format(inspect_end(m), NULL, &out);
	assert_non_null(strstr(buf_text(&out), "hit 0\n"));
	assert_null(strstr(buf_text(&out), "hit 1\n"));
	buf_free(&out);
	inspect_free(m);
	inspect_rules_unref(r);
}

static void test_what_the_envelope_asks_for(void **state)
{
	static const struct {
		const char *test, *out;
	} rows[] = {
		{ "detector = \"require-tls\";", "m header :MAIL @0 \"MAIL REQUIRETLS\"\nhit 0\n" },
		{ "detector = \"require-tls\"; value = \"^requiretls$\";",
		  "m header :MAIL @0 \"MAIL REQUIRETLS\"\nhit 0\n" },
		{ "detector = \"require-tls\"; value = \"authenticated\";", "" },
		{ "detector = \"sensitivity\";", "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[200];
		struct buf out = BUF_INIT(4096);
		snprintf(text, sizeof text, "markers = ( { name = \"m\"; any = ( { %s } ); } );",
			 rows[i].test);
		struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		struct inspect *m = inspect_open(r);
		inspect_requiretls(m);
		inspect_header(m, SLICE("Subject"), SLICE("x"));
		inspect_headers_end(m);
		inspected_format(inspect_end(m), NULL, &out);
		assert_string_equal(buf_text(&out), rows[i].out);
		buf_free(&out);
		inspect_free(m);
		inspect_rules_unref(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_hit_counts_where_its_test_wants_it),
		cmocka_unit_test(test_what_the_envelope_asks_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
