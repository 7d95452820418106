#include "inspect/lexical.h"

#include "inspect/exactmake.h"
#include "inspect/fingerprintmake.h"
#include "support/famine.h"
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

/* ---- rows and texts ---- */

#define KNOWN                                                                                      \
	"We will buy the mill by the river before the end of May, if the bank agrees,\r\n"         \
	"and tell nobody until the old owner has signed what his lawyer sent us."

static void make_indexes(void)
{
	const struct slice rows_of[][2] = { { SLICE("Jane O'Hara"), SLICE("47110815") },
					    { SLICE("John Doe"), SLICE("12345678") } };
	struct fingerprint_summary known;
	struct fingerprint_make *texts;
	struct exact_summary sum;
	struct exact_make *rows_made;
	struct fault why;

	assert_int_equal(exact_make_new(2, 2, "", &rows_made, &why), RC_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(exact_make_row(rows_made, rows_of[i], &why), RC_OK);
	assert_int_equal(
		exact_make_write(rows_made, scratch_path(&scratch, "exact-data"), &sum, &why),
		RC_OK);
	exact_make_free(rows_made);
	assert_int_equal(fingerprint_make_new("", &texts, &why), RC_OK);
	fingerprint_make_text(texts, SLICE(KNOWN));
	assert_int_equal(fingerprint_make_end(texts, "mill.txt", &known, &why), RC_OK);
	assert_int_equal(fingerprint_make_write(texts, scratch_path(&scratch, "fingerprint"), &why),
			 RC_OK);
	fingerprint_make_free(texts);
}

static const struct {
	const char *name, *detector, *options, *message, *out;
} indexed[] = {
	{ "two columns of a row", "exact-data", "",
	  "\r\n4711 0815 belongs to\r\n> Jane\r\n> O'Hara.\r\n",
	  "m body 1 @0 \"47** **15\"\nhit 0\n" },
	{ "columns of two rows", "exact-data", "", "\r\n4711 0815 belongs to John Doe\r\n", "" },
	{ "one column is enough", "exact-data", "columns = 1;", "Subject: john doe\r\n\r\n",
	  "m subject :Subject @0 \"jo** *oe\"\nhit 0\n" },
	{ "columns in two parts", "exact-data", "",
	  PART "\r\n47110815\r\n--b\r\n\r\nJane O'Hara\r\n--b--\r\n", "" },
	{ "two rows are wanted", "exact-data", "min_unique = 2;",
	  "\r\nJane O'Hara;47110815\r\nJohn Doe;12345678\r\n",
	  "m body 1 @0 \"Ja** *'**ra\"\nm body 1 @22 \"Jo** *oe\"\nhit 0\n" },
	{ "one row twice is no two", "exact-data", "min_unique = 2;",
	  "Subject: Jane O'Hara;47110815\r\n\r\nJane O'Hara;47110815\r\n", "" },
	{ "a word near a row", "exact-data", "near = { words = [ \"pay\" ]; before = 300; };",
	  "\r\npay 47110815                                                                      "
	  "\r\n"
	  "                                                                                     "
	  "\r\n"
	  "Jane O'Hara\r\n",
	  "m body 1 @4 \"47****15\"\nhit 0\n" },
	{ "the whole text", "fingerprint", "percent = 100;", "\r\n> " KNOWN "\r\n",
	  "m body 1 @148 \"mill.txt\"\nhit 0\n" },
	{ "most of it, in another form", "fingerprint", "percent = 60;",
	  "Content-Type: text/html\r\n\r\n<p>we will BUY the mill by the <b>river</b> before the "
	  "end of May; if the bank agrees and tell nobody until</p>",
	  "m body 1 @86 \"mill.txt\"\nhit 0\n" },
	{ "too little of it", "fingerprint", "percent = 80;",
	  "\r\nWe will buy the mill by the river before the end of May, if the bank agrees\r\n",
	  "" },
	{ "by the part that asks for less", "fingerprint", "percent = 40;",
	  "\r\nWe will buy the mill by the river before the end of May, if the bank agrees\r\n",
	  "m body 1 @60 \"mill.txt\"\nhit 0\n" },
	{ "parted among parts", "fingerprint", "percent = 80;",
	  PART
	  "\r\nWe will buy the mill by the river before the end of May, if the bank agrees\r\n"
	  "--b\r\n\r\nand tell nobody until the old owner has signed what his lawyer sent us\r\n"
	  "--b--\r\n",
	  "m body 2 @56 \"mill.txt\"\nhit 0\n" },
	{ "not where it is asked for", "fingerprint", "where = [ \"attachment\" ];", "\r\n" KNOWN,
	  "" },
	{ "its name is what it is called", "fingerprint", "except = [ \"mill.txt\" ];",
	  "\r\n" KNOWN, "" },
};

static void test_rows_and_texts_in_chunks_of_every_size(void **state)
{
	char text[1000];
	(void)state;

	make_indexes();
	for (size_t i = 0; i < COUNT(indexed); i++) {
		snprintf(text, sizeof text,
			 "markers = ( { name = \"m\"; any = ( { detector = \"%s\"; index = \"%s\"; "
			 "%s } ); } );",
			 indexed[i].detector, scratch_path(&scratch, indexed[i].detector),
			 indexed[i].options);
		struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		for (size_t step = 1; step < 400; step = step * 3 + 1) {
			struct buf out = inspected_message(r, slice_of(indexed[i].message), step);
			if (strcmp(buf_text(&out), indexed[i].out) != 0)
				fail_msg("%s, by %zu: %s", indexed[i].name, step, buf_text(&out));
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

static void add_dots(struct buf *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)!buf_add_byte(out, '.');
}

/* Two things that belong together, wherever the text is cut between them: the word near a
 * row's first value is still known when its second comes, and one behind a term is waited for. */
static const struct {
	const char *source, *test, *first, *second; /* source: a file of the test's */
	size_t apart;
	const char *evidence;
} over_chunks[] = {
	{ "exact-data",
	  "detector = \"exact-data\"; near = { words = [ \"pay\" ]; before = 10; after = 0; }; "
	  "index",
	  "pay 47110815", "Jane O'Hara", 900, "47****15" },
	{ "list",
	  "detector = \"words\"; near = { words = [ \"secret\" ]; before = 0; after = 400; }; file",
	  "falcon", "secret", 380, "fa**on" },
};

static void check_over_chunks(struct inspect_rules *r, size_t row, size_t ahead)
{
	struct buf message = BUF_INIT(1 << 16);

	(void)!buf_add_text(&message, "\r\n");
	add_dots(&message, ahead);
	(void)!buf_addf(&message, " %s ", over_chunks[row].first);
	add_dots(&message, over_chunks[row].apart);
	(void)!buf_addf(&message, " %s ", over_chunks[row].second);
	add_dots(&message, 9000);
	struct buf out = inspected_message(r, buf_slice(&message), 1000);
	if (!strstr(buf_text(&out), over_chunks[row].evidence))
		fail_msg("%s at %zu: %s", over_chunks[row].first, ahead, buf_text(&out));
	buf_free(&out);
	buf_free(&message);
}

static void test_what_belongs_together_over_chunks(void **state)
{
	char text[1000];
	(void)state;

	make_indexes();
	for (size_t i = 0; i < COUNT(over_chunks); i++) {
		snprintf(text, sizeof text,
			 "markers = ( { name = \"m\"; any = ( { %s = \"%s\"; } ); } );",
			 over_chunks[i].test, scratch_path(&scratch, over_chunks[i].source));
		struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		for (size_t ahead = 0; ahead < 8000; ahead += 211)
			check_over_chunks(r, i, ahead);
		inspect_rules_unref(r);
	}
}

/* ---- without memory ---- */

#define ALL_THREE                                                                                  \
	"markers = ( { name = \"m\"; all = ( { detector = \"words\"; file = \"%s/list\"; }, "      \
	"{ detector = \"exact-data\"; index = \"%s/exact-data\"; }, "                              \
	"{ detector = \"fingerprint\"; index = \"%s/fingerprint\"; percent = 100; } ); } );"

/* All three are in it. */
static const char guilty[] = "Subject: falcon\r\n\r\nJane O'Hara, 47110815: " KNOWN "\r\n";

/* One allocation after the other fails while the rules are made ready: then there are none. */
static void test_rules_without_memory(void **state)
{
	const struct rules *rules = NULL;
	bool struck = true;
	char text[1000];
	struct fault why;
	(void)state;

	make_indexes();
	snprintf(text, sizeof text, ALL_THREE, scratch.folder, scratch.folder, scratch.folder);
	assert_int_equal(rules_parse(slice_of(text), "rules.conf", &rules, &why), RC_OK);
	for (int n = 1; struck; n++) {
		struct inspect_rules *r = NULL;
		famine_begin(n);
		enum rc rc = inspect_compile(rules, INSPECT_LIMITS_DEFAULT, &r, &why);
		struck = famine_end();
		if (struck && rc == RC_OK)
			fail_msg("compiled though allocation %d failed", n);
		if (!struck)
			assert_int_equal(rc, RC_OK);
		inspect_rules_unref(r);
	}
	rules_unref(rules);
}

/* The same while a message is looked at: it is never told as clean. */
static void test_a_message_without_memory(void **state)
{
	bool struck = true;
	char text[1000];
	(void)state;

	make_indexes();
	snprintf(text, sizeof text, ALL_THREE, scratch.folder, scratch.folder, scratch.folder);
	struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
	for (int n = 1; struck; n++) {
		famine_begin(n);
		struct inspect *m = inspect_open(r);
		if (m)
			inspect_message(m, slice_of(guilty));
		const struct inspect_findings *f = m ? inspect_end(m) : NULL;
		struck = famine_end();
		if (f && !f->hit[0] && f->opaque_count == 0)
			fail_msg("clean though allocation %d failed", n);
		inspect_free(m);
	}
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
		cmocka_unit_test(test_rows_and_texts_in_chunks_of_every_size),
		cmocka_unit_test(test_what_belongs_together_over_chunks),
		cmocka_unit_test(test_a_long_text),
		cmocka_unit_test(test_rules_without_memory),
		cmocka_unit_test(test_a_message_without_memory),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
