#include "demand/demand.h"

#include "demand/condition.h"
#include "inspect/combine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What one rule is held against. */
struct facts {
	const struct rules *rules;
	const struct inspect_findings *findings;
	const struct demand_envelope *envelope;
	struct slice to;
};

/* ---- markers ---- */

bool demand_is_label(const struct rules_marker *marker)
{
	for (size_t i = 0; i < marker->test_count; i++)
		if (!combine_is_label(&marker->tests[i]))
			return false;
	return true;
}

enum sight { NOT_SEEN, UNREAD, SEEN }; /* in rising order */

static enum sight look_for(const struct facts *facts, const struct rules_rule *rule, unsigned i)
{
	const struct inspect_findings *findings = facts->findings;

	if (i >= findings->marker_count)
		return NOT_SEEN;
	if (findings->hit[i])
		return SEEN;
	return findings->most[i] && !rule->opaque_ignore ? UNREAD : NOT_SEEN;
}

/* Whether the marker lifts the rule: by what was seen, and doubt in no way. */
static bool lifts(const struct facts *facts, const struct rules_rule *rule, unsigned i)
{
	const struct inspect_findings *findings = facts->findings;

	if (i >= findings->marker_count)
		return false;
	return rule->opaque_ignore ? findings->sure[i] : findings->least[i];
}

/* Whether the rule's conditions on markers hold, and by what: *by is the name of
 * the marker that tells most, or NULL when the rule asks for none. */
static bool markers_hold(const struct facts *facts, const struct rules_rule *rule,
			 enum sight *sight, const char **by)
{
	const struct rules_list *any = &rule->when.markers, *all = &rule->when.markers_all;
	const struct rules_list *none = &rule->when.not_markers;
	enum sight best = NOT_SEEN;

	*by = NULL;
	*sight = SEEN;
	for (size_t i = 0; i < none->count; i++)
		if (lifts(facts, rule, rule->at.not_markers[i]))
			return false;
	for (size_t i = 0; i < all->count; i++) {
		enum sight one = look_for(facts, rule, rule->at.markers_all[i]);
		if (one == NOT_SEEN)
			return false;
		if (!*by || one < *sight) {
			*by = all->at[i];
			*sight = one;
		}
	}
	for (size_t i = 0; i < any->count; i++) {
		enum sight one = look_for(facts, rule, rule->at.markers[i]);
		if (one > best) {
			best = one;
			*by = any->at[i];
		}
	}
	if (any->count && best < *sight)
		*sight = best;
	return any->count == 0 || best != NOT_SEEN;
}

/* ---- one rule ---- */

static bool hits(const struct facts *facts, const struct rules_rule *rule)
{
	enum sight sight;
	const char *by;

	return markers_hold(facts, rule, &sight, &by) &&
	       condition_holds(&rule->when, facts->envelope, facts->to);
}

/* ---- the reason, in words ---- */

static void add_text(char *text, size_t size, const char *format, va_list args)
	__attribute__((format(printf, 3, 0)));

/* Cut where it must be, and then seen to be cut. */
static void add_text(char *text, size_t size, const char *format, va_list args)
{
	size_t used = strlen(text), room = size - used;
	int n = vsnprintf(text + used, room, format, args);

	if (n >= 0 && (size_t)n >= room)
		memcpy(text + size - 4, "...", 4);
}

static void say(struct demand *demand, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct demand *demand, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_text(demand->reason, sizeof demand->reason, format, args);
	va_end(args);
}

