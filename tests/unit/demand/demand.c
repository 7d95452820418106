#include "demand/demand.h"

#include "inspect/combine.h"
#include "support/unit.h"

#include <stdio.h>

static struct slice of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

/* Markers 0 to 3, of four natures. */
#define MARKERS                                                                                    \
	"markers = ( { name = \"card\"; any = ( { detector = \"payment-card\"; } ); },"            \
	" { name = \"tag\"; any = ( { subject = \"x\"; }, { header = \"Sensitivity\"; } ); },"     \
	" { name = \"word\"; all = ( { body = \"x\"; }, { subject = \"y\"; } ); },"                \
	" { name = \"unread\"; any = ( { detector = \"opaque\"; } ); } );\n"
enum { CARD = 1, TAG = 2, WORD = 4, UNREAD_MARKER = 8, MARKER_COUNT = 4, TEST_COUNT = 6 };

static const char *const marker_names[] = { "card", "tag", "word", "unread" };

struct message {
	unsigned hits;           /* set of the above */
	const char *opaque_part; /* NULL: all was read */
	struct demand_envelope envelope;
	const char *to;
};

static struct demand decide(const struct rules *rules, const struct message *m)
{
	struct inspect_finding found[MARKER_COUNT];
	struct inspect_opaque opaque = { m->opaque_part, "more than 32 levels" };
	bool tests[TEST_COUNT] = { false }, hit[MARKER_COUNT + 1], sure[MARKER_COUNT + 1],
	     least[MARKER_COUNT + 1], most[MARKER_COUNT + 1];
	struct combine_doubt doubt = { m->opaque_part && m->opaque_part[0] == '\0',
				       m->opaque_part != NULL };
	struct inspect_findings findings = { .at = found,
					     .opaque = &opaque,
					     .hit = hit,
					     .sure = sure,
					     .least = least,
					     .most = most,
					     .opaque_count = m->opaque_part != NULL,
					     .marker_count = rules->marker_count };

	for (size_t i = 0; i < MARKER_COUNT; i++) {
		if (!(m->hits & 1u << i))
			continue;
		found[findings.count++] =
			(struct inspect_finding){ .marker = marker_names[i],
						  .marker_index = i,
						  .where = RULES_BODY,
						  .part = "1.2",
						  .field = "",
						  .evidence = "4111 11** **** 1111" };
	}
	for (size_t i = 0; i < rules->marker_count && i < MARKER_COUNT; i++)
		for (size_t k = 0; k < rules->markers[i].test_count; k++)
			tests[rules->markers[i].first_test + k] = m->hits & 1u << i;
	combine_markers(rules, (struct combine_tests){ tests, tests }, doubt,
			&(struct combine_answers){ hit, sure, least, most });
	return demand_decide(rules, &findings, &m->envelope, of(m->to ? m->to : "b@plain.test"));
}

static const struct rules *rules_of(const char *text)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse(of(text), "f", &rules, &why) != RC_OK)
		fail_msg("%s", why.text);
	return rules;
}

/* ---- one rule: when does it hit? ---- */

#define PERSON                                                                                     \
	{                                                                                          \
		.from = { "a@our.example", 13 }, .authenticated = true, .submission_tls = true     \
	}
#define PROGRAM                                                                                    \
	{                                                                                          \
		.from = { "a@our.example", 13 }                                                    \
	}
#define BOUNCE                                                                                     \
	{                                                                                          \
		.from = { "", 0 }                                                                  \
	}

