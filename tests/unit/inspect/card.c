#include "inspect/card.h"

#include "support/unit.h"

/* Published test numbers of the payment companies. */
static const struct {
	const char *name, *text, *number; /* number NULL: none is found */
} rows[] = {
	{ "bare", "4111111111111111", "4111111111111111" },
	{ "in fours", "4111 1111 1111 1111", "4111111111111111" },
	{ "with hyphens", "4111-1111-1111-1111", "4111111111111111" },
	{ "in words", "my card 4111 1111 1111 1111, please", "4111111111111111" },
	{ "Visa of 13", "4222222222222", "4222222222222" },
	{ "Visa of 19", "4000000000000000006", "4000000000000000006" },
	{ "Visa of 14 is none", "41111111111114", NULL },
	{ "Mastercard", "5555555555554444", "5555555555554444" },
	{ "Mastercard of the 2 range", "2223003122003222", "2223003122003222" },
	{ "below the 2 range", "2220000000000007", NULL },
	{ "American Express in its groups", "3782 822463 10005", "378282246310005" },
	{ "American Express of 16 is none", "3782822463100057", NULL },
	{ "Diners Club", "3056 930902 5904", "30569309025904" },
	{ "Discover", "6011111111111117", "6011111111111117" },
	{ "JCB", "3530111333300000", "3530111333300000" },
	{ "UnionPay", "6200000000000005", "6200000000000005" },
	{ "Maestro", "6759649826438453", "6759649826438453" },
	{ "Maestro of 12", "501800000009", "501800000009" },
	{ "no issuer", "9111111111111111", NULL },
	{ "a magnetic stripe", "%B4111111111111111^BERG/ANNA^2612", "4111111111111111" },
	{ "its second track", ";4111111111111111=26121010000?", "4111111111111111" },
	{ "a piece of an IBAN", "IBAN TL45 4476 0424 0166 9345 979", NULL },
	{ "its last pieces", "VG92 FQTQ 4934 2051 6682 9778.", NULL },
	{ "a piece of what is no IBAN", "VG93 FQTQ 4934 2051 6682 9778.", "4934205166829778" },
	{ "words before it that have an IBAN's length and sum", "Please charge 4938 8971 9862 9923",
	  "4938897198629923" },
	{ "a wrong check digit", "4111111111111112", NULL },
	{ "two digits changed places", "4111111111111011", NULL },
	{ "all zeros", "0000000000000000", NULL },
	{ "one digit only", "4444444444444444", NULL },
	{ "two blanks", "4111  1111 1111 1111", NULL },
	{ "a line end between", "4111 1111\n1111 1111", NULL },
	{ "a slash between", "4111/1111/1111/1111", NULL },
	{ "in a longer number", "41111111111111111", NULL },
	{ "in a longer number, at its front", "94111111111111111", NULL },
	{ "in a longer number with hyphens", "1234-4111-1111-1111-1111", NULL },
	{ "in a longer number with hyphens, at its end", "4111-1111-1111-1111-1234", NULL },
	{ "in a longer number of fours", "9999 4111 1111 1111 1111 9999", NULL },
	{ "in a longer number in odd groups", "41 11 11 11 11 11 11 11 99", NULL },
	{ "odd groups by themselves", "41 11 11 11 11 11 11 11", "4111111111111111" },
	{ "a fraction", "0.4111111111111111", NULL },
	{ "before a fraction", "4111111111111111.25", NULL },
	{ "at the end of a sentence", "It is 4111111111111111.", "4111111111111111" },
	{ "in a UUID", "a2345678-abcd-abcd-4111-111111111111", NULL },
	{ "in a UUID of digits", "12345678-1234-1234-4222-222222222222", NULL },
	{ "in a hexadecimal number", "abf4111111111111111", NULL },
	{ "in a hexadecimal number, at its front", "4111111111111111ab", NULL },
	{ "in an identifier", "x1_4111111111111111", NULL },
	{ "in a URL", "https://a.test/o/4111111111111111/x", NULL },
	{ "in a URL without a scheme", "www.a.test/4111111111111111", NULL },
	{ "after a URL", "https://a.test 4111111111111111", "4111111111111111" },
	{ "in a Message-ID", "<4111111111111111@a.test>", NULL },
	{ "a telephone number", "+4222222222222", NULL },
	{ "a word before it", "Visa4111111111111111", "4111111111111111" },
	{ "a word after it", "4111111111111111USD", "4111111111111111" },
	{ "a word and a hyphen before it", "Number-4111111111111111", "4111111111111111" },
	{ "a colon before it", "card:4111111111111111;", "4111111111111111" },
	{ "in a list with commas", "7,4111111111111111,123", "4111111111111111" },
	{ "in brackets", "(4111111111111111)", "4111111111111111" },
	{ "before its date", "4111 1111 1111 1111 12/26", "4111111111111111" },
	{ "before its date without a slash", "4111 1111 1111 1111 1226", "4111111111111111" },
	{ "before its code", "4111 1111 1111 1111 123", "4111111111111111" },
	{ "after a date", "2026-11-22 4111111111111111", "4111111111111111" },
	{ "after a year", "2026 4111 1111 1111 1111", "4111111111111111" },
	{ "after another number", "12345678 4111 1111 1111 1111", "4111111111111111" },
	{ "the second of two", "4111 1111 1111 1111 5555 5555 5555 4444", "5555555555554444" },
	{ "an IBAN is none", "DE89 3704 0044 0532 0130 00", NULL },
	{ "too short", "41111111116", NULL },
	{ "20 digits", "40000000000000000000", NULL },
};

/* As the matcher tells it: each digit that ends a dozen and has none after it. */
static bool find_any(struct slice text, struct card *card)
{
	bool found = false;

	for (size_t end = CARD_DIGITS_MIN; end <= text.len; end++)
		if (text.at[end - 1] >= '0' && text.at[end - 1] <= '9' &&
		    (end == text.len || text.at[end] < '0' || text.at[end] > '9'))
			found = card_find(text, end, card) || found;
	return found;
}

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct card card = { 0 };
		bool found = find_any(text, &card);
		if (found != (rows[i].number != NULL) ||
		    (found && strcmp(card.number, rows[i].number) != 0))
			fail_msg("%s: %s", rows[i].name, found ? card.number : "none");
	}
}

static void test_where_it_stands(void **state)
{
	struct slice text = SLICE("pay 4111-1111 1111-1111 now");
	struct card card;
	(void)state;

	assert_true(card_find(text, 23, &card));
	assert_int_equal(card.at, 4);
	assert_int_equal(card.len, 19);
	assert_int_equal(card.digits, 16);
}

static void test_every_changed_digit_is_noticed(void **state)
{
	(void)state;

	for (size_t i = 1; i < 16; i++)
		for (int digit = 0; digit < 10; digit++) {
			char number[17] = "4111111111111111";
			number[i] = (char)('0' + digit);
			assert_int_equal(card_is_number((struct slice){ number, 16 }), digit == 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_where_it_stands),
		cmocka_unit_test(test_every_changed_digit_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