static void say_exception(struct demand *demand, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say_exception(struct demand *demand, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_text(demand->exception, sizeof demand->exception, format, args);
	va_end(args);
}

static const char *where_name(enum rules_where where)
{
	switch (where) {
	case RULES_HEADER:
		return "the header";
	case RULES_SUBJECT:
		return "the Subject";
	case RULES_BODY:
		return "the body";
	case RULES_ATTACHMENT:
		return "an attachment";
	case RULES_FILENAME:
		return "a file name";
	case RULES_METADATA:
		return "a document's properties";
	}
	return "the message";
}

static void say_where(struct demand *demand, const struct facts *facts, const char *marker)
{
	const struct inspect_findings *findings = facts->findings;

	for (size_t i = 0; i < findings->count; i++) {
		const struct inspect_finding *f = &findings->at[i];
		if (strcmp(f->marker, marker) != 0)
			continue;
		say(demand, " in %s", where_name(f->where));
		if (f->part[0])
			say(demand, " (part %s)", f->part);
		return;
	}
}

static void say_rule(struct demand *demand, const struct facts *facts)
{
	enum sight sight;
	const char *by;

	say(demand, "rule \"%s\": ", demand->rule->name);
	(void)markers_hold(facts, demand->rule, &sight, &by);
	if (!by) {
		say(demand, "it covers this sender and recipient");
	} else if (sight == SEEN) {
		say(demand, "marker %s", by);
		say_where(demand, facts, by);
	} else {
		say(demand, "content that could not be read");
		if (facts->findings->opaque_count)
			say(demand, " (%s)", facts->findings->opaque[0].why);
		say(demand, " may hold marker %s", by);
	}
}

/* ---- the demand ---- */

static bool is_refuse_alone(const struct rules_rule *rule)
{
	return rule->rung_count == 1 && rule->rungs[0] == RULES_REFUSE;
}

static void add_rule(struct demand *demand, const struct rules_rule *rule)
{
	bool first = demand->require == RULES_REQUIRE_NONE;

	/* PHRASE is the strongest factor and the least value. */
	if (first || rule->factor < demand->factor)
		demand->factor = rule->factor;
	if (first || rule->life_days < demand->life_days)
		demand->life_days = rule->life_days;
	demand->upgrade = rule->upgrade && (first || demand->upgrade);

	bool mine_refuses = demand->rule && is_refuse_alone(demand->rule);
	if (first || (!mine_refuses && (rule->require > demand->require || is_refuse_alone(rule))))
		demand->rule = rule;
	if (rule->require > demand->require)
		demand->require = rule->require;
	if (rule->mode == RULES_OBSERVE && !demand->observed)
		demand->observed = rule;
}

static bool is_excepted(struct demand *demand, const struct facts *facts,
			const struct rules_rule *rule)
{
	const struct rules_exception *e = condition_exception(rule, facts->envelope, facts->to);

	if (!e)
		return false;
	if (rule->mode == RULES_OBSERVE && !demand->observed)
		demand->observed = rule;
	say_exception(demand, "%srule \"%s\": %s (until %04u-%02u-%02u)",
		      demand->exception[0] ? "; " : "", rule->name, e->why, e->until / 10000,
		      e->until / 100 % 100, e->until % 100);
	return true;
}

static void take_ladder(struct demand *demand)
{
	const struct rules_rule *rule = demand->rule;

	demand->undetermined_on = rule->undetermined_on;
	demand->rewrite = rule->rewrite;
	demand->say = rule->say;
	if (rule->mode == RULES_OBSERVE)
		demand->observed = rule;
	demand->rung_count = rule->rung_count;
	for (size_t i = 0; i < rule->rung_count; i++)
		demand->rungs[i] = rule->rungs[i];
}

static enum rules_require wished(const struct demand_envelope *envelope)
{
	switch (envelope->wish) {
	case DEMAND_WISH_NONE:
		return RULES_REQUIRE_NONE;
	case DEMAND_WISH_AUTHENTICATED:
		return RULES_REQUIRE_AUTHENTICATED;
	case DEMAND_WISH_REQUIRETLS:
		return envelope->from.len ? RULES_REQUIRE_REQUIRETLS : RULES_REQUIRE_NONE;
	}
	return RULES_REQUIRE_NONE;
}

static void add_wish(struct demand *demand, enum rules_require wish)
{
	if (demand->require == RULES_REQUIRE_NONE) {
		demand->rungs[demand->rung_count++] = RULES_DIVERT;
		demand->rungs[demand->rung_count++] = RULES_DEFER;
		demand->factor = RULES_FACTOR_PHRASE;
		demand->life_days = DEMAND_WISH_LIFE_DAYS;
	}
	if (wish > demand->require) {
		say(demand, "%sthe sender asked for %s", demand->reason[0] ? "; " : "",
		    rules_require_name(wish));
		demand->require = wish;
	}
}

static const char *find_never(const struct facts *facts)
{
	for (size_t i = 0; i < facts->rules->destination_count; i++) {
		const struct rules_destination *d = &facts->rules->destinations[i];
		bool counts = d->mode == RULES_ENFORCE || facts->envelope->observe;
		if (d->never && counts && demand_pattern_names(d->domain, facts->to))
			return d->why;
	}
	return NULL;
}

struct demand demand_decide(const struct rules *rules, const struct inspect_findings *findings,
			    const struct demand_envelope *envelope, struct slice to)
{
	const struct facts facts = { rules, findings, envelope, to };
	enum rules_require wish = wished(envelope);
	struct demand demand = { .say = "", .never = find_never(&facts) };

	if (rules->mode == RULES_OBSERVE && !envelope->observe)
		return demand;
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rules_rule *rule = &rules->rules[i];
		bool counts = rule->mode == RULES_ENFORCE || envelope->observe;
		if (counts && hits(&facts, rule) && !is_excepted(&demand, &facts, rule))
			add_rule(&demand, rule);
	}
	if (demand.rule) {
		take_ladder(&demand);
		say_rule(&demand, &facts);
	}
	if (wish != RULES_REQUIRE_NONE)
		add_wish(&demand, wish);
	return demand;
}

bool demand_is_observed(const struct rules *rules, const struct demand *is,
			const struct demand *would)
{
	if (would->observed || (would->never && !is->never))
		return true;
	return rules->mode == RULES_OBSERVE && would->require != RULES_REQUIRE_NONE;
}
