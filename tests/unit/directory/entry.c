#include "directory/entry.h"

#include "support/unit.h"

static struct directory_entry example(void)
{
	struct directory_entry entry = {
		.name = { "jane@partner.example", 4 },
		.phrase = "kadim botar rilos fanit",
		.number = "+49301234567",
		.language = "de",
		.note = "contract 2026-14",
		.certificate = "-----BEGIN CERTIFICATE-----\n",
		.changed_s = 1795312345,
	};

	return entry;
}

static void test_comes_back(void **state)
{
	struct directory_entry entry = example(), back = { .name = { "x", 0 } };
	struct buf out = BUF_SECRET(DIRECTORY_RECORD_MAX);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(directory_entry_encode(&entry, &out), RC_OK);
	assert_int_equal(directory_entry_decode(buf_slice(&out), &back, NULL), RC_OK);
	assert_string_equal(back.name.text, "x");
	assert_string_equal(back.phrase, entry.phrase);
	assert_string_equal(back.number, entry.number);
	assert_string_equal(back.language, entry.language);
	assert_string_equal(back.note, entry.note);
	assert_string_equal(back.certificate, entry.certificate);
	assert_int_equal(back.changed_s, entry.changed_s);

	for (size_t len = 1; len < out.len; len++) {
		assert_int_equal(directory_entry_decode((struct slice){ out.at, len }, &back, &why),
				 RC_INVALID);
		assert_string_equal(why.text, "the directory's entry: it is cut short");
	}
	out.at[0] = 2;
	assert_int_equal(directory_entry_decode(buf_slice(&out), &back, &why), RC_INVALID);
	assert_string_equal(why.text, "the directory's entry: another version");
	buf_wipe(&out);
}

static void test_longest(void **state)
{
	static struct directory_entry entry;
	struct buf out = BUF_SECRET(DIRECTORY_RECORD_MAX);

	(void)state;
	memset(entry.phrase, 'p', DIRECTORY_PHRASE_MAX);
	memset(entry.number, '1', DIRECTORY_NUMBER_MAX);
	memset(entry.language, 'l', DIRECTORY_LANGUAGE_MAX);
	memset(entry.note, 'n', DIRECTORY_NOTE_MAX);
	memset(entry.certificate, 'c', DIRECTORY_CERTIFICATE_MAX);
	assert_int_equal(directory_entry_encode(&entry, &out), RC_OK);
	assert_int_equal(out.len, DIRECTORY_RECORD_MAX);
	assert_int_equal(directory_entry_decode(buf_slice(&out), &entry, NULL), RC_OK);
	buf_wipe(&out);
}

static const struct {
	const char *name, *text, *normal, *why;
} numbers[] = {
	{ "as people write it", "+49 (30) 123-45.67", "+49301234567", "" },
	{ "without a plus", "030/1234567", "0301234567", "" },
	{ "an extension", "12345", "12345", "" },
	{ "fifteen digits", "+123456789012345", "+123456789012345", "" },
	{ "sixteen", "+1234567890123456", "", "a number has at most 15 digits" },
	{ "sixteen without a plus", "1234567890123456", "", "a number has 5 to 15 digits, not 16" },
	{ "too few", "+1234", "", "a number has 5 to 15 digits, not 4" },
	{ "nothing", "", "", "a number has 5 to 15 digits, not 0" },
	{ "letters", "0800-FLOWERS", "", "\"0800-FLOWERS\" is no telephone number" },
	{ "a plus within", "49+30123", "", "\"49+30123\" is no telephone number" },
	{ "the recipient's mailbox", "jane@partner.example", "",
	  "a code cannot go to a mailbox: it must travel another way than the notice" },
};

static void test_numbers(void **state)
{
	char out[DIRECTORY_NUMBER_MAX + 1], mask[8];

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct fault why = { 0 };

		print_message("   %s\n", numbers[i].name);
		assert_int_equal(directory_number_parse(slice_of(numbers[i].text), out, &why),
				 numbers[i].why[0] ? RC_INVALID : RC_OK);
		assert_string_equal(why.text, numbers[i].why);
		if (!numbers[i].why[0])
			assert_string_equal(out, numbers[i].normal);
	}
	assert_string_equal(directory_number_mask("+49301234567", mask), "\xe2\x80\xa6"
									 "67");
	assert_string_equal(directory_number_mask("", mask), "\xe2\x80\xa6");
}

static const struct {
	const char *name, *text, *tag;
} languages[] = {
	{ "a language", "DE", "de" },
	{ "with a region", "pt-br", "pt-BR" },
	{ "with a script", "zh-hant-tw", "zh-Hant-TW" },
	{ "with a region of digits", "es-419", "es-419" },
	{ "a word", "german", "" },
	{ "digits first", "12-de", "" },
	{ "an empty subtag", "de--at", "" },
	{ "a hyphen at its end", "de-", "" },
	{ "nine letters", "de-abcdefghi", "" },
	{ "one letter", "d", "" },
	{ "a path", "../de", "" },
	{ "nothing", "", "" },
};

static void test_languages(void **state)
{
	char out[DIRECTORY_LANGUAGE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(languages); i++) {
		struct fault why = { 0 };

		print_message("   %s\n", languages[i].name);
		assert_int_equal(directory_language_parse(slice_of(languages[i].text), out, &why),
				 languages[i].tag[0] ? RC_OK : RC_INVALID);
		if (languages[i].tag[0])
			assert_string_equal(out, languages[i].tag);
		else
			assert_non_null(strstr(why.text, "is no language tag"));
	}
}

static void test_check(void **state)
{
	struct directory_entry good = example(), bad;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(directory_entry_check(&good, &why), RC_OK);
	assert_int_equal(
		directory_entry_check(&(struct directory_entry){ .name = good.name }, NULL), RC_OK);
	bad = good;
	strcpy(bad.phrase, "correct horse battery");
	assert_int_equal(directory_entry_check(&bad, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "the phrase is worth about 38 bits, and 51 are needed: take four words "
			    "by lot, or let Postern make one");
	bad = good;
	strcpy(bad.number, "+49 301234567");
	assert_int_equal(directory_entry_check(&bad, &why), RC_INVALID);
	assert_string_equal(why.text, "the number is not in its normal form");
	bad = good;
	strcpy(bad.language, "german");
	assert_int_equal(directory_entry_check(&bad, NULL), RC_INVALID);
	bad = good;
	strcpy(bad.note, "\xff");
	assert_int_equal(directory_entry_check(&bad, &why), RC_INVALID);
	assert_string_equal(why.text, "the note is not UTF-8");
	bad = good;
	strcpy(bad.certificate, "-----BEGIN PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\n");
	assert_int_equal(directory_entry_check(&bad, &why), RC_INVALID);
	assert_string_equal(why.text, "a private key is not for the directory");
	strcpy(bad.certificate, "text");
	assert_int_equal(directory_entry_check(&bad, &why), RC_INVALID);
	assert_string_equal(why.text, "the certificate is not PEM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comes_back), cmocka_unit_test(test_longest),
		cmocka_unit_test(test_numbers),    cmocka_unit_test(test_languages),
		cmocka_unit_test(test_check),
	};
	return cmocka_run_group_tests_name("directory/entry", tests, NULL, NULL);
}
