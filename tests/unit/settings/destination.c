#include "settings/destination.h"

#include "settings/rules.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGEST "3f2a00ff1122334455667788990011223344556677889900aabbccddeeff0011"
#define COLONS                                                                                     \
	"3f:2a:00:ff:11:22:33:44:55:66:77:88:99:00:11:22:"                                         \
	"33:44:55:66:77:88:99:00:aa:bb:cc:dd:ee:ff:00:11"
#define KEYS(key) "pin = { spki_sha256 = [ \"" key "\" ]; };"
#define ENTRY(members) "destinations = ( { " members " why = \"w\"; } );"
#define VOUCHED(rest) ENTRY("domain = \"d.example\"; assurance = \"authenticated\"; " rest)

static const struct rules *parsed(const char *text)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse(slice_of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s", why.text);
	return rules;
}

static void test_a_pinned_key_is_known_however_it_is_written(void **state)
{
	(void)state;
	static const char *const written[] = {
		DIGEST,
		"3F2A00FF1122334455667788990011223344556677889900AABBCCDDEEFF0011",
		COLONS,
		"PyoA/xEiM0RVZneImQARIjNEVWZ3iJkAqrvM3e7/ABE=",
	};

	for (size_t i = 0; i < COUNT(written); i++) {
		char text[400];
		snprintf(text, sizeof text, VOUCHED(KEYS("%s")), written[i]);
		const struct rules *rules = parsed(text);
		const struct rules_destination *d = rules->destinations;

		assert_int_equal(d->pin.spki_sha256.count, 1);
		assert_string_equal(d->pin.spki_sha256.at[0], DIGEST);
		assert_int_equal(d->match.count, 0);
		assert_string_equal(d->pin.ca_file, "");
		rules_unref(rules);
	}
}

static void test_never_and_subdomains_are_read(void **state)
{
	(void)state;
	const struct rules *rules = parsed(ENTRY("domain = \".rival.example\"; never = true; "));

	assert_true(rules->destinations[0].never);
	assert_int_equal(rules->destinations[0].assurance, RULES_REQUIRE_NONE);
	assert_string_equal(rules->destinations[0].domain, ".rival.example");
	rules_unref(rules);
}

static const struct {
	const char *says, *text, *why;
} wrong[] = {
	{ "a digest of another length", VOUCHED(KEYS("3f2a")), "f:1: spki_sha256 is \"3f2a\"" },
	{ "base64 with bits left over",
	  VOUCHED(KEYS("PyoA/xEiM0RVZneImQARIjNEVWZ3iJkAqrvM3e7/ABF=")), "f:1: spki_sha256 is" },
	{ "a colon in the wrong place",
	  VOUCHED(KEYS("3:f2a00ff1122334455667788990011223344556677889900aabbccddeeff0011")),
	  "f:1: spki_sha256 is" },
	{ "names beside keys, which count for nothing",
	  VOUCHED("match = [ \"h.example\" ]; " KEYS(DIGEST)), "f:1: match counts for nothing" },
	{ "neither names nor keys", VOUCHED(""), "f:1: a destination needs match" },
	{ "no assurance", ENTRY("domain = \"d.example\"; match = [ \"h.example\" ]; "),
	  "f:1: a destination needs assurance" },
	{ "an empty pin", VOUCHED("pin = { };"), "f:1: a destination needs match" },
	{ "a pin that nobody knows", VOUCHED("pin = { sha1 = \"x\"; };"),
	  "f:1: sha1 is not known in pin" },
	{ "never, and vouched for all the same",
	  ENTRY("domain = \"d.example\"; never = true; assurance = \"authenticated\"; "),
	  "f:1: a destination with never = true needs no assurance" },
	{ "never of a next hop", ENTRY("domain = \"[h.example]\"; never = true; "),
	  "f:1: never = true is said of a domain" },
	{ "all below nothing", ENTRY("domain = \".\"; never = true; "), "f:1: domain is \".\"" },
	{ "certificates from memory, where no file can be named",
	  VOUCHED("match = [ \"h.example\" ]; pin = { ca_file = \"ca.pem\"; };"),
	  "f:1: no file of certificates can be named here" },
};

static void test_what_does_not_go_together_is_said_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct rules *rules = NULL;
		struct fault why = { "" };

		if (rules_parse(slice_of(wrong[i].text), "f", &rules, &why) != RC_INVALID)
			fail_msg("%s: taken", wrong[i].says);
		if (strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: %s", wrong[i].says, why.text);
	}
}

static void write_to(const char *folder, const char *name, const char *text)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* A file beside the rules is read with them: what the digest of the rules stands for must not
 * change behind it. */
static void test_certificates_are_read_with_the_rules(void **state)
{
	(void)state;
	static const char entry[] =
		VOUCHED("match = [ \"h.example\" ]; pin = { ca_file = \"ca.pem\"; };");
	static const struct {
		const char *content, *why;
	} rows[] = {
		{ "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", NULL },
		{ "-----BEGIN PRIVATE KEY-----\n", "ca_file: there is no certificate (PEM)" },
		{ NULL, "ca_file: " },
	};
	char folder[] = "/tmp/destination.XXXXXX", rules_path[200], ca_path[200];

	assert_non_null(mkdtemp(folder));
	snprintf(rules_path, sizeof rules_path, "%s/rules.conf", folder);
	snprintf(ca_path, sizeof ca_path, "%s/ca.pem", folder);
	write_to(folder, "rules.conf", entry);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct rules *rules = NULL;
		struct fault why = { "" };

		if (rows[i].content)
			write_to(folder, "ca.pem", rows[i].content);
		else
			unlink(ca_path);
		enum rc rc = rules_read(rules_path, &rules, &why);
		assert_int_equal(rc, rows[i].why ? RC_INVALID : RC_OK);
		if (rows[i].why) {
			assert_non_null(strstr(why.text, rows[i].why));
			continue;
		}
		assert_string_equal(rules->destinations[0].pin.ca_file, ca_path);
		assert_true(slice_is(rules->destinations[0].pin.ca, rows[i].content));
		assert_non_null(memmem(rules->source.at, rules->source.len, "AA==", 4));
		rules_unref(rules);
	}
	unlink(rules_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_pinned_key_is_known_however_it_is_written),
		cmocka_unit_test(test_never_and_subdomains_are_read),
		cmocka_unit_test(test_what_does_not_go_together_is_said_with_its_line),
		cmocka_unit_test(test_certificates_are_read_with_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
