#include "document/archive.h"

#include "support/documented.h"
#include "support/unit.h"

static void check(const char *name, struct zipped *z, struct document_limits limits,
		  const char *wanted)
{
	struct buf in = zipped_end(z), out = documented_with(buf_slice(&in), "a.zip", limits);

	if (strcmp(buf_text(&out), wanted) != 0)
		fail_msg("%s: %s", name, buf_text(&out));
	buf_free(&in);
	buf_free(&out);
}

static void test_members_are_read_and_named(void **state)
{
	struct zipped z = { 0 };
	(void)state;

	zipped_add(&z, "a/b.txt", SLICE("4111"), 0);
	zipped_add(&z, "caf\xC3\xA9.htm", SLICE("41<b>11"), 0x800);
	zipped_add(&z, "docProps/core.xml", SLICE("<a><title>T</title></a>"), 0);
	zipped_add(&z, "empty/", SLICE(""), 0);
	check("a zip", &z, DOCUMENTED_LIMITS,
	      "file a/b.txt: a/b.txt 4\ntext a/b.txt: 4111\n"
	      "file caf??.htm: caf\xC3\xA9.htm 7\ntext caf??.htm: 4111\n"
	      "file docProps/core.xml: docProps/core.xml 23\n"
	      "property docProps/core.xml: title = T\n"
	      "file empty/: empty/ 0\n");
}

static void test_an_archive_in_an_archive(void **state)
{
	struct zipped in = { 0 }, out = { 0 };
	(void)state;

	zipped_add(&in, "b.txt", SLICE("4111"), 0);
	struct buf inner = zipped_end(&in);
	zipped_add(&out, "a.zip", buf_slice(&inner), 0);
	check("two zips", &out, DOCUMENTED_LIMITS,
	      "file a.zip: a.zip 112\nfile a.zip/b.txt: b.txt 4\ntext a.zip/b.txt: 4111\n");
	buf_free(&inner);
}

static void test_depth_is_bounded(void **state)
{
	struct buf inner = BUF_INIT(1024);
	(void)state;

	assert_int_equal(buf_add_text(&inner, "4111"), RC_OK);
	for (int i = 0; i < 8; i++) {
		struct zipped z = { 0 };
		zipped_add(&z, "z", buf_slice(&inner), 0);
		buf_free(&inner);
		inner = zipped_end(&z);
	}
	struct buf out = documented(buf_slice(&inner), "");
	assert_non_null(strstr(buf_text(&out), "opaque z/z/z/z/z/z: archive-depth\n"));
	assert_null(strstr(buf_text(&out), "text"));
	buf_free(&inner);
	buf_free(&out);
}

static void test_members_are_bounded(void **state)
{
	struct document_limits limits = DOCUMENTED_LIMITS;
	struct zipped z = { 0 };
	(void)state;

	limits.members = 2;
	for (int i = 0; i < 4; i++)
		zipped_add(&z, "a", SLICE("b"), 0);
	check("four members", &z, limits,
	      "file a: a 1\ntext a: b\nfile a: a 1\ntext a: b\nopaque : archive-members\n");
}

static void test_an_encrypted_member_has_its_name_alone(void **state)
{
	struct zipped z = { 0 };
	(void)state;

	zipped_add(&z, "plans.txt", SLICE("0123456789ab4111"), 1);
	zipped_add(&z, "b.txt", SLICE("4111"), 0);
	check("a zip", &z, DOCUMENTED_LIMITS,
	      "file plans.txt: plans.txt 0\nopaque plans.txt: encrypted\n"
	      "file b.txt: b.txt 4\ntext b.txt: 4111\n");
}

static void test_what_is_damaged_is_told(void **state)
{
	struct zipped z = { 0 };
	(void)state;

	zipped_add(&z, "a.txt", SLICE("4111 1111"), 0);
	struct buf in = zipped_end(&z);
	in.at[8] = in.at[44 + 10] = 8; /* deflated, says the header */
	struct buf out = documented(buf_slice(&in), "");
	assert_non_null(strstr(buf_text(&out), "opaque a.txt: damaged\n"));
	buf_free(&out);
	out = documented(SLICE("PK\3\4\0\0\0\0 and nothing else"), "");
	assert_string_equal(buf_text(&out), "opaque : zip\n");
	buf_free(&out);
	buf_free(&in);
}

static void test_what_stands_behind_a_picture(void **state)
{
	struct zipped z = { 0 };
	struct buf in = BUF_INIT(4096);
	(void)state;

	zipped_add(&z, "a.txt", SLICE("4111"), 0);
	struct buf zip = zipped_end(&z);
	assert_int_equal(buf_add_text(&in, "GIF89a picture"), RC_OK);
	assert_int_equal(buf_add_slice(&in, buf_slice(&zip)), RC_OK);
	struct buf out = documented(buf_slice(&in), "a.gif");
	assert_string_equal(buf_text(&out), "file a.txt: a.txt 4\ntext a.txt: 4111\n");
	buf_free(&out);
	buf_free(&zip);
	buf_free(&in);
}

/* gzip: "4111 1111", without a name */
static const char gz[] = "\037\213\010\000\000\000\000\000\002\003\063\061\064\064\124\000\142\103"
			 "\000\222\224\375\046\011\000\000\000";

static void test_one_compressed_file(void **state)
{
	struct buf out = documented((struct slice){ gz, sizeof gz - 1 }, "x/cards.csv.gz");
	(void)state;

	assert_string_equal(buf_text(&out),
			    "file cards.csv: cards.csv 9\ntext cards.csv: 4111 1111\n");
	buf_free(&out);
}

static void test_a_zip_s_comment(void **state)
{
	struct zipped z = { 0 };
	(void)state;

	zipped_add(&z, "a", SLICE("b"), 0);
	struct buf in = zipped_end(&z);
	in.at[in.len - 2] = 4;
	assert_int_equal(buf_add_text(&in, "4111"), RC_OK);
	struct buf out = documented(buf_slice(&in), "");
	assert_non_null(strstr(buf_text(&out), "property : comment = 4111\n"));
	buf_free(&in);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_are_read_and_named),
		cmocka_unit_test(test_an_archive_in_an_archive),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_members_are_bounded),
		cmocka_unit_test(test_an_encrypted_member_has_its_name_alone),
		cmocka_unit_test(test_what_is_damaged_is_told),
		cmocka_unit_test(test_what_stands_behind_a_picture),
		cmocka_unit_test(test_one_compressed_file),
		cmocka_unit_test(test_a_zip_s_comment),
	};
	document_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
