#include "inspect/block.h"

#include "support/inspected.h"
#include "support/unit.h"

static const char rules[] =
	"markers = ( { name = \"card\"; any = ( { detector = \"payment-card\"; } ); },"
	" { name = \"label\"; any = ( { detector = \"office-label\"; } ); },"
	" { name = \"title\"; any = ( { detector = \"office-label\"; value = \"^Title=\"; } ); },"
	" { name = \"type\"; any = ( { detector = \"file-type\"; } ); },"
	" { name = \"large\"; any = ( { detector = \"file-size\"; min = 100; } ); } );";

static void check(void (*tell)(struct inspect *m), const char *wanted)
{
	struct inspect_rules *r = inspected_rules(rules, INSPECT_LIMITS_DEFAULT);
	struct inspect *m = inspect_open(r);
	struct buf out = BUF_INIT(4096);

	assert_non_null(m);
	tell(m);
	message_leave(m);
	inspected_format(inspect_end(m), NULL, &out);
	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
	inspect_free(m);
	inspect_rules_unref(r);
}

static void fields(struct inspect *m)
{
	const struct mime_field own = { "", false, SLICE("X-Note"), SLICE("4111 1111 1111 1111") };
	const struct mime_field trace = { "", false, SLICE("Message-ID"), own.value };
	const struct mime_field nested = { "2.1", true, SLICE("Subject"), own.value };

	block_field(m, &own);
	block_field(m, &trace);
	block_field(m, &nested);
}

static void names(struct inspect *m)
{
	block_name(m, "2", SLICE("5555-5555-5555-4444.txt"));
	block_name(m, "2", SLICE("5555-5555-5555-4445.txt"));
	block_name(m, "2", SLICE(""));
}

static void properties(struct inspect *m)
{
	block_property(m, "2/a.xml", SLICE("Keywords"), SLICE("4111111111111111"));
	block_property(m, "2/a.xml", SLICE("Company"), SLICE("Example"));
	block_property(m, "2/a.xml", SLICE("Title"), SLICE("Offer"));
	block_property(m, "2/a.xml", SLICE("Classification"), SLICE("Secret"));
	block_label(m, "2", SLICE("aaaa/bbbb"));
}

static void files(struct inspect *m)
{
	block_file(m, "2", &(struct files_seen){ SLICE("a.pdf"), 99, "zip", { 0 } });
	block_file(m, "3", &(struct files_seen){ SLICE("a.zip"), 100, "zip", { 0 } });
}

static void test_whole_texts(void **state)
{
	(void)state;

	check(fields, "card header :X-Note @0 \"4111 11** **** 1111\"\n"
		      "card attachment 2.1:Subject @0 \"4111 11** **** 1111\"\nhit 0\n");
	check(names, "card filename 2 @0 \"5555-55**-****-4444\"\nhit 0\n");
	check(properties, "card metadata 2/a.xml:Keywords @0 \"411111******1111\"\n"
			  "title metadata 2/a.xml:Title @0 \"Titl*=***er\"\n"
			  "label metadata 2/a.xml:Classification @0 \"Clas**********=****et\"\n"
			  "label metadata 2 @0 \"aa**/**bb\"\nhit 0\nhit 1\nhit 2\n");
	check(files,
	      "type filename 2 @0 \"a.**f\"\nlarge attachment 3 @0 \"a.**p\"\nhit 3\nhit 4\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_whole_texts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
