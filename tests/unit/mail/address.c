#include "mail/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name, *in;
	enum rc rc;
	const char *text, *domain; /* of the normal form */
	bool literal, utf8;
} rows[] = {
	{ "a path", "<Jane.Doe@Example.ORG>", RC_OK, "Jane.Doe@example.org", "example.org" },
	{ "bare", "a@b.test", RC_OK, "a@b.test", "b.test" },
	{ "the null sender", "<>", RC_OK, "", "" },
	{ "the null sender without brackets", "", RC_OK, "", "" },
	{ "a bare local part", "<Postmaster>", RC_OK, "Postmaster", "" },
	{ "a source route", "<@a.test,@b.test:c@d.test>", RC_OK, "c@d.test", "d.test" },
	{ "a route to nobody", "<@a.test:>", RC_INVALID, "", "" },
	{ "a route that does not end", "<@a.test>", RC_INVALID, "", "" },
	{ "needless quotes go", "<\"jane\"@b.test>", RC_OK, "jane@b.test", "b.test" },
	{ "needless pairs go", "<\"j\\ane\"@b.test>", RC_OK, "jane@b.test", "b.test" },
	{ "needed quotes stay", "<\"j d\"@b.test>", RC_OK, "\"j d\"@b.test", "b.test" },
	{ "an at sign in quotes", "<\"a@x\"@b.test>", RC_OK, "\"a@x\"@b.test", "b.test" },
	{ "a bracket in quotes", "<\"a>\"@b.test>", RC_OK, "\"a>\"@b.test", "b.test" },
	{ "pairs that are needed stay", "\"a\\\"\\\\b\"@b.test", RC_OK, "\"a\\\"\\\\b\"@b.test",
	  "b.test" },
	{ "empty quotes", "\"\"@b.test", RC_OK, "\"\"@b.test", "b.test" },
	{ "dots that break the grammar but are in use", "<.a..b.@b.test>", RC_OK, ".a..b.@b.test",
	  "b.test" },
	{ "a last dot of the domain goes", "<a@b.test.>", RC_OK, "a@b.test", "b.test" },
	{ "two last dots", "<a@b.test..>", RC_INVALID, "", "" },
	{ "an IPv4 literal", "<a@[192.0.2.1]>", RC_OK, "a@[192.0.2.1]", "[192.0.2.1]", true },
	{ "an IPv6 literal", "<a@[IPv6:2001:DB8::1]>", RC_OK, "a@[ipv6:2001:db8::1]",
	  "[ipv6:2001:db8::1]", true },
	{ "a literal that does not end", "<a@[192.0.2.1>", RC_INVALID, "", "" },
	{ "SMTPUTF8", "<j\xc3\xb6rg@m\xc3\xbcller.example>", RC_OK,
	  "j\xc3\xb6rg@m\xc3\xbcller.example", "m\xc3\xbcller.example", false, true },
	{ "bytes that are no UTF-8", "<j\xf6rg@b.test>", RC_INVALID, "", "" },
	{ "a percent hack is a local part", "<a%b.test@c.test>", RC_OK, "a%b.test@c.test",
	  "c.test" },
	{ "two at signs", "<a@b@c.test>", RC_INVALID, "", "" },
	{ "no local part", "<@b.test>", RC_INVALID, "", "" },
	{ "no domain after the at sign", "<a@>", RC_INVALID, "", "" },
	{ "an empty label", "<a@b..test>", RC_INVALID, "", "" },
	{ "a port", "<a@b.test:25>", RC_INVALID, "", "" },
	{ "a line end", "<a@b.test\r\nRCPT TO:<x@y.test>", RC_INVALID, "", "" },
	{ "a line end in quotes", "<\"a\n\"@b.test>", RC_INVALID, "", "" },
	{ "a pair that escapes a line end", "<\"a\\\n\"@b.test>", RC_INVALID, "", "" },
	{ "quotes that do not end", "<\"a@b.test>", RC_INVALID, "", "" },
	{ "a bracket too few", "<a@b.test", RC_INVALID, "", "" },
	{ "a bracket too many", "a@b.test>", RC_INVALID, "", "" },
	{ "a display name is no path", "Jane <a@b.test>", RC_INVALID, "", "" },
	{ "words behind the path", "<a@b.test> SIZE=1", RC_INVALID, "", "" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct mail_address a;
		struct fault why = { 0 };
		struct slice in = { rows[i].in, strlen(rows[i].in) };

		print_message("   %s\n", rows[i].name);
		memset(&a, 'x', sizeof a);
		assert_int_equal(mail_address_parse(in, &a, &why), rows[i].rc);
		assert_int_equal(why.text[0] == '\0', rows[i].rc == RC_OK);
		if (rows[i].rc != RC_OK) {
			assert_int_equal(a.text[0], 'x'); /* untouched */
			continue;
		}
		assert_string_equal(a.text, rows[i].text);
		assert_true(slice_is(mail_address_domain(&a), rows[i].domain));
		assert_int_equal(a.literal, rows[i].literal);
		assert_int_equal(a.utf8, rows[i].utf8);
		assert_int_equal(mail_address_is_null(&a), rows[i].text[0] == '\0');
	}
}

static enum rc parse_sized(size_t local, size_t labels, struct mail_address *out)
{
	char text[2048];
	size_t n = 0;

	for (size_t i = 0; i < local; i++)
		text[n++] = 'l';
	text[n++] = '@';
	for (size_t i = 0; i < labels; i++) {
		memcpy(text + n, i + 1 < labels ? "abcdefg." : "abcdefg", 8);
		n += i + 1 < labels ? 8 : 7;
	}
	return mail_address_parse((struct slice){ text, n }, out, NULL);
}

static void test_sizes(void **state)
{
	struct mail_address a;

	(void)state;
	assert_int_equal(parse_sized(64, 32, &a), RC_OK); /* 255 bytes of domain */
	assert_int_equal(mail_address_domain(&a).len, MAIL_DOMAIN_MAX);
	assert_int_equal(mail_address_local(&a).len, 64);
	assert_int_equal(parse_sized(64, 33, &a), RC_LIMIT);
	assert_int_equal(parse_sized(MAIL_ADDRESS_MAX - 8, 1, &a), RC_OK);
	assert_int_equal(strlen(a.text), MAIL_ADDRESS_MAX);
	assert_int_equal(parse_sized(MAIL_ADDRESS_MAX - 7, 1, &a), RC_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