static const struct {
	const char *says, *when;
	struct message message;
	bool hit;
} conditions[] = {
	{ "no condition covers everything", "when = { };", { .envelope = PERSON }, true },
	{ "a marker that hit",
	  "when = { markers = [ \"card\" ]; };",
	  { CARD, .envelope = PERSON },
	  true },
	{ "a marker that did not",
	  "when = { markers = [ \"card\" ]; };",
	  { TAG, .envelope = PERSON },
	  false },
	{ "any of two",
	  "when = { markers = [ \"card\", \"tag\" ]; };",
	  { TAG, .envelope = PERSON },
	  true },
	{ "all of two, one missing",
	  "when = { markers_all = [ \"card\", \"tag\" ]; };",
	  { TAG, .envelope = PERSON },
	  false },
	{ "all of two",
	  "when = { markers_all = [ \"card\", \"tag\" ]; };",
	  { TAG | CARD, .envelope = PERSON },
	  true },
	{ "any and all, without all",
	  "when = { markers = [ \"card\" ]; markers_all = [ \"tag\" ]; };",
	  { CARD, .envelope = PERSON },
	  false },
	{ "any and all, without any",
	  "when = { markers = [ \"card\" ]; markers_all = [ \"tag\" ]; };",
	  { TAG, .envelope = PERSON },
	  false },
	{ "a marker that lifts the rule",
	  "when = { markers = [ \"card\" ]; not_markers = [ \"tag\" ]; };",
	  { CARD | TAG, .envelope = PERSON },
	  false },
	{ "and is not there",
	  "when = { markers = [ \"card\" ]; not_markers = [ \"tag\" ]; };",
	  { CARD, .envelope = PERSON },
	  true },

	{ "unread content may hold a card",
	  "when = { markers = [ \"card\" ]; };",
	  { .opaque_part = "1.2", .envelope = PERSON },
	  true },
	{ "but no word beside a subject that was read",
	  "when = { markers = [ \"word\" ]; };",
	  { .opaque_part = "1.2", .envelope = PERSON },
	  false },
	{ "it holds no tag of the header",
	  "when = { markers = [ \"tag\" ]; };",
	  { .opaque_part = "1.2", .envelope = PERSON },
	  false },
	{ "an unread header may",
	  "when = { markers = [ \"tag\" ]; };",
	  { .opaque_part = "", .envelope = PERSON },
	  true },
	{ "unless the rule ignores it",
	  "when = { markers = [ \"card\" ]; }; opaque = \"ignore\";",
	  { .opaque_part = "1.2", .envelope = PERSON },
	  false },
	{ "ignoring it, a marker that hit still counts",
	  "when = { markers = [ \"card\" ]; }; opaque = \"ignore\";",
	  { CARD, "1.2", PERSON },
	  true },
	{ "doubt fills in one of all",
	  "when = { markers_all = [ \"card\", \"tag\" ]; };",
	  { TAG, "1.2", PERSON },
	  true },
	{ "but not the one that was read",
	  "when = { markers_all = [ \"card\", \"tag\" ]; };",
	  { CARD, "1.2", PERSON },
	  false },
	{ "doubt never lifts protection",
	  "when = { markers = [ \"card\" ]; not_markers = [ \"unread\" ]; };",
	  { CARD, "1.2", PERSON },
	  true },
	{ "a rule of its own for what is unread",
	  "when = { markers = [ \"unread\" ]; };",
	  { UNREAD_MARKER, "1.2", PERSON },
	  true },

	{ "a recipient that is named",
	  "when = { to = [ \"x.test\", \"plain.test\" ]; };",
	  { .envelope = PERSON },
	  true },
	{ "a recipient that is not",
	  "when = { to = [ \"x.test\" ]; };",
	  { .envelope = PERSON },
	  false },
	{ "a sender that is named",
	  "when = { from = [ \"our.example\" ]; };",
	  { .envelope = PERSON },
	  true },
	{ "a sender that is not",
	  "when = { from = [ \"x.test\" ]; };",
	  { .envelope = PERSON },
	  false },
	{ "the null sender by the star",
	  "when = { from = [ \"*\" ]; };",
	  { .envelope = BOUNCE },
	  true },
	{ "came in over TLS, as asked",
	  "when = { submission_tls = true; };",
	  { .envelope = PERSON },
	  true },
	{ "came in without", "when = { submission_tls = true; };", { .envelope = PROGRAM }, false },
	{ "without, as asked",
	  "when = { submission_tls = false; };",
	  { .envelope = PROGRAM },
	  true },
	{ "over TLS, where without was asked",
	  "when = { submission_tls = false; };",
	  { .envelope = PERSON },
	  false },
	{ "authenticated, as asked",
	  "when = { authenticated = true; };",
	  { .envelope = PERSON },
	  true },
	{ "not authenticated",
	  "when = { authenticated = true; };",
	  { .envelope = PROGRAM },
	  false },
	{ "one condition of two fails",
	  "when = { authenticated = true; to = [ \"x.test\" ]; };",
	  { .envelope = PERSON },
	  false },
};

