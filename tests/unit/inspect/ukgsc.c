#include "inspect/ukgsc.h"

#include "support/unit.h"

#include <ctype.h>

static const struct {
	const char *name, *in, *value; /* NULL: none */
} rows[] = {
	{ "a line", "OFFICIAL-SENSITIVE\r\nDear all", "OFFICIAL-SENSITIVE" },
	{ "with blanks for the hyphen", "OFFICIAL - SENSITIVE", "OFFICIAL-SENSITIVE" },
	{ "in small letters", "Official-Sensitive: costs", "OFFICIAL-SENSITIVE" },
	{ "a handling word", "OFFICIAL-SENSITIVE COMMERCIAL", "OFFICIAL-SENSITIVE" },
	{ "handling words in brackets", "Costs [OFFICIAL-SENSITIVE - PERSONAL DATA]",
	  "OFFICIAL-SENSITIVE" },
	{ "a subject after it", "Re: OFFICIAL-SENSITIVE: legal advice", "OFFICIAL-SENSITIVE" },
	{ "secret", "SECRET", "SECRET" },
	{ "eyes only", "SECRET - UK EYES ONLY\n", "SECRET" },
	{ "of a country", "UK SECRET\n", "SECRET" },
	{ "at the end of a subject", "Minutes - SECRET", "SECRET" },
	{ "introduced", "Security classification: SECRET", "SECRET" },
	{ "top secret", "TOP SECRET STRAP1\n", "TOP SECRET" },
	{ "top secret, with a hyphen", "[TOP-SECRET] minutes", "TOP SECRET" },
	{ "adorned, after an empty line", "\r\n*** TOP SECRET ***\r\n", "TOP SECRET" },
	{ "in a quoted message", "ok\n\n> SECRET\n> text", "SECRET" },
	{ "official alone", "OFFICIAL\n", NULL },
	{ "a game", "SECRET SANTA", NULL },
	{ "a word", "Secret", NULL },
	{ "in a sentence", "This is SECRET stuff", NULL },
	{ "in small letters, in brackets", "[secret] sale", NULL },
	{ "a recipe", "TOP SECRET RECIPE", NULL },
	{ "of another body", "NATO SECRET\n", NULL },
	{ "of the European Union", "SECRET UE/EU SECRET\n", NULL },
	{ "not in the first line", "Dear all\nSECRET\n", NULL },
	{ "the start of a longer word", "SECRETARY", NULL },
	{ "words that are not set off", "our OFFICIAL-SENSITIVE policy", NULL },
};

static const char *const ends[] = { "SENSITIVE", "SECRET" };

/* As the matcher tells them: wherever one of the words ends. */
static bool find(struct slice text, struct detector_hit *hit)
{
	for (size_t end = 1; end <= text.len; end++) {
		struct detector_candidate c = { text, end, 0, true };
		for (size_t i = 0; i < COUNT(ends); i++) {
			struct slice word = { ends[i], strlen(ends[i]) };
			bool whole = end == text.len || !isalpha((unsigned char)text.at[end]);
			if (end >= word.len && whole &&
			    slice_same_nocase((struct slice){ text.at + end - word.len, word.len },
					      word) &&
			    ukgsc_check(&c, hit))
				return true;
		}
	}
	return false;
}

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct detector_hit hit;
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		if (find(in, &hit) != (rows[i].value != NULL))
			fail_msg("%s", rows[i].name);
		if (!rows[i].value)
			continue;
		if (!slice_is((struct slice){ hit.value, hit.value_len }, rows[i].value))
			fail_msg("%s: \"%.*s\"", rows[i].name, (int)hit.value_len, hit.value);
		assert_true(hit.at + hit.len <= in.len);
	}
}

static void test_what_is_shown(void **state)
{
	const struct slice in = SLICE("Re: UK SECRET HMG USE ONLY");
	struct detector_hit hit;
	(void)state;

	assert_true(find(in, &hit));
	assert_int_equal(hit.at, 4);
	assert_int_equal(hit.at + hit.len, in.len);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_what_is_shown) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
