#include "cli/lint_report.h"

#include "inspect/detector.h"
#include "inspect/expression.h"
#include "inspect/flaws.h"
#include "inspect/weigh.h"

#include <string.h>

enum {
	ANY_MANY = 60,    /* repeats of any character: a tenth of a second to compile */
	COMPILE_MS = 100, /* processor time for one: rules have hundreds */
	FLAWS_SHOWN = 20, /* of one file; the rest are counted */
	EXPRESSION_SHOWN = 60,
};

/* As much as all other rules together take for a byte, on a machine of today. */
static const double slow_ns = 0.5, slow_ratio = 5;

/* ---- where a detector can find something ---- */

static unsigned reach_of(const struct detector *d)
{
	const unsigned everywhere = RULES_HEADER | RULES_SUBJECT | RULES_BODY | RULES_ATTACHMENT |
				    RULES_FILENAME | RULES_METADATA;

	if (d->opaque)
		return RULES_HEADER | RULES_BODY;
	return d->field || d->file != FILES_NONE || d->label ? d->where : everywhere;
}

static void check_reach(struct lint_report *report, const struct rules_test *test)
{
	const struct detector *d =
		test->kind == RULES_TEST_DETECTOR ? detector_find(test->name) : NULL;

	if (d && test->where && (test->where & reach_of(d)) == 0)
		lint_warn(report,
			  "%s:%u: this test hits nothing: %s is found in other places than those "
			  "that where names; leave where out",
			  test->place.file, test->place.line, test->name);
}

/* All values that some detectors know (rules.conf(5), DETECTORS). */
static const struct {
	const char *detector, *values[6];
} closed[] = {
	{ "sensitivity", { "personal", "private", "company-confidential" } },
	{ "tlp", { "RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR" } },
	{ "uk-gsc", { "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET" } },
	{ "require-tls", { "yes", "authenticated", "requiretls" } },
};

static void check_value(struct lint_report *report, const struct rules_test *test)
{
	for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
		if (test->kind == RULES_TEST_DETECTOR && test->value[0] &&
		    strcmp(test->name, closed[i].detector) == 0 &&
		    !weigh_matches(test->value, closed[i].values))
			lint_warn(report,
				  "%s:%u: this test hits nothing: no value of %s matches \"%.*s\"; "
				  "rules.conf(5) has them all",
				  test->place.file, test->place.line, test->name, EXPRESSION_SHOWN,
				  test->value);
}

/* ---- expressions ---- */

static void check_ends(struct lint_report *report, const struct rules_test *test,
		       const struct expression *look)
{
	const char *end = look->leading ? "begins" : "ends";

	if (look->leading || look->trailing)
		lint_warn(
			report,
			"%s:%u: the expression \"%.*s\" %s with what matches anything: leave that "
			"out, expressions are searched for anywhere",
			test->place.file, test->place.line, EXPRESSION_SHOWN, test->value, end);
}

static void check_weight(struct lint_report *report, const struct rules_test *test,
			 const struct weigh *w)
{
	const char *file = test->place.file;
	unsigned line = test->place.line;

	if (w->shortest < 2)
		lint_warn(report,
			  "%s:%u: the expression \"%.*s\" matches texts of one character: nearly "
			  "every message has that",
			  file, line, EXPRESSION_SHOWN, test->value);
	if (w->ns_per_byte > slow_ns && w->ns_per_byte > slow_ratio * w->plain_ns)
		lint_warn(report,
			  "%s:%u: the expression \"%.*s\" is slow: %.1f ns for each byte of every "
			  "message, %.0f times a plain word's; begin it with what is rare",
			  file, line, EXPRESSION_SHOWN, test->value, w->ns_per_byte,
			  w->ns_per_byte / w->plain_ns);
	if (w->compile_ms > COMPILE_MS)
		lint_warn(report,
			  "%s:%u: the expression \"%.*s\" takes %u ms to be made ready, at each "
			  "start "
			  "and reload: shorten its repeats",
			  file, line, EXPRESSION_SHOWN, test->value, w->compile_ms);
}