static void test_a_rule_hits_when_all_its_conditions_hold(void **state)
{
	(void)state;
	char text[2000];

	for (size_t i = 0; i < COUNT(conditions); i++) {
		snprintf(text, sizeof text,
			 MARKERS "rules = ( { name = \"r\"; require = \"authenticated\"; "
				 "otherwise = [ \"hold\" ]; %s } );",
			 conditions[i].when);
		const struct rules *rules = rules_of(text);
		struct demand d = decide(rules, &conditions[i].message);

		if ((d.require != RULES_REQUIRE_NONE) != conditions[i].hit)
			fail_msg("%s", conditions[i].says);
		assert_true(conditions[i].hit ? d.rule == rules->rules : d.rule == NULL);
		assert_int_equal(d.rung_count, conditions[i].hit);
		assert_int_equal(d.reason[0] != '\0', conditions[i].hit);
		rules_unref(rules);
	}
}

/* ---- several rules: every set of them, with every wish ---- */

/* Each covers mail to its own domain list, so that a recipient chooses the set. */
struct kind {
	enum rules_require require;
	bool refuses;
	enum rules_factor factor;
	unsigned life_days;
	const char *rewrite;
	bool upgrade;
};

static const struct kind kinds[] = {
	{ RULES_REQUIRE_AUTHENTICATED, false, RULES_FACTOR_LINK, 30, "body", true },
	{ RULES_REQUIRE_REQUIRETLS, false, RULES_FACTOR_CODE, 7, "attachments", true },
	{ RULES_REQUIRE_AUTHENTICATED, true, RULES_FACTOR_PHRASE, 14, "findings", false },
	{ RULES_REQUIRE_REQUIRETLS, false, RULES_FACTOR_LINK, 20, "body", true },
	{ RULES_REQUIRE_REQUIRETLS, true, RULES_FACTOR_LINK, 40, "attachments", true },
};

enum { KINDS = COUNT(kinds) };

static const struct rules *rules_of_set(unsigned set)
{
	char text[4000];
	size_t n = (size_t)snprintf(text, sizeof text, "rules = (");
	const char *comma = "";

	for (size_t i = 0; i < KINDS; i++) {
		if (!(set & 1u << i))
			continue;
		n += (size_t)snprintf(text + n, sizeof text - n,
				      "%s { name = \"%zu\"; require = \"%s\"; factor = \"%s\"; "
				      "otherwise = [ %s ]; life_days = %u; rewrite = \"%s\"; "
				      "upgrade = %s; }",
				      comma, i, rules_require_name(kinds[i].require),
				      rules_factor_name(kinds[i].factor),
				      kinds[i].refuses ? "\"refuse\"" : "\"divert\", \"refuse\"",
				      kinds[i].life_days, kinds[i].rewrite,
				      kinds[i].upgrade ? "true" : "false");
		comma = ",";
	}
	snprintf(text + n, sizeof text - n, " );");
	return rules_of(text);
}

/* The rule that must give the ladder, read straight from the design: the first that
 * refuses alone; without one, the first of those that require most. -1: none. */
