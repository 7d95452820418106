#include "inspect/combine.h"

#include "support/unit.h"

#include <stdio.h>

enum { TESTS = 5, MARKERS = 3 };

/* Every test: a, b, c are bodies, h is a header field. */
#define A "{ body = \"a\"; }"
#define B "{ body = \"b\"; }"
#define C "{ body = \"c\"; }"
#define H "{ header = \"H\"; }"
#define MARKER(name, rest) "{ name = \"" name "\"; " rest " }"

/* For each marker, in its order: 's' seen, 'u' beyond doubt, 'l' whatever was unread, 'm' could
 * hold. Of each test: '1' it hit, '?' it hit in doubt. */
static const struct {
	const char *says, *markers;
	const char *hits;  /* of each test, in the order of the text */
	const char *doubt; /* "", "content" or "header" */
	const char *answers;
} rows[] = {
	{ "any, none there", MARKER("x", "any = (" A "," B ");"), "00", "", "----" },
	{ "any, one there", MARKER("x", "any = (" A "," B ");"), "01", "", "sulm" },
	{ "any, unread", MARKER("x", "any = (" A "," B ");"), "00", "content", "---m" },
	{ "all, one there", MARKER("x", "all = (" A "," B ");"), "01", "", "----" },
	{ "all, both there", MARKER("x", "all = (" A "," B ");"), "11", "", "sulm" },
	{ "all, the other unread", MARKER("x", "all = (" A "," B ");"), "01", "content", "---m" },
	{ "all, the other was read", MARKER("x", "all = (" A "," H ");"), "10", "content", "----" },
	{ "all, the other in an unread header", MARKER("x", "all = (" A "," H ");"), "10", "header",
	  "---m" },
	{ "a label of the header alone, the body unread",
	  MARKER("x", "any = ( { detector = \"msip-label\"; } );"), "0", "content", "----" },
	{ "a label that documents have too, the body unread",
	  MARKER("x", "any = ( { detector = \"nato-label\"; } );"), "0", "content", "---m" },
	{ "which is looked for in the header alone",
	  MARKER("x", "any = ( { detector = \"nato-label\"; where = [ \"header\" ]; } );"), "0",
	  "content", "----" },
	{ "two of three, one there", MARKER("x", "any = (" A "," B "," C "); min_tests = 2;"),
	  "010", "", "----" },
	{ "two of three", MARKER("x", "any = (" A "," B "," C "); min_tests = 2;"), "011", "",
	  "sulm" },
	{ "two of three, one there, one unread",
	  MARKER("x", "any = (" A "," H "," C "); min_tests = 2;"), "100", "content", "---m" },
	{ "two of three, none there, one could be",
	  MARKER("x", "any = (" A "," H "," H "); min_tests = 2;"), "000", "content", "----" },
	{ "not, and it is not", MARKER("x", "any = (" A "); not = (" B ");"), "10", "", "sulm" },
	{ "not, and it is", MARKER("x", "any = (" A "); not = (" B ");"), "11", "", "----" },
	{ "doubt does not make a not remove protection",
	  MARKER("x", "any = (" A "); not = (" B ");"), "10", "content", "su-m" },
	{ "what was seen does, whatever else is unread",
	  MARKER("x", "any = (" A "); not = (" B ");"), "11", "content", "----" },
	{ "not any of two", MARKER("x", "any = (" A "); not = (" B "," C ");"), "101", "", "----" },
	{ "not alone, and nothing is there", MARKER("x", "not = (" A ");"), "0", "", "sulm" },
	{ "not alone, and it is there", MARKER("x", "not = (" A ");"), "1", "", "----" },
	{ "a marker in a marker",
	  MARKER("x", "any = (" A ");") "," MARKER("y", "all = ( { marker = \"x\"; }," B ");"),
	  "101", "",
	  "sulm"
	  "sulm" },
	{ "a marker in a marker, that does not hold",
	  MARKER("x", "any = (" A ");") "," MARKER("y", "all = ( { marker = \"x\"; }," B ");"),
	  "001", "",
	  "----"
	  "----" },
	{ "named before it is said",
	  MARKER("y", "all = ( { marker = \"x\"; }," B ");") "," MARKER("x", "any = (" A ");"),
	  "011", "",
	  "sulm"
	  "sulm" },
	{ "not a marker that does not hold",
	  MARKER("x", "any = (" A ");") "," MARKER("y",
						   "any = (" B "); not = ( { marker = \"x\"; } );"),
	  "010", "",
	  "----"
	  "sulm" },
	{ "not a marker that holds",
	  MARKER("x", "any = (" A ");") "," MARKER("y",
						   "any = (" B "); not = ( { marker = \"x\"; } );"),
	  "110", "",
	  "sulm"
	  "----" },
	{ "not a marker that only could hold",
	  MARKER("x", "any = (" H ", " A ");") "," MARKER("y", "any = (" B
							       "); not = ( { marker = \"x\"; } );"),
	  "0010", "content",
	  "---m"
	  "su-m" },
	{ "not a marker that might be lifted by its own not: it could be in force",
	  MARKER("x", "any = (" A "); not = (" C
		      ");") "," MARKER("y", "any = (" B "); not = ( { marker = \"x\"; } );"),
	  "1010", "content",
	  "su-m"
	  "---m" },
	{ "in doubt", MARKER("x", "any = (" A ");"), "?", "", "s--m" },
	{ "doubt of what was read lifts nothing either",
	  MARKER("x", "any = (" A "); not = (" B ");"), "1?", "", "s--m" },
	{ "in doubt, within a marker that is lifted by it",
	  MARKER("x", "any = (" A ");") "," MARKER("y",
						   "any = (" B "); not = ( { marker = \"x\"; } );"),
	  "?10", "", "s--ms--m" },
	{ "two of three, one in doubt", MARKER("x", "any = (" A "," B "," C "); min_tests = 2;"),
	  "1?0", "", "s--m" },
	{ "three deep",
	  MARKER("x", "any = (" A ");") "," MARKER(
		  "y",
		  "any = ( { marker = \"x\"; } );") "," MARKER("z",
							       "not = ( { marker = \"y\"; } );"),
	  "000", "",
	  "----"
	  "----"
	  "sulm" },
};