static void check_expression(struct lint_report *report, const struct rules_test *test)
{
	const struct expression look = expression_look(slice_of(test->value));
	bool searched = test->kind == RULES_TEST_BODY || test->kind == RULES_TEST_SUBJECT;
	struct weigh weight;

	check_ends(report, test, &look);
	if (look.any > ANY_MANY && look.any <= EXPRESSION_ANY_MAX)
		lint_warn(report,
			  "%s:%u: the expression \"%.*s\" repeats any character up to %llu times, "
			  "and start and reload wait until it is compiled: use near, or say what "
			  "may stand between",
			  test->place.file, test->place.line, EXPRESSION_SHOWN, test->value,
			  (unsigned long long)look.any);
	else if (searched && look.any <= ANY_MANY &&
		 weigh_expression(test->value, &weight, NULL) == RC_OK)
		check_weight(report, test, &weight); /* what does not compile is told as an error */
}

/* ---- dictionaries ---- */

struct list {
	struct lint_report *report;
	const struct rules_test *test;
	unsigned told;
};

static void tell_flaw(void *of, const struct flaws_one *one)
{
	enum { TERM = 60 };
	struct list *l = of;
	const char *file = l->test->file;
	int len = one->term.len < TERM ? (int)one->term.len : TERM;
	int held = one->held.len < TERM ? (int)one->held.len : TERM;

	if (l->told++ >= FLAWS_SHOWN)
		return;
	switch (one->kind) {
	case FLAWS_TWICE:
		lint_warn(l->report, "%s:%u: \"%.*s\" stands in line %u already: take one out",
			  file, one->line, len, one->term.at, one->other);
		return;
	case FLAWS_WITHIN:
		lint_warn(l->report,
			  "%s:%u: \"%.*s\" has the term \"%.*s\" of line %u in it, which hits "
			  "wherever this does: take the longer one out, or the shorter where it "
			  "says too little",
			  file, one->line, len, one->term.at, held, one->held.at, one->other);
		return;
	case FLAWS_SHORT:
		lint_warn(l->report,
			  "%s:%u: \"%.*s\" is shorter than %d characters, and stands in many texts "
			  "by chance: write the term out",
			  file, one->line, len, one->term.at, FLAWS_LETTERS);
		return;
	}
}

static bool is_read_before(const struct rules *rules, const struct rules_test *test)
{
	for (size_t i = 0; i < rules->marker_count; i++)
		for (size_t k = 0; k < rules->markers[i].test_count + rules->markers[i].not_count;
		     k++) {
			const struct rules_test *other = &rules->markers[i].tests[k];
			if (other == test)
				return false;
			if (strcmp(other->name, "words") == 0 &&
			    strcmp(other->file, test->file) == 0)
				return true;
		}
	return false;
}

static void check_dictionary(struct lint_report *report, const struct rules_test *test)
{
	struct list l = { report, test, 0 };

	if (test->kind != RULES_TEST_DETECTOR || strcmp(test->name, "words") != 0 ||
	    is_read_before(report->rules, test))
		return;
	/* What cannot be read is told as an error, when the markers are compiled. */
	(void)!flaws_find(test->file, &test->place, tell_flaw, &l, NULL);
	if (l.told > FLAWS_SHOWN)
		lint_warn(report, "%s:1: and %u more terms such as these", test->file,
			  l.told - FLAWS_SHOWN);
}

void lint_check_markers(struct lint_report *report)
{
	const struct rules *rules = report->rules;

	for (size_t i = 0; i < rules->marker_count; i++) {
		const struct rules_marker *m = &rules->markers[i];
		for (size_t k = 0; k < m->test_count + m->not_count; k++) {
			check_reach(report, &m->tests[k]);
			check_value(report, &m->tests[k]);
			check_dictionary(report, &m->tests[k]);
			if (m->tests[k].value[0])
				check_expression(report, &m->tests[k]);
		}
	}
}