static int ladder_of(unsigned set)
{
	for (int i = 0; i < KINDS; i++)
		if (set & 1u << i && kinds[i].refuses)
			return i;
	for (int require = RULES_REQUIRE_REQUIRETLS; require > RULES_REQUIRE_NONE; require--)
		for (int i = 0; i < KINDS; i++)
			if (set & 1u << i && (int)kinds[i].require == require)
				return i;
	return -1;
}

static void check_set(unsigned set, enum demand_wish wish, bool null_sender)
{
	const struct rules *rules = rules_of_set(set);
	struct message m = { .envelope = { .from = of(null_sender ? "" : "a@our.example"),
					   .wish = wish } };
	struct demand d = decide(rules, &m);
	enum rules_require most = RULES_REQUIRE_NONE, wished = RULES_REQUIRE_NONE;
	enum rules_factor factor = RULES_FACTOR_LINK;
	unsigned life = 1000;
	bool upgrade = true;
	int ladder = ladder_of(set);
	char name[8];

	for (size_t i = 0; i < KINDS; i++) {
		if (!(set & 1u << i))
			continue;
		most = kinds[i].require > most ? kinds[i].require : most;
		factor = kinds[i].factor < factor ? kinds[i].factor : factor;
		life = kinds[i].life_days < life ? kinds[i].life_days : life;
		upgrade &= kinds[i].upgrade;
	}
	if (wish == DEMAND_WISH_AUTHENTICATED)
		wished = RULES_REQUIRE_AUTHENTICATED;
	if (wish == DEMAND_WISH_REQUIRETLS && !null_sender)
		wished = RULES_REQUIRE_REQUIRETLS;
	assert_int_equal(d.require, wished > most ? wished : most);

	if (ladder >= 0) {
		snprintf(name, sizeof name, "%d", ladder);
		assert_string_equal(d.rule->name, name);
		assert_int_equal(d.rung_count, kinds[ladder].refuses ? 1 : 2);
		assert_int_equal(d.rungs[0], kinds[ladder].refuses ? RULES_REFUSE : RULES_DIVERT);
		assert_int_equal(d.factor, factor);
		assert_int_equal(d.life_days, life);
		assert_int_equal(d.upgrade, upgrade);
		assert_int_equal(d.rewrite, d.rule->rewrite);
	} else if (wished) {
		assert_null(d.rule);
		assert_int_equal(d.rung_count, 2);
		assert_int_equal(d.rungs[0], RULES_DIVERT);
		assert_int_equal(d.rungs[1], RULES_DEFER);
		assert_int_equal(d.factor, RULES_FACTOR_PHRASE);
		assert_int_equal(d.life_days, DEMAND_WISH_LIFE_DAYS);
		assert_false(d.upgrade);
	} else {
		assert_int_equal(d.rung_count, 0);
		assert_string_equal(d.reason, "");
	}
	assert_int_equal(strstr(d.reason, "the sender asked for") != NULL, wished > most);
	rules_unref(rules);
}

static void test_every_set_of_rules_with_every_wish(void **state)
{
	(void)state;
	for (unsigned set = 0; set < 1u << KINDS; set++)
		for (int wish = DEMAND_WISH_NONE; wish <= DEMAND_WISH_REQUIRETLS; wish++) {
			check_set(set, (enum demand_wish)wish, false);
			check_set(set, (enum demand_wish)wish, true);
		}
}

/* ---- in words ---- */

