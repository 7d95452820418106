#include "inspect/spoken.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

/* Each text ends as the inspection's do. */
static const struct {
	const char *what, *text, *found; /* found: one after another, with "|" between */
} rows[] = {
	{ "a letter that no word has there", "kadim botar rilos fanit\n", "" },
	{ "four words of the form", "the phrase: kalim botar rilos fanit, told\n",
	  "kalim botar rilos fanit" },
	{ "capitals", "KALIM Botar rILOS fanit\n", "kalim botar rilos fanit" },
	{ "over lines, quoted", "> kalim botar\r\n> > rilos   \t fanit\n",
	  "kalim botar rilos fanit" },
	{ "each on a line, numbered", "1. kalim\r\n2. botar\r\n3. rilos\r\n4. fanit\n",
	  "kalim botar rilos fanit" },
	{ "with signs between", "kalim-botar_rilos/fanit\n", "kalim botar rilos fanit" },
	{ "with a sign of many bytes", "kalim \xe2\x80\xa2 botar \xe2\x80\xa2 rilos fanit\n",
	  "kalim botar rilos fanit" },
	{ "at the very front", "kalim botar rilos fanit.\n", "kalim botar rilos fanit" },
	{ "three are none", "kalim botar rilos\n", "" },
	{ "another word between", "kalim botar and rilos fanit\n", "" },
	{ "a longer word", "kalims botar rilos fanit\n", "" },
	{ "within a longer word", "xkalim botar rilos fanit\n", "" },
	{ "too far apart", "kalim botar rilos                                           fanit\n",
	  "" },
	{ "five make two", "kalim botar rilos fanit maron\n",
	  "kalim botar rilos fanit|botar rilos fanit maron" },
	{ "twice is once", "kalim botar rilos fanit\nx\nkalim botar rilos fanit\n",
	  "kalim botar rilos fanit" },
	{ "ordinary text", "The final total of the pilot is a moral limit for us all.\n", "" },
	{ "nothing", "", "" },
};

static char *listed(const struct spoken *s)
{
	static char text[SPOKEN_MAX * SPOKEN_TEXT + 10];

	text[0] = '\0';
	for (size_t i = 0; i < s->count; i++) {
		strcat(text, i ? "|" : "");
		strcat(text, s->at[i]);
	}
	return text;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct spoken s = { .count = 0 };

		print_message("   %s\n", rows[i].what);
		spoken_begin(&s);
		(void)spoken_scan(&s, slice_of(rows[i].text), 0, 0);
		assert_string_equal(listed(&s), rows[i].found);
	}
}

/* However the text is cut, and with no more kept of it than the header asks for. */
static void test_cut_anywhere(void **state)
{
	static const char text[] =
		"Hello, please note this: 1) kalim\r\n> 2) botar \xe2\x80\x93\r\n"
		"rilos fanit, and nothing else; thank you very much.\n";
	const size_t len = sizeof text - 1;

	(void)state;
	for (size_t piece = 1; piece < len; piece++) {
		struct spoken s = { .count = 0 };
		uint64_t from = 0;

		spoken_begin(&s);
		for (size_t end = piece; end < len + piece; end += piece) {
			size_t have = end < len ? end : len;
			uint64_t keep = SPOKEN_GAP_MAX + SPOKEN_LETTERS;
			uint64_t base = from > keep ? from - keep : 0;
			from = spoken_scan(&s, (struct slice){ text + base, have - base }, base,
					   from);
		}
		assert_string_equal(listed(&s), "kalim botar rilos fanit");
	}
}

static void test_no_row_over_two_texts(void **state)
{
	struct spoken s = { .count = 0 };

	(void)state;
	spoken_begin(&s);
	(void)spoken_scan(&s, SLICE("kalim botar\n"), 0, 0);
	spoken_begin(&s);
	(void)spoken_scan(&s, SLICE("rilos fanit\n"), 0, 0);
	assert_int_equal(s.count, 0);
}

static void test_no_more_than_so_many_are_kept(void **state)
{
	struct spoken s = { .count = 0 };
	char text[2000];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "k%ct%cm\n",
					SPOKEN_VOWELS[i % 3], SPOKEN_VOWELS[i / 3 % 3]);
	spoken_begin(&s);
	(void)spoken_scan(&s, (struct slice){ text, len }, 0, 0);
	assert_int_equal(s.count, SPOKEN_MAX);
	assert_true(s.more);
}

/* What many at once see is what one at a time sees. */
static void test_lanes_see_what_is_there(void **state)
{
	char text[4096];

	(void)state;
	srand(7);
	for (int round = 0; round < 200; round++) {
		struct spoken s = { .count = 0 }, one = { .count = 0 };
		for (size_t i = 0; i < sizeof text; i += 6) {
			const char word[] = { "kbx"[rand() % 3], "aie"[rand() % 3],
					      "lt."[rand() % 3], "ao "[rand() % 3],
					      "ms,"[rand() % 3], " \n-"[rand() % 3] };
			memcpy(text + i, word, sizeof text - i < 6 ? sizeof text - i : 6);
		}
		spoken_begin(&s);
		spoken_begin(&one);
		(void)spoken_scan(&s, (struct slice){ text, sizeof text }, 0, 0);
		uint64_t from = 0;
		for (size_t end = 1; end <= sizeof text; end++)
			from = spoken_scan(&one, (struct slice){ text, end }, 0, from);
		assert_string_equal(listed(&s), listed(&one));
		assert_int_equal(s.more, one.more);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_no_row_over_two_texts),
		cmocka_unit_test(test_no_more_than_so_many_are_kept),
		cmocka_unit_test(test_lanes_see_what_is_there),
	};
	return cmocka_run_group_tests_name("inspect/spoken", tests, NULL, NULL);
}
