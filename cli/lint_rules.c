#include "cli/lint_report.h"

#include <string.h>

static bool is_named(const struct rules_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], name) == 0)
			return true;
	return false;
}

static bool rule_names(const struct rules_rule *rule, const char *marker)
{
	return is_named(&rule->when.markers, marker) || is_named(&rule->when.markers_all, marker) ||
	       is_named(&rule->when.not_markers, marker);
}

static bool marker_names(const struct rules_marker *marker, const char *other)
{
	for (size_t i = 0; i < marker->test_count + marker->not_count; i++)
		if (marker->tests[i].kind == RULES_TEST_MARKER &&
		    strcmp(marker->tests[i].name, other) == 0)
			return true;
	return false;
}

static void check_markers(struct lint_report *report)
{
	const struct rules *rules = report->rules;

	for (size_t i = 0; i < rules->marker_count; i++) {
		const struct rules_marker *marker = &rules->markers[i];
		bool used = false;
		for (size_t j = 0; j < rules->rule_count; j++)
			used |= rule_names(&rules->rules[j], marker->name);
		for (size_t j = 0; j < rules->marker_count; j++)
			used |= marker_names(&rules->markers[j], marker->name);
		if (!used)
			lint_warn(report, "%s:%u: no rule names the marker \"%s\"",
				  marker->place.file, marker->place.line, marker->name);
	}
}

/* Markers name no circles. */
static bool is_for_unread(const struct rules *rules, const struct rules_marker *marker)
{
	for (size_t i = 0; i < marker->test_count; i++) {
		const struct rules_test *test = &marker->tests[i];
		if (test->kind == RULES_TEST_DETECTOR && strcmp(test->name, "opaque") == 0)
			return true;
		if (test->kind == RULES_TEST_MARKER &&
		    is_for_unread(rules, &rules->markers[test->marker]))
			return true;
	}
	return false;
}

/* Sets of rules that are tried out are looked at as they would be. */
static bool all_observe(const struct rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		if (rules->rules[i].mode == RULES_ENFORCE)
			return false;
	return true;
}

/* Whether content that could not be read brings a rule into play: one with a
 * marker that looks at content, unless it ignores that, or one on "opaque". */
static bool is_unread_covered(const struct rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rules_rule *rule = &rules->rules[i];
		if (rule->mode == RULES_OBSERVE && !all_observe(rules))
			continue;
		if (rule->when.markers.count + rule->when.markers_all.count == 0)
			return true;
		if (!rule->opaque_ignore)
			return true;
		for (size_t j = 0; j < rules->marker_count; j++)
			if (is_named(&rule->when.markers, rules->markers[j].name) &&
			    is_for_unread(rules, &rules->markers[j]))
				return true;
	}
	return false;
}

/* No rule looks at recipients of outbound.internal_domains: where these are all domains that
 * are ours, there is nothing but outbound. */
static void check_direction(struct lint_report *report, const struct rules_rule *rule)
{
	const struct settings_outbound *outbound = &report->settings->outbound;
	enum rules_direction direction = rule->when.direction;

	if (direction != RULES_INTERNAL && direction != RULES_INBOUND)
		return;
	for (size_t i = 0; i < outbound->domains.count; i++) {
		const struct rules_list internal = { outbound->internal_domains.count,
						     outbound->internal_domains.at };
		if (!is_named(&internal, outbound->domains.at[i]))
			return;
	}
	lint_warn(report,
		  "%s:%u: this rule never hits: all domains of yours are in "
		  "outbound.internal_domains, whose recipients no rule looks at",
		  rule->place.file, rule->place.line);
}

static void check_ladder(struct lint_report *report, const struct rules_rule *rule)
{
	for (size_t i = 0; i < rule->rung_count; i++) {
		enum rules_rung rung = rule->rungs[i];
		if (rung == RULES_ENCRYPT)
			lint_warn(report,
				  "%s:%u: the rung encrypt passes on to the next: there are no "
				  "certificates of recipients",
				  rule->place.file, rule->place.line);
		if (i + 1 < rule->rung_count &&
		    (rung == RULES_HOLD || rung == RULES_DEFER || rung == RULES_REFUSE)) {
			lint_warn(report,
				  "%s:%u: the rung %s always works: what follows it is never "
				  "tried",
				  rule->place.file, rule->place.line, rules_rung_name(rung));
			return;
		}
	}
}

static bool has_rung(const struct rules_rule *rule, enum rules_rung rung)
{
	for (size_t i = 0; i < rule->rung_count; i++)
		if (rule->rungs[i] == rung)
			return true;
	return false;
}

/* What only a deposit, or only the rung rewrite, gives a meaning. */
static void check_sealing(struct lint_report *report, const struct rules_rule *rule)
{
	bool rewrites = has_rung(rule, RULES_REWRITE);
	bool no_markers = rule->when.markers.count + rule->when.markers_all.count == 0;

	if (rewrites && no_markers)
		lint_warn(report,
			  "%s:%u: the rung rewrite passes on to the next: a rule without markers "
			  "protects what is left of a message too",
			  rule->place.file, rule->place.line);
	if (!rewrites && rule->rewrite != RULES_REWRITE_FINDINGS)
		lint_warn(report,
			  "%s:%u: rewrite says what to seal, and the ladder does not have the rung",
			  rule->place.file, rule->place.line);
	if (rule->upgrade && !rewrites && !has_rung(rule, RULES_DIVERT))
		lint_warn(report, "%s:%u: upgrade is for deposits, and the ladder makes none",
			  rule->place.file, rule->place.line);
}

static void check_rule(struct lint_report *report, const struct rules_rule *rule)
{
	unsigned most = report->settings->limits.deposit_life_days;

	check_direction(report, rule);
	check_ladder(report, rule);
	check_sealing(report, rule);
	if (rule->factor == RULES_FACTOR_CODE && !report->settings->portal.code_command[0])
		lint_warn(report,
			  "%s:%u: the factor code is not to be had: portal.code_command is not "
			  "set, so "
			  "that the portal's rungs pass on to the next",
			  rule->place.file, rule->place.line);
	if (rule->require == RULES_REQUIRE_REQUIRETLS)
		lint_warn(report,
			  "%s:%u: requiretls is more than Postfix's strict route can promise: this "
			  "rule's mail always goes down its ladder",
			  rule->place.file, rule->place.line);
	if (rule->life_days > most)
		lint_warn(report, "%s:%u: life_days is %u, but limits.deposit_life_days is %u",
			  rule->place.file, rule->place.line, rule->life_days, most);
}

void lint_check_rules(struct lint_report *report)
{
	const struct rules *rules = report->rules;

	if (!report->settings->rules_set && rules->rule_count &&
	    strcmp(rules->rules[0].place.file, "built-in rules") == 0)
		lint_warn(report, "%s: is not there: the built-in rules hold (postern setup rules)",
			  report->settings->rules);
	if (rules->rule_count == 0)
		lint_warn(report, "%s: there is no rule: nothing is protected",
			  report->settings->rules);
	else if (rules->mode == RULES_OBSERVE)
		lint_warn(report, "%s: all rules observe: nothing is protected",
			  report->settings->rules);
	else if (!is_unread_covered(rules))
		lint_warn(report,
			  "%s: no rule covers content that could not be read: it passes as if "
			  "it were clean",
			  report->settings->rules);
	check_markers(report);
	for (size_t i = 0; i < rules->rule_count; i++)
		check_rule(report, &rules->rules[i]);
	lint_check_cover(report);
	lint_check_markers(report);
	lint_check_dates(report);
}
