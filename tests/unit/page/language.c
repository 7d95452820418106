#include "page/language.h"

#include "support/unit.h"

static const char *const tags[] = { "en", "de", "fr", "ar", "pt-br" };

static const struct {
	const char *name, *header, *chosen;
} table[] = {
	{ "none asked for", "", "en" },
	{ "one", "de", "de" },
	{ "a region falls back on its language", "de-CH", "de" },
	{ "case does not count", "FR-ca", "fr" },
	{ "the first of equals", "ar, de", "ar" },
	{ "the heaviest", "de;q=0.3, fr;q=0.8, ar;q=0.79", "fr" },
	{ "no weight is the heaviest", "fr;q=0.999,de", "de" },
	{ "three decimals", "de;q=0.501, fr;q=0.502", "fr" },
	{ "not at all", "de;q=0, fr;q=0.1", "fr" },
	{ "unknown ones are passed over", "xx, yy;q=0.9, ar;q=0.1", "ar" },
	{ "anything is the first", "*", "en" },
	{ "anything, but something better", "*;q=0.1, fr;q=0.2", "fr" },
	{ "a longer tag before a shorter", "pt-BR", "pt-br" },
	{ "a region of its own does not stand for the language", "pt", "en" },
	{ "a name that only begins alike", "deu", "en" },
	{ "blanks", "  de  ;  q=0.5 , fr ; q=0.4", "de" },
	{ "a weight above one is none", "fr;q=1.1, de;q=0.1", "de" },
	{ "a weight that is no number", "fr;q=x, de;q=0.1", "de" },
	{ "a weight too long", "fr;q=0.1234, de;q=0.1", "de" },
	{ "another parameter", "fr;level=1, de;q=0.1", "de" },
	{ "commas alone", ",,,", "en" },
};

static void test_choice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		print_message("   %s\n", table[i].name);
		size_t n = page_language_choose(slice_of(table[i].header), tags, COUNT(tags));
		assert_string_equal(tags[n], table[i].chosen);
	}
}

static void test_only_so_many_are_looked_at(void **state)
{
	char header[PAGE_LANGUAGE_RANGES * 3 + 3] = "";

	(void)state;
	for (unsigned i = 0; i < PAGE_LANGUAGE_RANGES; i++)
		memcpy(header + 3 * i, "xx,", 3);
	memcpy(header + 3 * PAGE_LANGUAGE_RANGES, "de", 3);
	assert_int_equal(page_language_choose(slice_of(header), tags, COUNT(tags)), 0);
	assert_int_equal(page_language_choose(slice_of(header + 3), tags, COUNT(tags)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_only_so_many_are_looked_at),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
