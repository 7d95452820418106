#include "dns/name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define L63 "a23456789012345678901234567890123456789012345678901234567890123"
#define N253                                                                                       \
	L63 "." L63 "." L63 "."                                                                    \
	    "a234567890123456789012345678901234567890123456789012345678901"

static struct slice text(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static const struct {
	const char *sentence, *name, *out, *why;
} normalising[] = {
	{ "lower case stays", "mail.example", "mail.example", "" },
	{ "capitals become small", "MAIL.Example", "mail.example", "" },
	{ "one final dot goes", "mail.example.", "mail.example", "" },
	{ "a single label", "localhost", "localhost", "" },
	{ "underscores pass", "_25._tcp.mail.example", "_25._tcp.mail.example", "" },
	{ "A-labels stay as they are", "XN--mller-KVA.example", "xn--mller-kva.example", "" },
	{ "A-labels of older rules stay", "xn--i-7iq.ws", "xn--i-7iq.ws", "" },
	{ "U-labels become A-labels", "m\xc3\xbcller.example", "xn--mller-kva.example", "" },
	{ "U-labels in capitals", "M\xc3\x9cLLER.EXAMPLE", "xn--mller-kva.example", "" },
	{ "U-labels not in NFC", "mu\xcc\x88ller.example", "xn--mller-kva.example", "" },
	{ "sharp s is not ss", "fa\xc3\x9f.de", "xn--fa-hia.de", "" },
	{ "a U-label beside an underscore", "_mta-sts.m\xc3\xbcller.example",
	  "_mta-sts.xn--mller-kva.example", "" },
	{ "ideographic dots separate",
	  "m\xc3\xbcller\xe3\x80\x82"
	  "example\xe3\x80\x82",
	  "xn--mller-kva.example", "" },
	{ "fullwidth letters", "\xef\xbd\x81.example", "a.example", "" },
	{ "a label of 63", L63 ".example", L63 ".example", "" },
	{ "a label of 64", L63 "4.example", NULL, "label of 64 bytes" },
	{ "a name of 253", N253, N253, "" },
	{ "a name of 253 and the dot", N253 ".", N253, "" },
	{ "a name of 254", N253 "2", NULL, "name of 254 bytes" },
	{ "empty", "", NULL, "empty name" },
	{ "the root", ".", NULL, "empty name" },
	{ "an empty label", "a..example", NULL, "empty label" },
	{ "a leading dot", ".example", NULL, "empty label" },
	{ "two final dots", "example..", NULL, "empty label" },
	{ "a blank", "a b.example", NULL, "byte 0x20 in a name" },
	{ "a port", "a.example:25", NULL, "byte 0x3a in a name" },
	{ "a literal", "[192.0.2.1]", NULL, "byte 0x5b in a name" },
	{ "an escape", "a\\.b.example", NULL, "byte 0x5c in a name" },
	{ "a slash out of a sign", "\xe2\x84\x80.example", NULL, "byte 0x2f in a name" },
	{ "half a letter", "m\xc3.example", NULL, "not an internationalised name" },
	{ "Latin-1", "m\xfcller.example", NULL, "not an internationalised name" },
	{ "a zero-width blank alone", "\xe2\x80\x8b.example", NULL, "empty label" },
	{ "an overlong slash", "a\xc0\xaf.example", NULL, "not an internationalised name" },
};

static void names_are_normalised(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof normalising / sizeof *normalising; i++) {
		const char *expected = normalising[i].out ? normalising[i].out : "before";
		char out[DNS_NAME_MAX] = "before";
		struct fault why = { 0 };
		enum rc rc = dns_name_normalise(text(normalising[i].name), out, &why);
		enum rc wanted = normalising[i].out ? RC_OK : RC_INVALID;

		if (rc != wanted || strcmp(out, expected) != 0 ||
		    !strstr(why.text, normalising[i].why))
			fail_msg("%s: %d \"%s\" \"%s\"", normalising[i].sentence, rc, out,
				 why.text);
	}
}

static void nul_and_long_unicode_are_refused(void **state)
{
	char out[DNS_NAME_MAX], wide[2 * DNS_UNICODE_MAX];
	struct fault why;

	(void)state;
	assert_int_equal(dns_name_normalise(SLICE("a\0b.example"), out, &why), RC_INVALID);
	assert_string_equal(why.text, "byte 0x00 in a name");
	assert_int_equal(dns_name_normalise(SLICE("\xc3\xbc\0b.example"), out, &why), RC_INVALID);
	assert_string_equal(why.text, "byte 0x00 in a name");
	for (size_t i = 0; i < sizeof wide; i += 2)
		memcpy(wide + i, "\xc3\xbc", 2);
	assert_int_equal(dns_name_normalise((struct slice){ wide, sizeof wide }, out, &why),
			 RC_INVALID);
	assert_int_equal(dns_name_normalise((struct slice){ NULL, 0 }, out, &why), RC_INVALID);
	assert_string_equal(why.text, "empty name");
}

static const struct {
	const char *sentence, *name;
	bool is;
} hostnames[] = {
	{ "usual", "mail.example.com", true },
	{ "one label", "localhost", true },
	{ "digits and hyphens inside", "3com-1.example", true },
	{ "an A-label", "xn--mller-kva.example", true },
	{ "capitals", "MAIL.example", true },
	{ "253 bytes", N253, true },
	{ "254 bytes", N253 "2", false },
	{ "a label of 64", L63 "4", false },
	{ "an underscore", "_25._tcp.example", false },
	{ "a leading hyphen", "-a.example", false },
	{ "a final hyphen", "a-.example", false },
	{ "a final dot", "a.example.", false },
	{ "empty", "", false },
	{ "an empty label", "a..example", false },
	{ "a U-label", "m\xc3\xbcller.example", false },
	{ "a star", "*.example", false },
	{ "an escape", "a\\046b.example", false },
};

static void hostnames_are_told_from_the_rest(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hostnames / sizeof *hostnames; i++)
		if (dns_is_hostname(text(hostnames[i].name)) != hostnames[i].is)
			fail_msg("%s: %s", hostnames[i].sentence, hostnames[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_normalised),
		cmocka_unit_test(nul_and_long_unicode_are_refused),
		cmocka_unit_test(hostnames_are_told_from_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
