#include "settings/rules.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "settings/settings.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static const struct rules *parsed(const char *text)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse(of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s: %s", text, why.text);
	return rules;
}

static const char full[] =
	"markers = (\n"
	"  { name = \"card\"; all = ( { detector = \"payment-card\"; min_unique = 2;\n"
	"    where = [ \"body\", \"attachment\" ]; except = [ \"4111111111111111\" ];\n"
	"    near = { words = [ \"visa\" ]; before = 30; }; } ); },\n"
	"  { name = \"label\"; any = ( { detector = \"tlp\"; at_least = \"AMBER\";\n"
	"    order = [ \"GREEN\", \"AMBER\", \"RED\" ]; },\n"
	"    { header = \"X-Class\"; value = \"secret\"; }, { header = \"X-Any\"; },\n"
	"    { subject = \"\\\\[s\\\\]\"; strip = true; }, { body = \"internal\"; },\n"
	"    { detector = \"words\"; file = \"words.txt\"; },\n"
	"    { detector = \"file-size\"; min = 5000000000L; } ); } );\n"
	"rules = ( { name = \"one\"; when = { markers = [ \"card\" ]; not_markers = [ \"label\" "
	"];\n"
	"    from = [ \"*\" ]; to = [ \".a.example\", \"x@b.example\" ]; submission_tls = false;\n"
	"    authenticated = true; };\n"
	"  require = \"requiretls\"; otherwise = [ \"hold\", \"refuse\" ]; factor = \"code\";\n"
	"  independent = true;\n"
	"  opaque = \"ignore\"; undetermined = \"otherwise\"; life_days = 3; rewrite = \"body\"; "
	"upgrade = true; },\n"
	"  { name = \"two\"; require = \"authenticated\"; otherwise = ( \"defer\" ); } );\n"
	"destinations = ( { domain = \"[r.example]:587\"; assurance = \"authenticated\";\n"
	"  match = [ \"r.example\" ]; why = \"contract\"; } );\n"
	"tests = ( { message = \"s/card.eml\"; from = \"a@x\"; to = \"b@y\"; expect = \"divert\"; "
	"} );\n";

static void test_markers_are_typed(void **state)
{
	(void)state;
	const struct rules *rules = parsed(full);
	const struct rules_marker *card = &rules->markers[0], *label = &rules->markers[1];

	assert_int_equal(rules->marker_count, 2);
	assert_string_equal(card->name, "card");
	assert_true(card->all);
	assert_int_equal(card->place.line, 2);
	assert_int_equal(card->test_count, 1);
	assert_int_equal(card->tests[0].kind, RULES_TEST_DETECTOR);
	assert_string_equal(card->tests[0].name, "payment-card");
	assert_int_equal(card->tests[0].min_unique, 2);
	assert_int_equal(card->tests[0].where, RULES_BODY | RULES_ATTACHMENT);
	assert_string_equal(card->tests[0].except.at[0], "4111111111111111");
	assert_string_equal(card->tests[0].near.words.at[0], "visa");
	assert_int_equal(card->tests[0].near.before, 30);
	assert_int_equal(card->tests[0].near.after, 100);

	assert_false(label->all);
	assert_int_equal(label->test_count, 7);
	assert_string_equal(label->tests[0].at_least, "AMBER");
	assert_int_equal(label->tests[0].order.count, 3);
	assert_int_equal(label->tests[0].min_unique, 1);
	assert_int_equal(label->tests[1].kind, RULES_TEST_HEADER);
	assert_string_equal(label->tests[1].name, "X-Class");
	assert_string_equal(label->tests[1].value, "secret");
	assert_string_equal(label->tests[2].value, "");
	assert_int_equal(label->tests[3].kind, RULES_TEST_SUBJECT);
	assert_string_equal(label->tests[3].value, "\\[s\\]");
	assert_true(label->tests[3].strip);
	assert_int_equal(label->tests[4].kind, RULES_TEST_BODY);
	assert_string_equal(label->tests[5].file, "/etc/postern/words.txt");
	assert_true(label->tests[6].min_bytes == 5000000000u);
	rules_unref(rules);
}

