#include "cli/lint_report.h"

#include "demand/cover.h"
#include "demand/pattern.h"

#include <string.h>

/* ---- rules that another makes superfluous ---- */

/* The rule that covers x; NULL: none. */
static const struct rules_rule *find_cover(const struct rules *rules, size_t x)
{
	for (size_t y = 0; y < rules->rule_count; y++)
		if (y != x && cover_rule(&rules->rules[y], &rules->rules[x], y < x))
			return &rules->rules[y];
	return NULL;
}

static void check_cover(struct lint_report *report, size_t x)
{
	const struct rules_rule *rule = &report->rules->rules[x];
	const struct rules_rule *by = find_cover(report->rules, x);

	if (by)
		lint_warn(
			report,
			"%s:%u: rule \"%s\" never changes anything: wherever it hits, rule \"%s\" "
			"(%s:%u) does too, and asks for as much; take it out, or move what it is "
			"for into that rule's conditions",
			rule->place.file, rule->place.line, rule->name, by->name, by->place.file,
			by->place.line);
}

/* ---- rules that hit nothing ---- */

static bool is_one_of(const struct settings_list *domains, struct slice domain)
{
	for (size_t i = 0; i < domains->count; i++)
		if (slice_same_nocase(domain, slice_of(domains->at[i])))
			return true;
	return false;
}

/* Whether whom the pattern names is certain to be in one of these domains. */
static bool is_within(const struct settings_list *domains, const char *pattern)
{
	const char *at = strrchr(pattern, '@');

	return is_one_of(domains, slice_of(at ? at + 1 : pattern));
}

/* Whether it may name somebody there. A list of domains has no wildcards, and a pattern
 * that begins with a dot names those below. */
static bool may_name(const struct settings_list *domains, const char *pattern)
{
	for (size_t i = 0; i < domains->count; i++) {
		struct slice domain = slice_of(domains->at[i]);
		size_t dot = strlen(pattern);
		if (demand_pattern_covers(pattern, domains->at[i]))
			return true;
		if (pattern[0] == '.' && domain.len > dot &&
		    slice_same_nocase((struct slice){ domain.at + domain.len - dot, dot },
				      slice_of(pattern)))
			return true;
	}
	return is_within(domains, pattern);
}

static bool all_are_ours(const struct settings *s, const struct rules_list *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (!is_within(&s->outbound.domains, patterns->at[i]) &&
		    !is_within(&s->outbound.internal_domains, patterns->at[i]))
			return false;
	return patterns->count > 0;
}

static bool none_is_ours(const struct settings *s, const struct rules_list *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (may_name(&s->outbound.domains, patterns->at[i]) ||
		    may_name(&s->outbound.internal_domains, patterns->at[i]))
			return false;
	return patterns->count > 0;
}

static bool all_are_internal(const struct settings *s, const struct rules_list *patterns)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (!is_within(&s->outbound.internal_domains, patterns->at[i]))
			return false;
	return patterns->count > 0;
}

/* What contradicts the rule's direction, or NULL. */
static const char *against_direction(const struct settings *s, const struct rules_when *when)
{
	switch (when->direction) {
	case RULES_ANY_DIRECTION:
		return NULL;
	case RULES_OUTBOUND:
		return all_are_ours(s, &when->to) ? "to names our own domains only" : NULL;
	case RULES_INTERNAL:
		if (none_is_ours(s, &when->from))
			return "from names nobody in our domains";
		return none_is_ours(s, &when->to) ? "to names nobody in our domains" : NULL;
	case RULES_INBOUND:
		if (all_are_ours(s, &when->from))
			return "from names our own domains only";
		return none_is_ours(s, &when->to) ? "to names nobody in our domains" : NULL;
	}
	return NULL;
}

static void check_reach(struct lint_report *report, const struct rules_rule *rule)
{
	const struct settings *s = report->settings;
	const struct rules_when *when = &rule->when;
	const char *marker = cover_contradiction(rule), *against = against_direction(s, when);
	const char *file = rule->place.file;
	unsigned line = rule->place.line;

	if (marker)
		lint_warn(report,
			  "%s:%u: rule \"%s\" hits nothing that could be read: marker %s is asked "
			  "for, and in not_markers; take it out of one of them",
			  file, line, rule->name, marker);
	if (all_are_internal(s, &when->to))
		lint_warn(report,
			  "%s:%u: rule \"%s\" hits nobody: all in its to are of "
			  "outbound.internal_domains, who are not protected",
			  file, line, rule->name);
	else if (against)
		lint_warn(report,
			  "%s:%u: rule \"%s\" hits nobody: direction is against it, for %s "
			  "(outbound.domains, outbound.internal_domains)",
			  file, line, rule->name, against);
	if (when->authenticated == RULES_NO && s->outbound.networks.count == 0)
		lint_warn(report,
			  "%s:%u: rule \"%s\" hits nothing: authenticated is false, and without "
			  "outbound.networks only mail of those who log in is outgoing",
			  file, line, rule->name);
}

/* ---- expectations ---- */

static void check_expectations(struct lint_report *report)
{
	const struct rules *rules = report->rules;
	const struct rules_rule *first = rules->rules;

	if (rules->rule_count && rules->expectation_count == 0 &&
	    strcmp(first->place.file, "built-in rules") != 0)
		lint_warn(report,
			  "%s:%u: no expectation says what these rules are to decide: write some "
			  "into tests, for `postern rules test` to hold the rules to",
			  first->place.file, first->place.line);
}

void lint_check_cover(struct lint_report *report)
{
	for (size_t i = 0; i < report->rules->rule_count; i++) {
		check_reach(report, &report->rules->rules[i]);
		check_cover(report, i);
	}
	check_expectations(report);
}
