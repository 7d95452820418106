#include "inspect/flaws.h"

#include "base/buf.h"
#include "base/file.h"
#include "support/scratch.h"
#include "support/unit.h"

static const struct rules_place place = { "rules.conf", 7 };

static void write_line(void *of, const struct flaws_one *one)
{
	static const char *const kinds[] = { "twice", "within", "short" };

	(void)!buf_addf(of, "%s %u %u %.*s|%.*s\n", kinds[one->kind], one->line, one->other,
			SLICE_ARG(one->term), SLICE_ARG(one->held));
}

static void test_flaws(void **state)
{
	static const struct {
		const char *says, *text, *told;
	} table[] = {
		{ "a sound list", "falcon\n# x\nTop secret\nC++\nHIV\n", "" },
		{ "a term twice", "falcon\nFALCON\n", "twice 2 1 FALCON|FALCON\n" },
		{ "a term that holds another", "falcon\nProject  Falcon\n",
		  "within 2 1 Project  Falcon|falcon\n" },
		{ "wherever that stands", "project falcon x\nfalcon\n",
		  "within 1 2 project falcon x|falcon\n" },
		{ "not parts of words", "falcon\nfalconry\n", "" },
		{ "not words in another order", "top secret\nsecret top\n", "" },
		{ "short ones", "ok\nx\nabc\n\xc3\xa4\xc3\xb6\n",
		  "short 1 0 ok|\nshort 2 0 x|\nshort 4 0 \xc3\xa4\xc3\xb6|\n" },
		{ "one that is short and held", "a b\na\n", "within 1 2 a b|a\nshort 2 0 a|\n" },
	};
	struct scratch scratch;

	(void)state;
	assert_true(scratch_make(&scratch));
	const char *path = scratch_path(&scratch, "list");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct buf told = BUF_INIT(4000);
		struct fault why;
		assert_int_equal(file_replace(path, slice_of(table[i].text), 0600, NULL), RC_OK);
		assert_int_equal(flaws_find(path, &place, write_line, &told, &why), RC_OK);
		if (strcmp(buf_text(&told), table[i].told) != 0)
			fail_msg("%s: %s", table[i].says, buf_text(&told));
		buf_free(&told);
	}
	scratch_remove(&scratch);
}

static void test_a_file_that_is_not_there(void **state)
{
	struct fault why;

	(void)state;
	assert_int_equal(flaws_find("/nowhere/list", &place, write_line, NULL, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "rules.conf:7: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flaws),
		cmocka_unit_test(test_a_file_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