static void test_rules_destinations_and_tests_are_typed(void **state)
{
	(void)state;
	const struct rules *rules = parsed(full);
	const struct rules_rule *one = &rules->rules[0], *two = &rules->rules[1];

	assert_int_equal(rules->rule_count, 2);
	assert_string_equal(one->when.not_markers.at[0], "label");
	assert_int_equal(one->when.to.count, 2);
	assert_int_equal(one->when.submission_tls, RULES_NO);
	assert_int_equal(one->when.authenticated, RULES_YES);
	assert_int_equal(one->require, RULES_REQUIRE_REQUIRETLS);
	assert_int_equal(one->rung_count, 2);
	assert_int_equal(one->rungs[0], RULES_HOLD);
	assert_int_equal(one->rungs[1], RULES_REFUSE);
	assert_int_equal(one->factor, RULES_FACTOR_CODE);
	assert_true(one->independent);
	assert_true(one->opaque_ignore);
	assert_true(one->undetermined_on);
	assert_int_equal(one->life_days, 3);
	assert_int_equal(one->rewrite, RULES_REWRITE_BODY);
	assert_true(one->upgrade);

	assert_int_equal(two->when.markers.count, 0);
	assert_int_equal(two->when.submission_tls, RULES_EITHER);
	assert_int_equal(two->factor, RULES_FACTOR_PHRASE);
	assert_false(two->independent);
	assert_false(two->opaque_ignore);
	assert_false(two->undetermined_on);
	assert_int_equal(two->life_days, 14);
	assert_int_equal(two->rewrite, RULES_REWRITE_FINDINGS);
	assert_false(two->upgrade);

	assert_int_equal(rules->destination_count, 1);
	assert_string_equal(rules->destinations[0].domain, "[r.example]:587");
	assert_string_equal(rules->destinations[0].match.at[0], "r.example");
	assert_int_equal(rules->expectation_count, 1);
	assert_string_equal(rules->expectations[0].message, "/etc/postern/s/card.eml");
	assert_string_equal(rules->expectations[0].to.at[0], "b@y");
	assert_int_equal(rules->source.len, strlen(full));
	rules_unref(rules);
}

#define MARKER(test) "markers = ( { name = \"m\"; any = ( " test " ); } );"
#define RULE(rest) "rules = ( { name = \"r\"; " rest " } );"
#define ENOUGH "require = \"authenticated\"; otherwise = [ \"defer\" ]; "

