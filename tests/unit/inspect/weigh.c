#include "inspect/weigh.h"

#include "support/unit.h"

static void test_a_plain_word(void **state)
{
	struct weigh w;

	(void)state;
	assert_int_equal(weigh_expression("zymurgy", &w, NULL), RC_OK);
	assert_int_equal(w.shortest, 7);
	assert_true(w.any == 0 && !w.leading && !w.trailing);
	assert_true(w.compile_ms < 1000);
	assert_true(w.ns_per_byte >= 0 && w.plain_ns > 0);
}

/* Whatever the machine: what goes on from each "the" to the line's end costs more. */
static void test_what_is_slow_weighs_more(void **state)
{
	struct weigh quick, slow;

	(void)state;
	assert_int_equal(weigh_expression("zymurgy", &quick, NULL), RC_OK);
	assert_int_equal(weigh_expression("the[^\\n]*zzz", &slow, NULL), RC_OK);
	assert_true(slow.ns_per_byte > 2 * quick.ns_per_byte);
}

static void test_large_ones(void **state)
{
	struct weigh w;

	(void)state;
	assert_int_equal(weigh_expression("([a-z][0-9]){300}", &w, NULL), RC_OK);
	assert_true(w.compile_ms > 0);
	assert_int_equal(weigh_expression(".*foo.{1,60}bar.+", &w, NULL), RC_OK);
	assert_int_equal(w.any, 60);
	assert_true(w.leading && w.trailing);
	assert_int_equal(w.shortest, 8);
}

static void test_what_does_not_compile(void **state)
{
	struct weigh w = { .shortest = 77 };
	struct fault why;

	(void)state;
	assert_int_equal(weigh_expression("a(b", &w, &why), RC_INVALID);
	assert_int_equal(weigh_expression("a*", &w, &why), RC_INVALID);
	assert_int_equal(weigh_expression("foo.{1,1000}bar", &w, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "built-in:0: the expression \"foo.{1,1000}bar\" repeats any character "
			    "so often that it would take minutes to compile: say what may stand "
			    "between, or use near");
	assert_int_equal(w.shortest, 77);
}

static void test_texts(void **state)
{
	static const char *const texts[] = { "AMBER", "AMBER+STRICT", NULL };
	static const char *const none[] = { NULL };

	(void)state;
	assert_true(weigh_matches("strict", texts));
	assert_true(weigh_matches("^AMBER$", texts));
	assert_false(weigh_matches("^STRICT", texts));
	assert_false(weigh_matches("amber", none));
	assert_true(weigh_matches("a(b", texts)); /* the rules' own check tells of it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_plain_word),
		cmocka_unit_test(test_what_is_slow_weighs_more),
		cmocka_unit_test(test_large_ones),
		cmocka_unit_test(test_what_does_not_compile),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
