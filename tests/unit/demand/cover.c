#include "demand/cover.h"

#include "support/unit.h"

#include <stdio.h>

#define ASKS " require = \"authenticated\"; otherwise = [ \"divert\", \"defer\" ]; "
#define WEAK " require = \"authenticated\"; otherwise = [ \"refuse\" ]; "

static const struct {
	const char *name, *y, *x; /* what stands in the rules; "when" comes first */
	bool covered;             /* x, where y stands first */
	bool covered_behind;      /* x, where y stands behind it */
} rows[] = {
	{ "the same twice", "when = { markers = [\"a\"]; };" ASKS,
	  "when = { markers = [\"a\"]; };" ASKS, true, false },
	{ "everything covers one marker", ASKS, "when = { markers = [\"a\"]; };" ASKS, true,
	  false },
	{ "one marker does not cover everything", "when = { markers = [\"a\"]; };" ASKS, ASKS,
	  false, false },
	{ "any of more markers", "when = { markers = [\"a\", \"b\"]; };" ASKS,
	  "when = { markers = [\"b\"]; };" ASKS, true, false },
	{ "any of fewer", "when = { markers = [\"a\"]; };" ASKS,
	  "when = { markers = [\"a\", \"b\"]; };" ASKS, false, false },
	{ "all of several, of which one is enough", "when = { markers = [\"b\"]; };" ASKS,
	  "when = { markers_all = [\"a\", \"b\"]; };" ASKS, true, false },
	{ "all, where any is enough", "when = { markers_all = [\"a\", \"b\"]; };" ASKS,
	  "when = { markers = [\"a\", \"b\"]; };" ASKS, false, false },
	{ "all of one is one", "when = { markers_all = [\"a\"]; };" ASKS,
	  "when = { markers = [\"a\"]; };" ASKS, true, false },
	{ "what is forbidden only there",
	  "when = { markers = [\"a\"]; not_markers = [\"b\"]; };" ASKS,
	  "when = { markers = [\"a\"]; };" ASKS, false, false },
	{ "what is forbidden here too",
	  "when = { markers = [\"a\"]; not_markers = [\"b\"]; };" ASKS,
	  "when = { markers = [\"a\"]; not_markers = [\"b\", \"c\"]; };" ASKS, true, false },
	{ "one partner of all", "when = { to = [\"*\"]; };" ASKS,
	  "when = { to = [\"x.test\"]; };" ASKS, true, false },
	{ "an address in a domain", "when = { to = [\"y.test\", \"x.test\"]; };" ASKS,
	  "when = { to = [\"a@x.test\"]; };" ASKS, true, false },
	{ "a domain is more than one address", "when = { to = [\"a@x.test\"]; };" ASKS,
	  "when = { to = [\"x.test\"]; };" ASKS, false, false },
	{ "one recipient that is not covered", "when = { to = [\".x.test\"]; };" ASKS,
	  "when = { to = [\"a.x.test\", \"x.test\"]; };" ASKS, false, false },
	{ "other senders", "when = { from = [\"x.test\"]; };" ASKS,
	  "when = { from = [\"y.test\"]; };" ASKS, false, false },
	{ "all senders are not those of one domain", "when = { from = [\"x.test\"]; };" ASKS, ASKS,
	  false, false },
	{ "only with TLS", "when = { submission_tls = true; };" ASKS, ASKS, false, false },
	{ "TLS or not", ASKS, "when = { submission_tls = true; };" ASKS, true, false },
	{ "another direction", "when = { direction = \"outbound\"; };" ASKS,
	  "when = { direction = \"internal\"; };" ASKS, false, false },
	{ "larger mail only", "when = { size = { min = 1000; }; };" ASKS,
	  "when = { size = { min = 500; }; };" ASKS, false, false },
	{ "larger mail too", "when = { size = { min = 1000; }; };" ASKS,
	  "when = { size = { min = 2000; max = 9000; }; };" ASKS, true, false },
	{ "many recipients", "when = { recipients_min = 5; };" ASKS,
	  "when = { recipients_min = 9; };" ASKS, true, false },
	{ "at weekends", "when = { time = { days = [\"sat\", \"sun\"]; }; };" ASKS,
	  "when = { time = { days = [\"sat\"]; }; };" ASKS, true, false },
	{ "not on weekdays", "when = { time = { days = [\"sat\"]; }; };" ASKS, ASKS, false, false },
	{ "a stronger demand", "require = \"requiretls\"; otherwise = [\"defer\"];", ASKS, true,
	  true },
	{ "a weaker demand", ASKS, "require = \"requiretls\"; otherwise = [\"defer\"];", false,
	  false },
	{ "to refuse beats other ladders", WEAK, ASKS, true, true },
	{ "other ladders do not beat it", ASKS, WEAK, false, false },
	{ "to refuse, twice", WEAK, WEAK, true, false },
	{ "a weaker factor", ASKS "factor = \"link\";", ASKS, false, false },
	{ "a stronger one", ASKS, ASKS "factor = \"link\";", true, false },
	{ "a shorter life", ASKS "life_days = 30;", ASKS "life_days = 7;", false, false },
	{ "a longer one", ASKS "life_days = 7;", ASKS "life_days = 30;", true, false },
	{ "no upgrade", ASKS "upgrade = true;", ASKS, false, false },
	{ "an upgrade that the other forbids", ASKS, ASKS "upgrade = true;", true, false },
	{ "content that was not read, here alone",
	  "when = { markers = [\"a\"]; };" ASKS "opaque = \"ignore\";",
	  "when = { markers = [\"a\"]; };" ASKS, false, false },
	{ "which lifts by a marker, where the other is not sure of it",
	  "when = { not_markers = [\"a\"]; };" ASKS "opaque = \"ignore\";",
	  "when = { not_markers = [\"a\"]; };" ASKS, false, false },
	{ "to refuse, twice, the higher demand behind: the first one's words are said",
	  "require = \"requiretls\"; otherwise = [ \"refuse\" ];", WEAK, true, false },
	{ "which does not matter without markers", ASKS "opaque = \"ignore\";",
	  "when = { markers = [\"a\"]; };" ASKS, true, false },
	{ "one that only observes", ASKS "mode = \"observe\";", ASKS, false, false },
	{ "that one is covered", ASKS, ASKS "mode = \"observe\";", true, false },
	{ "one with an exception",
	  ASKS "exceptions = ( { from = [\"x.test\"]; until = \"2027-01-31\"; why = \"y\"; } );",
	  ASKS, false, false },
};