static const struct {
	const char *says, *rule;
	struct message message;
	const char *reason;
} reasons[] = {
	{ "the marker and where it was",
	  "name = \"cards\"; when = { markers = [ \"card\" ]; };",
	  { CARD, .envelope = PERSON },
	  "rule \"cards\": marker card in the body (part 1.2)" },
	{ "a marker that hit tells more than one that might",
	  "name = \"r\"; when = { markers = [ \"unread\", \"card\" ]; };",
	  { CARD, "1.3", PERSON },
	  "rule \"r\": marker card in the body (part 1.2)" },
	{ "what could not be read, and why",
	  "name = \"r\"; when = { markers = [ \"card\" ]; };",
	  { .opaque_part = "1.3", .envelope = PERSON },
	  "rule \"r\": content that could not be read (more than 32 levels) may hold marker card" },
	{ "of all, the doubtful one",
	  "name = \"r\"; when = { markers_all = [ \"tag\", \"card\" ]; };",
	  { TAG, "1.3", PERSON },
	  "rule \"r\": content that could not be read (more than 32 levels) may hold marker card" },
	{ "no marker asked for",
	  "name = \"r\"; when = { to = [ \"plain.test\" ]; };",
	  { .envelope = PERSON },
	  "rule \"r\": it covers this sender and recipient" },
};

static void test_the_reason_names_rule_marker_and_place(void **state)
{
	(void)state;
	char text[2000];

	for (size_t i = 0; i < COUNT(reasons); i++) {
		snprintf(text, sizeof text,
			 MARKERS
			 "rules = ( { require = \"authenticated\"; otherwise = [ \"hold\" ]; "
			 "%s } );",
			 reasons[i].rule);
		const struct rules *rules = rules_of(text);
		struct demand d = decide(rules, &reasons[i].message);

		if (strcmp(d.reason, reasons[i].reason) != 0)
			fail_msg("%s: %s", reasons[i].says, d.reason);
		rules_unref(rules);
	}
}

static void test_a_long_reason_is_seen_to_be_cut(void **state)
{
	(void)state;
	char text[2000], name[101];

	memset(name, 'n', 100);
	name[100] = '\0';
	snprintf(text, sizeof text,
		 "markers = ( { name = \"%s\"; any = ( { body = \"x\"; } ); } );"
		 "rules = ( { name = \"%s\"; when = { markers = [ \"%s\" ]; };"
		 "require = \"authenticated\"; otherwise = [ \"hold\" ]; } );",
		 name, name, name);
	const struct rules *rules = rules_of(text);
	struct message m = { .opaque_part = "1", .envelope = PERSON };
	struct demand d = decide(rules, &m);

	assert_int_equal(strlen(d.reason), sizeof d.reason - 1);
	assert_string_equal(d.reason + sizeof d.reason - 4, "...");
	rules_unref(rules);
}

static void test_the_ladder_s_rule_says_what_undetermined_means(void **state)
{
	(void)state;
	const struct rules *rules =
		rules_of("rules = ( { name = \"a\"; require = \"authenticated\"; otherwise = [ "
			 "\"hold\" ]; },"
			 " { name = \"b\"; require = \"requiretls\"; otherwise = [ \"hold\" ];"
			 " undetermined = \"otherwise\"; } );");
	struct message m = { .envelope = PERSON };

	assert_true(decide(rules, &m).undetermined_on);
	rules_unref(rules);
}

/* ---- rules that observe, exceptions, and what the operator says ---- */

#define R(name, more)                                                                              \
	"{ name = \"" name "\"; require = \"authenticated\"; otherwise = [ \"hold\" ]; " more " }"
#define EXCEPT(to, why)                                                                            \
	"exceptions = ( { to = [ \"" to "\" ]; until = \"2026-11-27\"; why = \"" why "\"; } ); "

