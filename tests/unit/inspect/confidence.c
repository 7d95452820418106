#include "inspect/confidence.h"

#include "support/unit.h"

#include <stdio.h>

static const struct {
	const char *name, *detector, *before, *found, *after, *value, *out;
} rows[] = {
	{ "a card alone", "payment-card", "order ", "4111111111111111", " thanks",
	  "4111111111111111", "medium" },
	{ "a card with a word before", "payment-card", "my Visa: ", "4111111111111111", "",
	  "4111111111111111", "high" },
	{ "a card with a word behind", "payment-card", "", "4111111111111111", ", CVV 123",
	  "4111111111111111", "high" },
	{ "a word inside another is none", "payment-card", "discard ", "4111111111111111", "",
	  "4111111111111111", "medium" },
	{ "a word in its plural", "payment-card", "cards ", "4111111111111111", "",
	  "4111111111111111", "high" },
	{ "a word too far away", "payment-card",
	  "card, which is 110 characters away from it, ....................................."
	  "...............................",
	  "4111111111111111", "", "4111111111111111", "medium" },
	{ "a social security number alone", "us-ssn", "", "536-22-8726", "", "536228726", "low" },
	{ "with its name", "us-ssn", "SSN ", "536-22-8726", "", "536228726", "high" },
	{ "a number by a state alone", "uk-nhs", "", "943 476 5919", "", "9434765919", "medium" },
	{ "with its own word", "uk-nhs", "NHS no. ", "943 476 5919", "", "9434765919", "high" },
	{ "with another's word", "uk-nhs", "SSN ", "943 476 5919", "", "9434765919", "medium" },
	{ "one without a check digit", "in-pan", "", "ABCPE1234F", "", "ABCPE1234F", "low" },
	{ "an account number", "iban", "", "DE89370400440532013000", "", "DE89370400440532013000",
	  "high" },
	{ "a token of a service", "api-secret", "", "AKIAIOSFODNN7EXAMPLQ", "", "aws", "high" },
	{ "what stands behind password", "api-secret", "password=", "x8Kq2", "", "generic",
	  "medium" },
	{ "a marking", "sensitivity", "", "private", "", "private", "high" },
	{ "a marking that breaks its grammar", "au-protective-marking", "", "SEC=", "", "", "low" },
};

static void test_words_beside_what_was_found(void **state)
{
	char text[300];
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct detector *d = detector_find(rows[i].detector);
		size_t at = strlen(rows[i].before), len = strlen(rows[i].found);
		assert_non_null(d);
		snprintf(text, sizeof text, "%s%s%s\n", rows[i].before, rows[i].found,
			 rows[i].after);
		const char *out = confidence_name(
			confidence_of(d, slice_of(text), at, len, slice_of(rows[i].value)));
		if (strcmp(out, rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].name, out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_beside_what_was_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
