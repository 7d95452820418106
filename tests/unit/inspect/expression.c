#include "inspect/expression.h"

#include "support/unit.h"

static const struct {
	const char *name, *text;
	unsigned any;
	bool leading, trailing;
} rows[] = {
	{ "plain words", "project (falcon|eagle)", 0, false, false },
	{ "nothing", "", 0, false, false },
	{ "single characters of any kind are free", "a.b.c[^x]d", 0, false, false },
	{ "a bounded repeat of any character", "foo.{1,200}bar", 200, false, false },
	{ "an exact one", "foo.{60}bar", 60, false, false },
	{ "a least number", "foo.{30,}bar", 30, false, false },
	{ "of a class that is turned around", "foo[^\\n]{0,90}bar", 90, false, false },
	{ "of a class with ranges", "foo[a-z ]{1,70}bar", 70, false, false },
	{ "of a class that holds its own end", "[]a-z]{5}[^]]{7}", 12, false, false },
	{ "an escaped bracket in a class", "[^\\]]{7}x", 7, false, false },
	{ "of a small class or of one letter", "[abc]{500}[0-9a-f]{40}x{3000}\\d{200}\\s{9}", 0,
	  false, false },
	{ "of what is no digit", "\\D{40}\\S{2}", 42, false, false },
	{ "two of them", "(a|b).{0,300}c.{0,300}x", 600, false, false },
	{ "repeats of repeats", "(foo.{1,20}){10}x", 200, false, false },
	{ "deep ones", "((a.{5}){6}b){7}", 210, false, false },
	{ "in a group without a number", "(?:a.{5}){3}(?i)x", 15, false, false },
	{ "a number past all sense", "(.{999999999}){99999999999999999999}", 1000000, false,
	  false },
	{ "braces that are no quantifier", "a{x}.{,3}{", 0, false, false },
	{ "an escaped point", "\\.{100}", 0, false, false },
	{ "a character by its number", "\\x{100}{50}", 0, false, false },
	{ "a property", "\\p{L}{50}", 50, false, false },
	{ "begins with anything", ".*secret", 0, true, false },
	{ "begins with something", ".+secret", 0, true, false },
	{ "lazily", ".*?secret", 0, true, false },
	{ "begins with a class of anything", "[^\\n]*secret", 0, true, false },
	{ "begins with so many or more", ".{10,}secret", 10, true, false },
	{ "begins with letters", "[a-z]+ x", 0, false, false },
	{ "ends with anything", "secret.*", 0, false, true },
	{ "anything between", "a.*b", 0, false, false },
	{ "a group that is left open", "(a.{30}", 30, false, false },
	{ "a group that was never opened", "a.{3})b", 3, false, false },
	{ "a class that is left open", "a[^b", 0, false, false },
	{ "a last backslash", "a\\", 0, false, false },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expression e = expression_look(slice_of(rows[i].text));
		if (e.any != rows[i].any || e.leading != rows[i].leading ||
		    e.trailing != rows[i].trailing)
			fail_msg("%s: any %llu%s%s", rows[i].name, (unsigned long long)e.any,
				 e.leading ? ", leading" : "", e.trailing ? ", trailing" : "");
	}
}

static void test_depth(void **state)
{
	char text[400];
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		text[n++] = '(';
	for (const char *c = ".{9}"; *c; c++)
		text[n++] = *c;
	for (size_t i = 0; i < 100; i++)
		text[n++] = ')';
	assert_true(expression_look((struct slice){ text, n }).any <= 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