static const struct {
	const char *says, *text, *why;
} wrong[] = {
	{ "an unknown list", "rule = ( );",
	  "f:1: rule is not known in the rules file; did you mean rules?" },
	{ "an expectation of nothing",
	  "tests = ( { message = \"m\"; from = \"a@x\"; to = \"b@y\"; } );",
	  "f:1: an expectation needs expect or expect_rule, or both" },
	{ "a list that is none", "rules = 3;", "f:1: rules is a number: expected ( {" },
	{ "an entry that is no group", "rules = ( 3 );",
	  "f:1: a rule is { NAME = VALUE; }: this is a number" },
	{ "a slip in a rule", "rules = (\n{ name = \"r\"; requires = \"x\"; } );",
	  "f:2: requires is not known in a rule; did you mean require?" },
	{ "a slip in when", RULE("when = {\nmarker = [ \"x\" ]; };"),
	  "f:2: marker is not known in when; did you mean markers?" },
	{ "a slip in a test", MARKER("{ detectr = \"iban\"; }"),
	  "f:1: detectr is not known in a test; did you mean detector?" },
	{ "a slip in near", MARKER("{ detector = \"iban\"; near = { word = [ \"x\" ]; }; }"),
	  "f:1: word is not known in near; did you mean words?" },
	{ "a marker without a name", "markers = ( { any = ( { body = \"x\"; } ); } );",
	  "f:1: a marker needs name" },
	{ "a marker without a test", "markers = ( { name = \"m\"; } );",
	  "f:1: a marker needs any, all or not" },
	{ "a marker with an empty list", "markers = ( { name = \"m\"; any = ( ); } );",
	  "f:1: any is an empty list" },
	{ "a marker with any and all",
	  "markers = ( { name = \"m\"; any = ( { body = \"x\"; } );\n all = ( { body = \"y\"; } ); "
	  "} );",
	  "f:1: a marker has any or all, not both" },
	{ "a marker's name with a blank",
	  "markers = ( { name = \"m m\"; any = ( { body = \"x\"; } ); } );",
	  "f:1: name is \"m m\": expected at most 100 letters" },
	{ "a test of two kinds", MARKER("{ body = \"x\"; subject = \"y\"; }"),
	  "f:1: a test needs one of detector, header, subject, body, marker, and only one" },
	{ "a test of none", MARKER("{ value = \"x\"; }"),
	  "f:1: a test needs one of detector, header, subject, body, marker" },
	{ "a value for a body", MARKER("{ body = \"x\"; value = \"y\"; }"),
	  "f:1: value belongs to a detector or a header" },
	{ "an unknown detector", MARKER("{ detector = \"payment-crad\"; }"),
	  "f:1: detector is \"payment-crad\"; did you mean \"payment-card\"?" },
	{ "a far detector", MARKER("{ detector = \"zzzzzzzzzzzz\"; }"),
	  "f:1: detector is \"zzzzzzzzzzzz\", which is not known" },
	{ "a field's name with a colon", MARKER("{ header = \"X:\"; }"),
	  "f:1: header is \"X:\": expected the name of a header field" },
	{ "an unknown place", MARKER("{ detector = \"iban\"; where = [ \"foot\" ]; }"),
	  "f:1: where is \"foot\": expected one of \"header\", \"subject\"" },
	{ "min_unique 0", MARKER("{ detector = \"iban\"; min_unique = 0; }"),
	  "f:1: min_unique is 0: expected 1 to 1000000" },
	{ "words without their file", MARKER("{ detector = \"words\"; }"),
	  "f:1: detector words needs file" },
	{ "exact-data without its index", MARKER("{ detector = \"exact-data\"; }"),
	  "f:1: detector exact-data needs index" },
	{ "file-size without min", MARKER("{ detector = \"file-size\"; }"),
	  "f:1: detector file-size needs min" },
	{ "at_least without order", MARKER("{ detector = \"tlp\"; at_least = \"RED\"; }"),
	  "f:1: at_least and order belong together" },
	{ "at_least that order lacks",
	  MARKER("{ detector = \"tlp\"; at_least = \"RED\"; order = [ \"GREEN\" ]; }"),
	  "f:1: at_least is \"RED\", which order does not have" },
	{ "strip on a body", MARKER("{ body = \"x\"; strip = true; }"),
	  "f:1: strip belongs to a subject or to sender-wish" },
	{ "a rule without require", RULE("otherwise = [ \"defer\" ];"),
	  "f:1: a rule needs require" },
	{ "a rule without a ladder", RULE("require = \"authenticated\";"),
	  "f:1: a rule needs otherwise" },
	{ "an empty ladder", RULE("require = \"authenticated\"; otherwise = [ ];"),
	  "f:1: otherwise is an empty list" },
	{ "an unknown rung", RULE("require = \"authenticated\"; otherwise = [ \"deffer\" ];"),
	  "f:1: otherwise is \"deffer\"; did you mean \"defer\"?" },
	{ "deliver is no rung", RULE("require = \"authenticated\"; otherwise = [ \"deliver\" ];"),
	  "f:1: otherwise is \"deliver\"" },
	{ "a rung twice", RULE("require = \"authenticated\"; otherwise = [ \"hold\", \"hold\" ];"),
	  "f:1: otherwise has \"hold\" twice" },
	{ "an unknown assurance", RULE("require = \"tls\"; otherwise = [ \"defer\" ];"),
	  "f:1: require is \"tls\": expected one of \"authenticated\", \"requiretls\"" },
	{ "an unknown factor", RULE(ENOUGH "factor = \"sms\";"), "f:1: factor is \"sms\"" },
	{ "an independent factor that is none",
	  RULE(ENOUGH "factor = \"link\"; independent = true;"),
	  "f:1: the rule asks for an independent factor, and \"link\" is none: whoever reads the "
	  "notice has all that is needed" },
	{ "independent in words", RULE(ENOUGH "independent = \"yes\";"), "f:1: independent" },
	{ "an unknown word for opaque", RULE(ENOUGH "opaque = \"no\";"), "f:1: opaque is \"no\"" },
	{ "a say of two lines", RULE(ENOUGH "say = \"a\\nb\";"),
	  "f:1: say is \"a?b\": expected one line of at most 200 bytes, in UTF-8" },
	{ "a say that turns the text around",
	  RULE(ENOUGH "say = \"a\xe2\x80\xae"
		      "b\";"),
	  "f:1: say is \"a???b\": expected one line" },
	{ "a say that is no UTF-8",
	  RULE(ENOUGH "say = \"a\xe2"
		      "b\";"),
	  "f:1: say is" },
	{ "an empty say", RULE(ENOUGH "say = \"\";"), "f:1: say must not be empty" },
	{ "min_tests without any",
	  "markers = ( { name = \"m\"; all = ( { body = \"x\"; } ); min_tests = 1; } );",
	  "f:1: min_tests belongs to any" },
	{ "more min_tests than tests",
	  "markers = ( { name = \"m\"; any = ( { body = \"x\"; } ); min_tests = 2; } );",
	  "f:1: min_tests is 2, and any has 1: it would never hold" },
	{ "strip in a not",
	  "markers = ( { name = \"m\"; not = ( { subject = \"x\"; strip = true; } ); } );",
	  "f:1: strip has no place in not: nothing is found there" },
	{ "an expectation at no time",
	  "tests = ( { message = \"m\"; from = \"a@b\"; to = \"c@d\"; expect = \"hold\"; "
	  "at = \"noon\"; } );",
	  "f:1: at is \"noon\": expected a time such as \"2026-12-01T09:00:00Z\"" },
	{ "an unknown word for undetermined", RULE(ENOUGH "undetermined = \"deliver\";"),
	  "f:1: undetermined is \"deliver\"" },
	{ "a life of no days", RULE(ENOUGH "life_days = 0;"),
	  "f:1: life_days is 0: expected 1 to 3650" },
	{ "an empty condition", RULE(ENOUGH "when = { markers = [ ]; };"),
	  "f:1: markers is an empty list" },
	{ "a marker that is not there",
	  "markers = ( { name = \"card\"; any = ( { body = \"x\"; } ); } );\n" RULE(
		  ENOUGH "when = { markers_all = [ \"crad\" ]; };"),
	  "f:2: markers_all names \"crad\", which is no marker; did you mean \"card\"?" },
	{ "a pattern that is none", RULE(ENOUGH "when = { to = [ \"a b\" ]; };"),
	  "f:1: to has \"a b\": expected *, DOMAIN" },
	{ "a file of addresses, in memory", RULE(ENOUGH "when = { to = [ \"./a\" ]; };"),
	  "f:1: no file of addresses can be named here" },
	{ "two rules of one name",
	  "rules = ( { name = \"r\"; " ENOUGH "},\n{ name = \"r\"; " ENOUGH "} );",
	  "f:2: a rule \"r\" stands in line 1 already" },
	{ "two markers of one name",
	  "markers = ( { name = \"m\"; any = ( { body = \"x\"; } ); },\n"
	  "{ name = \"m\"; any = ( { body = \"y\"; } ); } );",
	  "f:2: a marker \"m\" stands in line 1 already" },
	{ "two scales of a name",
	  "scales = ( { name = \"s\"; order = [ \"a\" ]; },\n { name = \"s\"; order = [ \"a\" ]; } "
	  ");",
	  "f:2: a scale \"s\" stands in line 1 already" },
	{ "a destination without its reason",
	  "destinations = ( { domain = \"d.example\"; assurance = \"authenticated\"; match = [ "
	  "\"h.example\" ]; } );",
	  "f:1: a destination needs why" },
	{ "a destination that matches nothing",
	  "destinations = ( { domain = \"d.example\"; assurance = \"authenticated\"; match = [ ]; "
	  "why = \"x\"; } );",
	  "f:1: match is an empty list" },
	{ "an expectation of no verdict",
	  "tests = ( { message = \"m\"; from = \"a@b\"; to = \"c@d\"; expect = \"sent\"; } );",
	  "f:1: expect is \"sent\"" },
};

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		const struct rules *rules = (const struct rules *)&wrong;
		struct fault why = { "" };

		if (rules_parse(of(wrong[i].text), "f", &rules, &why) != RC_INVALID)
			fail_msg("%s: taken", wrong[i].says);
		if (strncmp(why.text, wrong[i].why, strlen(wrong[i].why)) != 0)
			fail_msg("%s: \"%s\"", wrong[i].says, why.text);
		assert_ptr_equal(rules, &wrong);
	}
}

