#include "directory/strength.h"

#include "support/unit.h"

static const struct {
	const char *why, *phrase;
	unsigned bits;
} phrases[] = {
	{ "four words as Postern makes them", "kadim botar rilos fanit", 51 },
	{ "three", "correct horse battery", 38 },
	{ "four that are long", "correct horse battery staple", 51 },
	{ "short words come sooner to mind", "blue fish tree lamp", 44 },
	{ "words of three letters", "cat dog sun sky red", 47 },
	{ "a word again is no other", "kadim kadim kadim kadim", 12 },
	{ "words that everyone tries", "password secret letmein welcome", 0 },
	{ "a word and a run", "password1234", 7 },
	{ "words of the recipient's own name", "jane partner kadim botar", 25 },
	{ "letters without blanks are one word", "correcthorsebatterystaple", 12 },
	{ "a row of keys", "qwertyuiop", 12 },
	{ "the same letter", "aaaaaaaaaaaaaaaa", 12 },
	{ "the alphabet backwards", "zyxwvutsrq", 12 },
	{ "twelve signs by lot", "x7k2m9q4w6z3", 48 },
	{ "thirteen", "x7k2m9q4w6z3b", 52 },
	{ "digits", "8302947561", 33 },
	{ "digits enough", "8302947561638205", 53 },
	{ "signs between words", "kadim-botar-rilos", 48 },
	{ "Chinese, nine characters",
	  "\xe5\xaf\x86\xe7\xa0\x81\xe9\x9b\xbb\xe8\xa9\xb1\xe5\xb1\xb1"
	  "\xe6\xb0\xb4\xe9\xb3\xa5\xe8\x8a\xb1\xe6\x9c\x88",
	  54 },
	{ "Russian words",
	  "\xd0\xba\xd0\xbe\xd0\xbc\xd0\xb0\xd1\x80 "
	  "\xd0\xb2\xd0\xb5\xd1\x81\xd0\xbd\xd0\xb0",
	  25 },
	{ "not UTF-8", "\xff\xff", 0 },
	{ "nothing", "", 0 },
};

static void test_bits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(phrases); i++) {
		print_message("   %s\n", phrases[i].why);
		assert_int_equal(directory_phrase_bits(slice_of(phrases[i].phrase),
						       SLICE("jane@partner.example")),
				 phrases[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bits) };
	return cmocka_run_group_tests_name("directory/strength", tests, NULL, NULL);
}
