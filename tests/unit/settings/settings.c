#include "settings/settings.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static const struct settings *parsed(const char *text)
{
	const struct settings *s = NULL;
	struct fault why = { "" };

	if (settings_parse(of(text), "f", &s, &why) != RC_OK)
		fail_msg("%s: %s", text, why.text);
	return s;
}

static void test_an_empty_file_gives_the_defaults(void **state)
{
	(void)state;
	const struct settings *s = parsed("");

	assert_string_equal(s->state, "/var/lib/postern");
	assert_string_equal(s->rules, "/etc/postern/rules.conf");
	assert_false(s->rules_set);
	assert_string_equal(s->store, "sqlite");
	assert_string_equal(s->keys, "/etc/postern/keys");
	assert_string_equal(s->milter.listen, "unix:/var/spool/postfix/postern/milter.sock");
	assert_string_equal(s->milter.route_token, "");
	assert_string_equal(s->tls_policy.group, "postfix");
	assert_int_equal(s->resolver.servers.count, 1);
	assert_string_equal(s->resolver.servers.at[0], "127.0.0.1");
	assert_int_equal(s->resolver.trust_ad.count, 2);
	assert_string_equal(s->resolver.trust_ad.at[1], "::1/128");
	assert_int_equal(s->resolver.port, 53);
	assert_int_equal(s->sts.timeout_ms, 60000);
	assert_true(s->probe.enabled);
	assert_int_equal(s->outbound.domains.count, 0);
	assert_int_equal(s->outbound.networks.count, 2);
	assert_true(s->outbound.authenticated);
	assert_true(s->audit.syslog);
	assert_string_equal(s->portal.url, "");
	assert_string_equal(s->outbox.smtp, "127.0.0.1:25");
	assert_int_equal(s->limits.message_memory_bytes, 1048576);
	assert_int_equal(s->limits.retry_window_days, 5);
	settings_unref(s);
}

static void test_each_type_is_read(void **state)
{
	(void)state;
	const struct settings *s =
		parsed("state = \"/srv//p/./\";\n"
		       "outbound = { domains = [ \"Our.Example\", \"b.example\" ];\n"
		       "  networks = ( ); authenticated = false; };\n"
		       "limits = { decoded_bytes = 0x100000; lookup_ms = 700L; };\n"
		       "milter: { group = \"\" }\n");

	assert_string_equal(s->file, "f");
	assert_string_equal(s->state, "/srv/p");
	assert_int_equal(s->outbound.domains.count, 2);
	assert_string_equal(s->outbound.domains.at[0], "our.example");
	assert_int_equal(s->outbound.networks.count, 0);
	assert_false(s->outbound.authenticated);
	assert_int_equal(s->limits.decoded_bytes, 0x100000);
	assert_int_equal(s->limits.lookup_ms, 700);
	assert_string_equal(s->milter.group, "");
	assert_string_equal(settings_place(s, "outbound.authenticated"), "f:3");
	assert_string_equal(settings_place(s, "audit.file"), "");
	settings_unref(s);
}

static const struct {
	const char *says, *text, *why;
} wrong[] = {
	{ "a slip in a nested name", "\nmilter = { lisen = \"x\"; };",
	  "f:2: milter.lisen is not a setting; did you mean milter.listen?" },
	{ "a slip in a plain name", "stat = \"/x\";",
	  "f:1: stat is not a setting; did you mean state?" },
	{ "a slip in a group", "limit = { sessions = 3; };",
	  "f:1: limit is not a setting; did you mean limits?" },
	{ "a group that nobody knows", "zebra = { };", "f:1: zebra is not a setting" },
	{ "an option outside its group", "trust_ad = [ ];",
	  "f:1: trust_ad is not a setting; did you mean resolver.trust_ad?" },
	{ "a group within a group", "milter = { milter = { }; };",
	  "f:1: milter.milter is not a setting" },
	{ "a number for a text", "state = 3;",
	  "f:1: state is a number: expected a text in quotes" },
	{ "a text for a number", "resolver = {\n port = \"53\"; };",
	  "f:2: resolver.port is a text: expected a whole number" },
	{ "a fraction for a number", "resolver = { port = 53.0; };",
	  "f:1: resolver.port is a number with a fraction: expected a whole number" },
	{ "a number for a flag", "audit = { syslog = 1; };",
	  "f:1: audit.syslog is a number: expected true or false" },
	{ "a text for a list", "outbound = { domains = \"our.example\"; };",
	  "f:1: outbound.domains is a text: expected a list such as [ \"one\", \"two\" ]" },
	{ "numbers in a list of texts", "outbound = { domains = [ 1 ]; };",
	  "f:1: outbound.domains is a number: expected texts in quotes in its list" },
	{ "a group for a text", "state = { };",
	  "f:1: state is a group: expected a text in quotes" },
	{ "a text for a group", "milter = \"x\";",
	  "f:1: milter is a text: expected { NAME = VALUE; }" },
	{ "below the range", "resolver = { tries = 0; };",
	  "f:1: resolver.tries is 0: expected 1 to 8" },
	{ "above the range, with a unit", "resolver = { timeout_ms = 60001; };",
	  "f:1: resolver.timeout_ms is 60001: expected 100 to 60000 ms" },
	{ "negative", "resolver = { tries = -1; };", "f:1: resolver.tries is -1: expected 1 to 8" },
	{ "more than 32 bits, with its L", "resolver = { tries = 4294967297L; };",
	  "f:1: resolver.tries is 4294967297: expected 1 to 8" },
	{ "more than 32 bits, which libconfig would cut to 1",
	  "\nresolver = { tries = 4294967297; };", "f:2: this number is too large" },
	{ "an element of a list, on its own line",
	  "outbound = { networks = [ \"127.0.0.0/8\",\n\"10.0.0.1/8\" ]; };",
	  "f:2: outbound.networks is \"10.0.0.1/8\": expected a network" },
	{ "empty where something must stand", "state = \"\";", "f:1: state must not be empty" },
	{ "an empty element", "outbound = { domains = [ \"\" ]; };",
	  "f:1: outbound.domains is \"\": expected a domain" },
	{ "more entries than are used",
	  "resolver = { servers = [ \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", \"::1\", "
	  "\"::1\", \"::1\" ]; };",
	  "f:1: resolver.servers has 9 entries: expected at most 8" },
	{ "a URL without TLS", "portal = { url = \"http://p.example\"; };",
	  "f:1: portal.url is \"http://p.example\": expected a URL that begins with https://" },
	{ "keys under state", "state = \"/srv/p\";\nkeys = \"/srv/p/./keys\";",
	  "f:2: keys is /srv/p/keys, which is under state" },
	{ "keys are state", "keys = \"/var/lib/postern/\";",
	  "f:1: keys is /var/lib/postern, which is under state" },
	{ "state above the default keys", "\n\nstate = \"/etc/postern\";",
	  "f:3: keys is /etc/postern/keys, which is under state" },
	{ "twice", "state = \"/a\";\nstate = \"/b\";", "f:2: duplicate setting name" },
	{ "not libconfig", "state = = ;", "f:1: syntax error" },
	{ "an include in memory", "@include \"x\"\n", "f:1: no file can be included here" },
};

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct settings *s = (const struct settings *)&wrong;
		struct fault why = { "" };

		if (settings_parse(of(wrong[i].text), "f", &s, &why) != RC_INVALID)
			fail_msg("%s: taken", wrong[i].says);
		if (strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: \"%s\"", wrong[i].says, why.text);
		assert_ptr_equal(s, &wrong);
	}
}