static void test_the_built_in_rules_are_conf_rules_conf(void **state)
{
	(void)state;
	CLEANUP(cleanup_free) char *path = NULL;
	struct buf text = BUF_INIT(SETTINGS_TEXT_MAX);
	const struct rules *rules;
	struct fault why = { "" };

	assert_true(asprintf(&path, "%s/../conf/rules.conf", getenv("POSTERN_TESTS")) > 0);
	assert_int_equal(file_read(path, &text, &why), RC_OK);
	assert_int_equal(rules_embedded_text().len, text.len);
	assert_memory_equal(rules_embedded_text().at, text.at, text.len);
	buf_free(&text);

	assert_int_equal(rules_embedded(&rules, &why), RC_OK);
	assert_int_equal(rules->marker_count, 2);
	assert_int_equal(rules->rule_count, 2);
	assert_string_equal(rules->markers[0].name, "card");
	assert_string_equal(rules->rules[0].name, "cards only over proven TLS");
	assert_int_equal(rules->rules[0].rung_count, 3);
	assert_int_equal(rules->rules[0].rungs[1], RULES_DIVERT);
	assert_false(rules->rules[0].opaque_ignore);
	rules_unref(rules);
}

static void write_file(const char *folder, const char *name, const char *text)
{
	CLEANUP(cleanup_free) char *path = NULL;
	struct fault why;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	assert_int_equal(file_replace(path, of(text), 0600, &why), RC_OK);
}