static const struct rules *read_two(const char *name, const char *first, const char *second)
{
	const struct rules *rules = NULL;
	char text[4000];
	struct fault why;

	snprintf(text, sizeof text,
		 "markers = ( { name = \"a\"; any = ( { body = \"a\"; } ); },"
		 " { name = \"b\"; any = ( { body = \"b\"; } ); },"
		 " { name = \"c\"; any = ( { body = \"c\"; } ); } );\n"
		 "rules = ( { name = \"first\"; %s }, { name = \"second\"; %s } );\n",
		 first, second);
	if (rules_parse(slice_of(text), "rules", &rules, &why) != RC_OK)
		fail_msg("%s: %s", name, why.text);
	return rules;
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct rules *rules = read_two(rows[i].name, rows[i].y, rows[i].x);
		const struct rules_rule *y = &rules->rules[0], *x = &rules->rules[1];
		if (cover_rule(y, x, true) != rows[i].covered ||
		    cover_rule(y, x, false) != rows[i].covered_behind)
			fail_msg("%s: %d, %d", rows[i].name, cover_rule(y, x, true),
				 cover_rule(y, x, false));
		rules_unref(rules);
	}
}

static void test_contradictions(void **state)
{
	static const struct {
		const char *when, *marker;
	} cases[] = {
		{ "markers_all = [\"a\", \"b\"]; not_markers = [\"b\"];", "b" },
		{ "markers = [\"a\", \"b\"]; not_markers = [\"b\", \"a\"];", "a" },
		{ "markers = [\"a\", \"b\"]; not_markers = [\"b\"];", NULL },
		{ "markers_all = [\"a\"]; not_markers = [\"b\"];", NULL },
		{ "not_markers = [\"b\"];", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[400];
		snprintf(text, sizeof text, "when = { %s };" ASKS, cases[i].when);
		const struct rules *rules = read_two(cases[i].when, text, ASKS);
		const char *marker = cover_contradiction(&rules->rules[0]);
		if (cases[i].marker)
			assert_string_equal(marker, cases[i].marker);
		else
			assert_null(marker);
		rules_unref(rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_contradictions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
