#include "inspect/aumark.h"

#include "base/buf.h"
#include "support/unit.h"

#define AU "VER=2025.1, NS=gov.au, "

static const struct {
	const char *name, *field, *in;
	const char *values; /* each after a "/"; NULL: no marking */
} rows[] = {
	{ "all of it", "X-Protective-Marking",
	  AU "SEC=PROTECTED, CAVEAT=RI:AGAO, CAVEAT=SH:CABINET, EXPIRES=2030-01-01, "
	     "DOWNTO=OFFICIAL, ACCESS=Legal-Privilege, ACCESS=Personal-Privacy, "
	     "NOTE=by hand, ORIGIN=jane@agency.example",
	  "/PROTECTED" },
	{ "the least", "x-protective-marking", AU "SEC=OFFICIAL, ORIGIN=j@agency.example",
	  "/OFFICIAL" },
	{ "as the standard writes it, whatever the letters", "X-Protective-Marking",
	  AU "sec=official:sensitive, origin=j@agency.example", "/OFFICIAL:Sensitive" },
	{ "an unknown version", "X-Protective-Marking", "VER=2031.7, NS=gov.au, SEC=SECRET",
	  "/SECRET" },
	{ "no version", "X-Protective-Marking", "SEC=TOP-SECRET", "/TOP-SECRET" },
	{ "no blanks after commas", "X-Protective-Marking", "VER=2018.6,NS=gov.au,SEC=UNOFFICIAL",
	  "/UNOFFICIAL" },
	{ "an escaped comma hides no key", "X-Protective-Marking",
	  AU "SEC=SECRET, NOTE=a\\, SEC=OFFICIAL, ORIGIN=j@agency.example", "/SECRET" },
	{ "an escaped backslash before a comma", "X-Protective-Marking",
	  AU "SEC=SECRET, NOTE=a\\\\, ORIGIN=j@agency.example", "/SECRET" },
	{ "an older level", "X-Protective-Marking", "VER=2012.3, NS=gov.au, SEC=CONFIDENTIAL",
	  "/CONFIDENTIAL" },
	{ "an older limiting marker", "X-Protective-Marking",
	  "VER=2012.3, NS=gov.au, SEC=UNCLASSIFIED, DLM=For-Official-Use-Only", "/UNCLASSIFIED" },
	{ "out of order", "X-Protective-Marking", "NS=gov.au, VER=2025.1, SEC=PROTECTED", "/" },
	{ "two levels", "X-Protective-Marking", AU "SEC=OFFICIAL, SEC=SECRET", "/" },
	{ "no such level", "X-Protective-Marking", AU "SEC=VERY-SECRET", "/" },
	{ "no level", "X-Protective-Marking", AU "ORIGIN=j@agency.example", "/" },
	{ "no such caveat", "X-Protective-Marking", AU "SEC=OFFICIAL, CAVEAT=XX:a", "/" },
	{ "a caveat without a value", "X-Protective-Marking", AU "SEC=OFFICIAL, CAVEAT=RI:", "/" },
	{ "no such access", "X-Protective-Marking", AU "SEC=OFFICIAL, ACCESS=All", "/" },
	{ "ends, but not down to what", "X-Protective-Marking", AU "SEC=SECRET, EXPIRES=2030-01-01",
	  "/" },
	{ "an unknown key", "X-Protective-Marking", AU "SEC=OFFICIAL, COLOUR=red", "/" },
	{ "a backslash at the end", "X-Protective-Marking", AU "SEC=OFFICIAL, NOTE=a\\", "/" },
	{ "no value", "X-Protective-Marking", AU "SEC=", "/" },
	{ "nothing", "X-Protective-Marking", "", "/" },
	{ "prose", "X-Protective-Marking", "please protect", "/" },
	{ "another field", "X-Marking", AU "SEC=SECRET", NULL },
	{ "in a subject", "Subject", "Minutes [SEC=PROTECTED]", "/PROTECTED" },
	{ "in a subject, with more", "Subject",
	  "Minutes [SEC=OFFICIAL:Sensitive, ACCESS=Legal-Privilege]", "/OFFICIAL:Sensitive" },
	{ "not at a subject's end", "Subject", "Minutes [sec=secret] (3)", "/SECRET" },
	{ "two in a subject", "Subject", "Re: a [SEC=OFFICIAL] [SEC=SECRET]", "/OFFICIAL/SECRET" },
	{ "cut off in a subject", "Subject", "Minutes [SEC=SECRET", "/" },
	{ "an escaped bracket in a subject", "Subject", "a [SEC=SECRET, NOTE=\\]]", "/SECRET" },
	{ "a subject without", "Subject", "SEC=SECRET sells [sec]", NULL },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct detector_hit hits[DETECTOR_FIELD_HITS];
		struct slice name = { rows[i].field, strlen(rows[i].field) };
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		struct buf out = BUF_INIT(1024);
		size_t count = aumark_take(name, in, hits);
		for (size_t k = 0; k < count; k++) {
			(void)!buf_add_byte(&out, '/');
			(void)!buf_add(&out, hits[k].value, hits[k].value_len);
			assert_true(hits[k].at + hits[k].len <= in.len);
		}
		if (strcmp(buf_text(&out), rows[i].values ? rows[i].values : "") != 0)
			fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
}

static void test_where_in_a_subject(void **state)
{
	const struct slice in = SLICE("a [SEC=SECRET] b");
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	assert_int_equal(aumark_take(SLICE("Subject"), in, hits), 1);
	assert_int_equal(hits[0].at, 2);
	assert_int_equal(hits[0].len, strlen("[SEC=SECRET]"));
}

/* The last of them stands for the rest, which are not called low. */
static void test_no_more_than_there_is_room(void **state)
{
	struct buf in = BUF_INIT(4096);
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	for (size_t i = 0; i < DETECTOR_FIELD_HITS + 5; i++)
		assert_int_equal(buf_add_text(&in, "[SEC=SECRET]"), RC_OK);
	assert_int_equal(aumark_take(SLICE("Subject"), buf_slice(&in), hits), DETECTOR_FIELD_HITS);
	assert_int_equal(hits[DETECTOR_FIELD_HITS - 2].value_len, strlen("SECRET"));
	assert_int_equal(hits[DETECTOR_FIELD_HITS - 1].value_len, 0);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_where_in_a_subject),
					    cmocka_unit_test(test_no_more_than_there_is_room) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