static enum rc read_in(const char *folder, const struct rules **out, struct fault *why)
{
	CLEANUP(cleanup_free) char *path = NULL;

	assert_true(asprintf(&path, "%s/rules.conf", folder) > 0);
	return rules_read(path, out, why);
}

static void remove_in(const char *folder, const char *name)
{
	CLEANUP(cleanup_free) char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	unlink(path);
}

static void test_files_are_named_relative_to_the_rules(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-rules-XXXXXX";
	const struct rules *rules;
	struct fault why;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(read_in(folder, &rules, &why), RC_ABSENT);

	write_file(folder, "rules.conf",
		   "@include \"more.conf\"\n" RULE(
			   ENOUGH "when = { to = [ \"a.example\", \"./board.txt\" ]; };"));
	write_file(folder, "more.conf", MARKER("{ detector = \"words\"; file = \"w.txt\"; }"));
	write_file(folder, "board.txt", "# the board\n\nchair@b.example\n .c.example\r\n");
	assert_int_equal(read_in(folder, &rules, &why), RC_OK);
	assert_int_equal(rules->rules[0].when.to.count, 3);
	assert_string_equal(rules->rules[0].when.to.at[0], "a.example");
	assert_string_equal(rules->rules[0].when.to.at[1], "chair@b.example");
	assert_string_equal(rules->rules[0].when.to.at[2], ".c.example");
	assert_int_equal(strncmp(rules->markers[0].tests[0].file, folder, strlen(folder)), 0);
	assert_int_equal(strncmp(rules->markers[0].place.file, folder, strlen(folder)), 0);
	assert_string_equal(rules->markers[0].place.file + strlen(folder), "/more.conf");
	assert_non_null(memmem(rules->source.at, rules->source.len, "w.txt", 5));
	assert_non_null(memmem(rules->source.at, rules->source.len, "chair@b", 7));
	rules_unref(rules);

	write_file(folder, "board.txt", "chair@b.example\nnot an address\n");
	assert_int_equal(read_in(folder, &rules, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "/board.txt:2: \"not an address\": expected"));

	/* A condition that names nobody must not turn into no condition. */
	write_file(folder, "board.txt", "# nobody\n");
	write_file(folder, "rules.conf", "\n" RULE(ENOUGH "when = { to = [ \"./board.txt\" ]; };"));
	assert_int_equal(read_in(folder, &rules, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "/rules.conf:2: to names no address"));

	remove_in(folder, "board.txt");
	assert_int_equal(read_in(folder, &rules, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "/rules.conf:2: "));

	remove_in(folder, "rules.conf");
	remove_in(folder, "more.conf");
	rmdir(folder);
}

static void test_rules_for_settings_fall_back_only_when_none_are_named(void **state)
{
	(void)state;
	const struct settings *s;
	const struct rules *rules;
	struct fault why;

	assert_int_equal(
		settings_parse(SLICE("rules = \"/nonexistent/rules.conf\";"), "f", &s, &why),
		RC_OK);
	assert_int_equal(rules_for(s, &rules, &why), RC_ABSENT);
	settings_unref(s);

	/* As the default, the same absent path means the built-in rules. */
	struct settings bare = { .rules = "/nonexistent/rules.conf", .rules_set = false };
	assert_int_equal(rules_for(&bare, &rules, &why), RC_OK);
	assert_string_equal(rules->rules[0].place.file, "built-in rules");
	rules_unref(rules);
}

static void test_references_and_the_digest(void **state)
{
	(void)state;
	char digest[65] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	const struct rules *rules = parsed(""), *again = rules_ref(rules);

	assert_string_equal(rules->digest, "");
	rules_set_digest(rules, digest);
	rules_unref(rules);
	assert_string_equal(again->digest, digest);
	rules_unref(again);
	rules_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markers_are_typed),
		cmocka_unit_test(test_rules_destinations_and_tests_are_typed),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(test_the_built_in_rules_are_conf_rules_conf),
		cmocka_unit_test(test_files_are_named_relative_to_the_rules),
		cmocka_unit_test(test_rules_for_settings_fall_back_only_when_none_are_named),
		cmocka_unit_test(test_references_and_the_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