static void test_a_sibling_that_begins_alike_is_not_under(void **state)
{
	(void)state;
	const struct settings *s = parsed("state = \"/srv/p\"; keys = \"/srv/p-keys\";");

	assert_string_equal(s->keys, "/srv/p-keys");
	settings_unref(s);
}

static void test_the_milter_needs_a_domain_and_a_url(void **state)
{
	(void)state;
	struct fault why;
	const struct settings *s;

	assert_int_equal(settings_defaults(&s, &why), RC_OK);
	assert_int_equal(settings_check_milter(s, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "/etc/postern/postern.conf: outbound.domains is not set"));
	settings_unref(s);

	s = parsed("outbound = { domains = [ \"our.example\" ]; };");
	assert_int_equal(settings_check_milter(s, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "f: portal.url is not set"));
	settings_unref(s);

	s = parsed("outbound = { domains = [ \"our.example\" ]; };\n"
		   "portal = { url = \"https://secure.our.example\"; };");
	assert_int_equal(settings_check_milter(s, &why), RC_OK);
	settings_unref(s);
}

static void test_what_the_portal_needs(void **state)
{
	static const struct {
		const char *name, *portal, *why;
	} table[] = {
		{ "an address", "url = \"https://secure.our.example\";", NULL },
		{ "none", "listen = \"127.0.0.1:1\";", "f: portal.url is not set" },
		{ "a certificate without its key",
		  "url = \"https://s.our.example\"; certificate = \"/c\";",
		  "f: portal.certificate is set, and portal.key is not" },
		{ "a key without its certificate", "url = \"https://s.our.example\"; key = \"/k\";",
		  "f: portal.key is set, and portal.certificate is not" },
		{ "both", "url = \"https://s.our.example\"; certificate = \"/c\"; key = \"/k\";",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char text[200];
		struct fault why = { 0 };

		print_message("   %s\n", table[i].name);
		snprintf(text, sizeof text, "portal = { %s };", table[i].portal);
		const struct settings *s = parsed(text);
		assert_int_equal(settings_check_portal(s, &why), table[i].why ? RC_INVALID : RC_OK);
		if (table[i].why)
			assert_non_null(strstr(why.text, table[i].why));
		settings_unref(s);
	}
}

static void test_a_snapshot_lives_until_its_last_reference_goes(void **state)
{
	(void)state;
	const struct settings *s = parsed("portal = { organisation = \"Our \xc3\x9c\"; };");
	const struct settings *again = settings_ref(s);

	settings_unref(s);
	assert_string_equal(again->portal.organisation, "Our \xc3\x9c");
	settings_unref(again);
	settings_unref(NULL);
}

static void test_a_file_and_its_absence(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-settings-XXXXXX", path[64];
	const struct settings *s;
	struct fault why;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/postern.conf", folder);
	assert_int_equal(settings_read(path, &s, &why), RC_ABSENT);

	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs("rules = \"/srv/rules.conf\";\n", f);
	fclose(f);
	assert_int_equal(settings_read(path, &s, &why), RC_OK);
	assert_true(s->rules_set);
	assert_string_equal(s->file, path);
	settings_unref(s);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_file_gives_the_defaults),
		cmocka_unit_test(test_each_type_is_read),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(test_a_sibling_that_begins_alike_is_not_under),
		cmocka_unit_test(test_the_milter_needs_a_domain_and_a_url),
		cmocka_unit_test(test_what_the_portal_needs),
		cmocka_unit_test(test_a_snapshot_lives_until_its_last_reference_goes),
		cmocka_unit_test(test_a_file_and_its_absence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
