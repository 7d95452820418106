#include "inspect/cui.h"

#include "support/unit.h"

#include <ctype.h>

static const struct {
	const char *name, *in, *value; /* NULL: none */
} rows[] = {
	{ "a banner", "CUI\r\nDear all", "CUI" },
	{ "the long word", "\r\nCONTROLLED\r\n", "CONTROLLED" },
	{ "a category", "CUI//SP-PRVCY\n", "CUI//SP-PRVCY" },
	{ "categories", "CUI//SP-CTI/PRVCY/LEI\n", "CUI//SP-CTI/PRVCY/LEI" },
	{ "categories and a control", "CUI//SP-EXPT//NOFORN\n", "CUI//SP-EXPT//NOFORN" },
	{ "a control of two words", "CUI//CTI//FED ONLY\n", "CUI//CTI//FED ONLY" },
	{ "countries", "CUI//CTI//REL TO USA, GBR, AUS\n", "CUI//CTI//REL TO USA, GBR, AUS" },
	{ "countries that end in a comma", "CUI//REL TO USA, and\n", "CUI//REL TO USA" },
	{ "blanks are folded", "CONTROLLED // SP-PRVCY / CTI // NOFORN",
	  "CONTROLLED//SP-PRVCY/CTI//NOFORN" },
	{ "words after categories", "CUI//CTI the valve", "CUI//CTI" },
	{ "what is no category ends it", "CUI//privacy", "CUI" },
	{ "no third group", "CUI//CTI//NOFORN//LEI", "CUI//CTI//NOFORN" },
	{ "in a subject's brackets", "Re: valve [CUI]", "CUI" },
	{ "before a subject", "CUI: the valve", "CUI" },
	{ "adorned", "*** CUI ***\n", "CUI" },
	{ "a portion", "(CUI) The valve leaks.", "CUI" },
	{ "a portion later on", "Dear all\n\n(CUI//CTI) The valve leaks.", "CUI" },
	{ "an old banner", "FOUO\n", "FOUO" },
	{ "an old banner, spelt out", "FOR OFFICIAL USE ONLY\n", "FOUO" },
	{ "an old banner behind its level", "UNCLASSIFIED//FOUO\n", "FOUO" },
	{ "an old portion", "Dear all\n(U//FOUO) The valve leaks.", "FOUO" },
	{ "an Italian word", "CUI prodest", NULL },
	{ "small letters", "cui//cti", NULL },
	{ "in a sentence", "Controlled unclassified information (CUI) is\n", NULL },
	{ "a word in capitals", "CONTROLLED FLIGHT INTO TERRAIN", NULL },
	{ "not in the first line", "Dear all\nCUI//CTI\n", NULL },
	{ "the long word is no portion", "Dear all\n(CONTROLLED) a\n", NULL },
	{ "a portion within a line", "Dear all\nsay (CUI) there\n", NULL },
	{ "an old abbreviation explained", "For Official Use Only (FOUO) and after", NULL },
	{ "an old banner in a sentence", "We no longer write FOUO on mail", NULL },
};

static const char *const ends[] = { "CUI", "CONTROLLED", "FOUO", "ONLY" };

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
			    cui_check(&c, hit))
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

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