static const struct {
	const char *says, *rules;
	enum demand_wish wish;
	const char *is, *would; /* the rule of each: "" a wish, NULL no demand */
	const char *observed;   /* NULL: none */
	bool counts;            /* demand_is_observed() */
} modes[] = {
	{ "nobody observes", "rules = (" R("a", "") ");", DEMAND_WISH_NONE, "a", "a", NULL, false },
	{ "one observes alone", "rules = (" R("a", "mode = \"observe\";") ");", DEMAND_WISH_NONE,
	  NULL, "a", "a", true },
	{ "it would have decided", "rules = (" R("a", "mode = \"observe\";") "," R("b", "") ");",
	  DEMAND_WISH_NONE, "b", "a", "a", true },
	{ "it would not", "rules = (" R("a", "") "," R("b", "mode = \"observe\";") ");",
	  DEMAND_WISH_NONE, "a", "a", "b", true },
	{ "it does not hit",
	  "rules = (" R("a", "") "," R("b",
				       "mode = \"observe\"; when = { to = [ \"x.test\" ]; };") ");",
	  DEMAND_WISH_NONE, "a", "a", NULL, false },
	{ "a wish is heard beside it", "rules = (" R("a", "mode = \"observe\";") ");",
	  DEMAND_WISH_AUTHENTICATED, "", "a", "a", true },
	{ "all of the file", "mode = \"observe\"; rules = (" R("a", "") ");", DEMAND_WISH_NONE,
	  NULL, "a", "a", true },
	{ "and its wishes", "mode = \"observe\";", DEMAND_WISH_AUTHENTICATED, NULL, "", NULL,
	  true },
	{ "and nothing hits", "mode = \"observe\";", DEMAND_WISH_NONE, NULL, NULL, NULL, false },
	{ "excepted, and that is told",
	  "rules = (" R("a", "mode = \"observe\"; " EXCEPT("plain.test", "x")) ");",
	  DEMAND_WISH_NONE, NULL, NULL, "a", true },
	{ "a domain where nothing may be sent",
	  "mode = \"observe\"; destinations = ( { domain = \"plain.test\"; never = true; "
	  "why = \"x\"; } );",
	  DEMAND_WISH_NONE, NULL, NULL, NULL, true },
};

static void check_demand(const char *says, const struct demand *d, const char *rule)
{
	const char *got = d->require == RULES_REQUIRE_NONE ? NULL : d->rule ? d->rule->name : "";

	if ((got == NULL) != (rule == NULL) || (got && strcmp(got, rule) != 0))
		fail_msg("%s: %s", says, got ? got : "no demand");
}

static void test_what_observes_is_decided_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		const struct rules *rules = rules_of(modes[i].rules);
		struct message m = { .envelope = PERSON };
		m.envelope.wish = modes[i].wish;
		struct demand is = decide(rules, &m);
		m.envelope.observe = true;
		struct demand would = decide(rules, &m);

		check_demand(modes[i].says, &is, modes[i].is);
		check_demand(modes[i].says, &would, modes[i].would);
		assert_null(is.observed);
		const char *observed = would.observed ? would.observed->name : NULL;
		if ((observed == NULL) != (modes[i].observed == NULL) ||
		    (observed && strcmp(observed, modes[i].observed) != 0))
			fail_msg("%s: observed %s", modes[i].says, observed ? observed : "nothing");
		if (demand_is_observed(rules, &is, &would) != modes[i].counts)
			fail_msg("%s: counts", modes[i].says);
		rules_unref(rules);
	}
}

static const struct {
	const char *says, *rules;
	const char *rule; /* NULL: no demand */
	const char *exception;
} excepted[] = {
	{ "one rule, excepted", "rules = (" R("a", EXCEPT("plain.test", "ticket 1")) ");", NULL,
	  "rule \"a\": ticket 1 (until 2026-11-27)" },
	{ "the other still applies",
	  "rules = (" R("a", EXCEPT("plain.test", "ticket 1")) "," R("b", "") ");", "b",
	  "rule \"a\": ticket 1 (until 2026-11-27)" },
	{ "both excepted",
	  "rules = (" R("a", EXCEPT("plain.test", "1")) "," R("b", EXCEPT("*", "2")) ");", NULL,
	  "rule \"a\": 1 (until 2026-11-27); rule \"b\": 2 (until 2026-11-27)" },
	{ "for another", "rules = (" R("a", EXCEPT("x.test", "ticket 1")) ");", "a", "" },
	{ "of a rule that does not hit",
	  "rules = (" R("a", EXCEPT("*", "1") "when = { to = [ \"x.test\" ]; };") ");", NULL, "" },
};

