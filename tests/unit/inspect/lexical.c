#include "inspect/lexical.h"

#include "support/inspected.h"
#include "support/scratch.h"
#include "support/unit.h"

#define PART "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"

static struct scratch scratch;

static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Options of the test, the message, what is found. */
static const struct {
	const char *name, *options, *message, *out;
} rows[] = {
	{ "in the body", "", "\r\nthe Falcon file\r\n", "m body 1 @4 \"Fa**on\"\nhit 0\n" },
	{ "in the Subject", "", "Subject: =?utf-8?Q?FAL?= =?utf-8?Q?CON?=\r\n\r\n",
	  "m subject :Subject @0 \"FA**ON\"\nhit 0\n" },
	{ "in another field", "", "X-Note: a falcon\r\n\r\n",
	  "m header :X-Note @2 \"fa**on\"\nhit 0\n" },
	{ "not in a trace field", "", "References: <falcon@x.test>\r\n\r\n", "" },
	{ "in an attachment", "where = [ \"attachment\" ];",
	  PART "Content-Type: text/csv; name=a.csv\r\n\r\n1,falcon\r\n--b--\r\n",
	  "m attachment 1 @2 \"fa**on\"\nhit 0\n" },
	{ "in a file name", "where = [ \"filename\" ];",
	  PART "Content-Disposition: attachment; filename=\"my-falcon.txt\"\r\n\r\nx\r\n--b--\r\n",
	  "m filename 1 @3 \"fa**on\"\nhit 0\n" },
	{ "only where asked", "where = [ \"subject\" ];", "\r\nfalcon\r\n", "" },
	{ "in HTML, cut by tags and blanks", "",
	  "Content-Type: text/html\r\n\r\n<p>Black<br>&nbsp;s<b></b>wan</p>",
	  "m body 1 @1 \"Bl***  **an\"\nhit 0\n" },
	{ "in quoted-printable, with a soft break", "",
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nblack sw=\r\nan\r\n",
	  "m body 1 @0 \"bl*** **an\"\nhit 0\n" },
	{ "in a longer word", "", "\r\nfalconry and black swans\r\n", "" },
	{ "one term twice is no two", "min_unique = 2;", "\r\nfalcon FALCON\r\n", "" },
	{ "two terms are", "min_unique = 2;", "\r\nfalcon\r\nblack\r\nswan\r\n",
	  "m body 1 @0 \"fa**on\"\nm body 1 @8 \"bl***  **an\"\nhit 0\n" },
	{ "an exception", "except = [ \"Falcon\" ];", "\r\nfalcon\r\n", "" },
	{ "a value expression", "value = \"^black\";", "\r\nfalcon, black swan\r\n",
	  "m body 1 @8 \"bl*** **an\"\nhit 0\n" },
	{ "a word near behind", "near = { words = [ \"secret\" ]; before = 0; after = 400; };",
	  "\r\nfalcon\r\n"
	  "                                                                              \r\n"
	  "                                                                              \r\n"
	  "secret\r\n",
	  "m body 1 @0 \"fa**on\"\nhit 0\n" },
	{ "a word near before", "near = { words = [ \"secret\" ]; before = 20; after = 0; };",
	  "\r\nfalcon secret falcon\r\n", "m body 1 @14 \"fa**on\"\nhit 0\n" },
	{ "no row goes on into another part", "", PART "\r\nblack\r\n--b\r\n\r\nswan\r\n--b--\r\n",
	  "" },
};

static void test_messages_in_chunks_of_every_size(void **state)
{
	char text[1000];
	(void)state;

	write_file("list", "# birds\nFalcon\nBlack Swan\n");
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof text,
			 "markers = ( { name = \"m\"; any = ( { detector = \"words\"; "
			 "file = \"%s\"; %s } ); } );",
			 scratch_path(&scratch, "list"), rows[i].options);
		struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		for (size_t step = 1; step < 400; step = step * 3 + 1) {
			struct buf out = inspected_message(r, slice_of(rows[i].message), step);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu: %s", rows[i].name, step, buf_text(&out));
			buf_free(&out);
		}
		inspect_rules_unref(r);
	}
}

/* Blanks of a phrase, and the text before it, of more than is kept. */
static void test_a_long_text(void **state)
{
	char text[1000];
	struct buf message = BUF_INIT(1 << 20);
	(void)state;

	snprintf(text, sizeof text,
		 "markers = ( { name = \"m\"; any = ( { detector = \"words\"; file = \"%s\"; } ); "
		 "} );",
		 scratch_path(&scratch, "list"));
	struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
	(void)!buf_add_text(&message, "\r\n");
	for (size_t i = 0; i < 10000; i++)
		(void)!buf_add_text(&message, "caf\xC3\xA9 ");
	(void)!buf_add_text(&message, "black");
	for (size_t i = 0; i < 10000; i++)
		(void)!buf_add_text(&message, " \r\n");
	assert_int_equal(buf_add_text(&message, "swan"), RC_OK);
	struct buf out = inspected_message(r, buf_slice(&message), 1000);
	assert_non_null(strstr(buf_text(&out), "m body 1 @"));
	assert_non_null(strstr(buf_text(&out), "hit 0\n"));
	buf_free(&out);
	buf_free(&message);
	inspect_rules_unref(r);
}

static int make(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int drop(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_in_chunks_of_every_size),
		cmocka_unit_test(test_a_long_text),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
