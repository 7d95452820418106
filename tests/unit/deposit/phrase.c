#include "deposit/phrase.h"

#include "base/table.h"
#include "support/unit.h"

static void test_words_are_distinct(void **state)
{
	struct table *seen = table_new();
	char word[DEPOSIT_WORD_TEXT];

	(void)state;
	for (unsigned i = 0; i < DEPOSIT_WORDS; i++) {
		assert_int_equal(strlen(deposit_word(i, word)), 5);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz"), 5);
		assert_true(table_set(seen, (struct slice){ word, 5 }, word, NULL));
	}
	assert_int_equal(table_count(seen), DEPOSIT_WORDS);
	assert_null(table_find(seen, SLICE("satan")));
	assert_non_null(table_find(seen, SLICE("vatan")));
	table_free(seen);
}

static void test_make(void **state)
{
	char one[DEPOSIT_PHRASE_TEXT], two[DEPOSIT_PHRASE_TEXT];
	struct buf out = BUF_INIT(100);
	unsigned spaces = 0;

	(void)state;
	assert_int_equal(deposit_phrase_make(one, NULL), RC_OK);
	assert_int_equal(deposit_phrase_make(two, NULL), RC_OK);
	assert_string_not_equal(one, two);
	assert_int_equal(strlen(one), 23);
	for (const char *c = one; *c; c++)
		spaces += *c == ' ';
	assert_int_equal(spaces, 3);
	assert_int_equal(deposit_phrase_normalise((struct slice){ one, 23 }, &out, NULL), RC_OK);
	assert_string_equal(buf_text(&out), one);
	buf_free(&out);
}

/* A sign that stands for eighteen characters, thrice. */
#define LONG "\xef\xb7\xba\xef\xb7\xba\xef\xb7\xba"

static const struct {
	const char *name, *text, *normal, *why;
} phrases[] = {
	{ "as made", "kadim botan rilos fanit", "kadim botan rilos fanit", "" },
	{ "capitals", "Kadim BOTAN rilos Fanit", "kadim botan rilos fanit", "" },
	{ "many blanks and a line end", "  kadim\tbotan \r\n rilos   fanit\n",
	  "kadim botan rilos fanit", "" },
	{ "signs stay", "a-b_c 1!", "a-b_c 1!", "" },
	{ "empty", "", "", "phrase is empty" },
	{ "blanks alone", " \n", "", "phrase is empty" },
	{ "other letters",
	  "KAD\xc3\x8fM  Stra\xc3\x9f"
	  "e\xc2\xa0x",
	  "kad\xc3\xafm strasse x", "" },
	{ "a control character", "a\x7f", "",
	  "phrase has a character that no phrase has (no character for people at byte 2)" },
	{ "no UTF-8", "ab\xff", "",
	  "phrase has a character that no phrase has (no UTF-8 at byte 3)" },
	{ "a word that NFKC writes out", LONG LONG LONG, "",
	  "phrase is longer than 200 bytes when written out" },
};

static void test_normalise(void **state)
{
	static char many[DEPOSIT_PHRASE_MAX + 1];
	struct fault why = { 0 };
	struct buf out = BUF_INIT(DEPOSIT_PHRASE_MAX);

	(void)state;
	for (size_t i = 0; i < COUNT(phrases); i++) {
		struct slice text = { phrases[i].text, strlen(phrases[i].text) };

		print_message("   %s\n", phrases[i].name);
		buf_clear(&out);
		why = (struct fault){ 0 };
		assert_int_equal(deposit_phrase_normalise(text, &out, &why),
				 phrases[i].why[0] ? RC_INVALID : RC_OK);
		assert_string_equal(why.text, phrases[i].why);
		if (!phrases[i].why[0])
			assert_string_equal(buf_text(&out), phrases[i].normal);
	}
	memset(many, 'a', sizeof many);
	assert_int_equal(deposit_phrase_normalise((struct slice){ many, sizeof many }, &out, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "phrase is longer than 200 bytes");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_distinct),
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_normalise),
	};
	return cmocka_run_group_tests_name("deposit/phrase", tests, NULL, NULL);
}