static void test_exceptions_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(excepted); i++) {
		const struct rules *rules = rules_of(excepted[i].rules);
		struct message m = { .envelope = PERSON };
		struct demand d = decide(rules, &m);

		check_demand(excepted[i].says, &d, excepted[i].rule);
		if (strcmp(d.exception, excepted[i].exception) != 0)
			fail_msg("%s: %s", excepted[i].says, d.exception);
		rules_unref(rules);
	}
}

static void test_the_ladder_s_rule_says_the_operator_s_words(void **state)
{
	(void)state;
	const struct rules *rules = rules_of(
		"rules = (" R("a", "say = \"first\";") "," R("b", "say = \"second\";") ");");
	struct message m = { .envelope = PERSON };

	assert_string_equal(decide(rules, &m).say, "first");
	rules_unref(rules);
	rules = rules_of("rules = (" R("a", "") ");");
	assert_string_equal(decide(rules, &m).say, "");
	rules_unref(rules);
}

static void test_a_label_is_a_marker_that_looks_at_the_header_alone(void **state)
{
	static const bool labels[MARKER_COUNT] = { false, true, false, false };
	const struct rules *rules = rules_of(MARKERS);

	(void)state;
	for (size_t i = 0; i < MARKER_COUNT; i++)
		assert_int_equal(demand_is_label(&rules->markers[i]), labels[i]);
	rules_unref(rules);
}

/* Documents have it too: of the header it still speaks of the whole message. */
static void test_a_nato_label_is_a_label(void **state)
{
	const struct rules *rules =
		rules_of("markers = ( { name = \"x\"; any = ( { detector = \"nato-label\"; } ); },"
			 " { name = \"y\"; any = ( { detector = \"iban\"; } ); } );");

	(void)state;
	assert_true(demand_is_label(&rules->markers[0]));
	assert_false(demand_is_label(&rules->markers[1]));
	rules_unref(rules);
}

static void test_nothing_may_be_sent_there(void **state)
{
	(void)state;
	static const struct {
		const char *to, *never;
	} rows[] = {
		{ "b@rival.test", "court order" }, { "b@RIVAL.test", "court order" },
		{ "b@a.rival.test", NULL },        { "b@x.y.gone.test", "closed" },
		{ "b@gone.test", NULL },           { "b@plain.test", NULL },
	};
	const struct rules *rules =
		rules_of("destinations = ( { domain = \"rival.test\"; never = true; why = \"court "
			 "order\"; }, { domain = \".gone.test\"; never = true; why = \"closed\"; },"
			 " { domain = \"plain.test\"; assurance = \"authenticated\"; match = "
			 "[ \"plain.test\" ]; why = \"w\"; } );");

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct message m = { .to = rows[i].to }; /* the null sender's, too */
		struct demand d = decide(rules, &m);

		assert_int_equal(d.require, RULES_REQUIRE_NONE);
		if (rows[i].never)
			assert_string_equal(d.never, rows[i].never);
		else
			assert_null(d.never);
	}
	rules_unref(rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rule_hits_when_all_its_conditions_hold),
		cmocka_unit_test(test_every_set_of_rules_with_every_wish),
		cmocka_unit_test(test_the_reason_names_rule_marker_and_place),
		cmocka_unit_test(test_a_long_reason_is_seen_to_be_cut),
		cmocka_unit_test(test_the_ladder_s_rule_says_what_undetermined_means),
		cmocka_unit_test(test_nothing_may_be_sent_there),
		cmocka_unit_test(test_what_observes_is_decided_apart),
		cmocka_unit_test(test_exceptions_are_told),
		cmocka_unit_test(test_the_ladder_s_rule_says_the_operator_s_words),
		cmocka_unit_test(test_a_label_is_a_marker_that_looks_at_the_header_alone),
		cmocka_unit_test(test_a_nato_label_is_a_label),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