static void test_markers_hold_by_their_tests(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool hit[TESTS + 1] = { false }, certain[TESTS + 1] = { false };
		bool seen[MARKERS], sure[MARKERS], least[MARKERS], most[MARKERS];
		struct combine_doubt doubt = { strcmp(rows[i].doubt, "header") == 0,
					       rows[i].doubt[0] != '\0' };
		char text[1000], got[4 * MARKERS + 1] = "";
		const struct rules *rules;
		struct fault why = { "" };

		snprintf(text, sizeof text, "markers = ( %s );", rows[i].markers);
		if (rules_parse(slice_of(text), "f", &rules, &why) != RC_OK)
			fail_msg("%s: %s", rows[i].says, why.text);
		assert_int_equal(combine_test_count(rules), strlen(rows[i].hits));
		for (size_t k = 0; rows[i].hits[k]; k++)
			hit[k] = rows[i].hits[k] != '0', certain[k] = rows[i].hits[k] == '1';
		combine_markers(rules, (struct combine_tests){ hit, certain }, doubt,
				&(struct combine_answers){ seen, sure, least, most });
		for (size_t m = 0; m < rules->marker_count; m++)
			snprintf(got + 4 * m, 5, "%c%c%c%c", seen[m] ? 's' : '-',
				 sure[m] ? 'u' : '-', least[m] ? 'l' : '-', most[m] ? 'm' : '-');
		if (strcmp(got, rows[i].answers) != 0)
			fail_msg("%s: %s", rows[i].says, got);
		rules_unref(rules);
	}
}

/* Whatever the tests say: least implies sure, that implies seen, and that most. */
static void test_the_answers_lie_in_each_other(void **state)
{
	(void)state;
	static const char text[] =
		"markers = (" MARKER("x", "any = (" A "," H "); not = (" B ");") "," MARKER(
			"y", "any = ( { marker = \"x\"; }," C "); min_tests = 1; "
			     "not = ( { marker = \"z\"; } );") "," MARKER("z", "all = (" A "," C
									       ");") ");";
	const struct rules *rules;
	struct fault why;

	assert_int_equal(rules_parse(slice_of(text), "f", &rules, &why), RC_OK);
	assert_int_equal(combine_test_count(rules), 8);
	for (unsigned set = 0; set < 1u << 8; set++)
		for (unsigned d = 0; d < 6; d++) {
			bool hit[8], certain[8], seen[MARKERS], sure[MARKERS], least[MARKERS],
				most[MARKERS];
			struct combine_doubt doubt = { d % 3 == 2, d % 3 > 0 };
			for (unsigned k = 0; k < 8; k++) {
				hit[k] = set & 1u << k;
				certain[k] = hit[k] && (d < 3 || k % 3);
			}
			combine_markers(rules, (struct combine_tests){ hit, certain }, doubt,
					&(struct combine_answers){ seen, sure, least, most });
			for (size_t m = 0; m < MARKERS; m++) {
				assert_true(!least[m] || sure[m]);
				assert_true(!sure[m] || seen[m]);
				assert_true(!seen[m] || most[m]);
				assert_true(d || (least[m] == most[m]));
			}
		}
	rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markers_hold_by_their_tests),
		cmocka_unit_test(test_the_answers_lie_in_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
