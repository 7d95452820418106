#include "settings/whole.h"

#include "settings/option.h"

#include <stdint.h>
#include <string.h>

struct whole {
	struct rules *rules;
	struct arena *arena;
	struct fault *why;
};

/* What rules_read() will hand out as constant is still ours alone. */
static struct rules_marker *marker_at(const struct whole *w, size_t i)
{
	return (struct rules_marker *)(uintptr_t)&w->rules->markers[i];
}

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory for the rules");
}

/* ---- names ---- */

static enum rc twin(const struct whole *w, const char *what, const char *name,
		    const struct rules_place *second, const struct rules_place *first)
{
	if (strcmp(first->file, second->file) == 0)
		return fault(w->why, RC_INVALID, "%s:%u: a %s \"%s\" stands in line %u already",
			     second->file, second->line, what, name, first->line);
	return fault(w->why, RC_INVALID, "%s:%u: a %s \"%s\" stands in %s:%u already", second->file,
		     second->line, what, name, first->file, first->line);
}

static enum rc check_twins(const struct whole *w)
{
	const struct rules_marker *markers = w->rules->markers;
	const struct rules_rule *rules = w->rules->rules;
	const struct rules_scale *scales = w->rules->scales;

	for (size_t i = 0; i < w->rules->marker_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(markers[i].name, markers[j].name) == 0)
				return twin(w, "marker", markers[i].name, &markers[i].place,
					    &markers[j].place);
	for (size_t i = 0; i < w->rules->rule_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(rules[i].name, rules[j].name) == 0)
				return twin(w, "rule", rules[i].name, &rules[i].place,
					    &rules[j].place);
	for (size_t i = 0; i < w->rules->scale_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(scales[i].name, scales[j].name) == 0)
				return twin(w, "scale", scales[i].name, &scales[i].place,
					    &scales[j].place);
	return RC_OK;
}

/* key: what names it, for the sentence. */
static enum rc find_marker(const struct whole *w, const char *name, const char *key,
			   const struct rules_place *place, unsigned *at)
{
	const char *names[RULES_MARKERS_MAX] = { NULL };

	for (size_t i = 0; i < w->rules->marker_count; i++) {
		names[i] = w->rules->markers[i].name;
		if (strcmp(names[i], name) != 0)
			continue;
		*at = (unsigned)i;
		return RC_OK;
	}
	const char *nearest = option_nearest(name, names, w->rules->marker_count);
	return fault(w->why, RC_INVALID, "%s:%u: %s names \"%.60s\", which is no marker%s%s%s",
		     place->file, place->line, key, name, nearest ? "; did you mean \"" : "",
		     nearest ? nearest : "", nearest ? "\"?" : "");
}

/* Looks the names up once, since every message would otherwise. */
static enum rc find_names(const struct whole *w, const struct rules_rule *rule,
			  const struct rules_list *list, const char *key, const unsigned **out)
{
	unsigned *at = ARENA_ARRAY(w->arena, unsigned, list->count);
	enum rc rc = at || !list->count ? RC_OK : no_memory(w->why);

	for (size_t i = 0; rc == RC_OK && i < list->count; i++)
		rc = find_marker(w, list->at[i], key, &rule->place, &at[i]);
	*out = at;
	return rc;
}

static enum rc find_rule_names(const struct whole *w, struct rules_rule *rule)
{
	const struct rules_when *when = &rule->when;
	enum rc rc = find_names(w, rule, &when->markers, "markers", &rule->at.markers);

	if (rc == RC_OK)
		rc = find_names(w, rule, &when->markers_all, "markers_all", &rule->at.markers_all);
	if (rc == RC_OK)
		rc = find_names(w, rule, &when->not_markers, "not_markers", &rule->at.not_markers);
	return rc;
}

/* ---- rules ---- */

static enum rc check_factor(const struct whole *w, const struct rules_rule *rule)
{
	if (!rule->independent || rules_factor_is_independent(rule->factor))
		return RC_OK;
	return fault(w->why, RC_INVALID,
		     "%s:%u: the rule asks for an independent factor, and \"%s\" is none: whoever "
		     "reads the notice has all that is needed",
		     rule->place.file, rule->place.line, rules_factor_name(rule->factor));
}

static enum rc settle_rules(const struct whole *w)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < w->rules->rule_count; i++)
		rc = check_factor(w, &w->rules->rules[i]);
	for (size_t i = 0; rc == RC_OK && i < w->rules->rule_count; i++)
		rc = find_rule_names(w, (struct rules_rule *)(uintptr_t)&w->rules->rules[i]);
	return rc;
}

static enum rc check_expectation(const struct whole *w, const struct rules_expectation *e)
{
	if (e->rule[0] == '\0')
		return RC_OK;
	for (size_t i = 0; i < w->rules->rule_count; i++)
		if (strcmp(e->rule, w->rules->rules[i].name) == 0)
			return RC_OK;
	return fault(w->why, RC_INVALID, "%s:%u: expect_rule names \"%.100s\", which is no rule",
		     e->place.file, e->place.line, e->rule);
}

/* ---- markers that name markers ---- */

enum state { UNSEEN, OPEN, PLACED };

struct order { /* of the walk */
	const struct whole *w;
	enum state *state;
	unsigned *at;
	size_t count;
};

static size_t tests_of(const struct rules_marker *marker)
{
	return marker->test_count + marker->not_count;
}

static enum rc place(struct order *o, size_t i, unsigned depth, const struct rules_test *by);

static enum rc place_named(struct order *o, struct rules_test *test, unsigned depth)
{
	if (test->kind != RULES_TEST_MARKER)
		return RC_OK;
	enum rc rc = find_marker(o->w, test->name, "a test", &test->place, &test->marker);
	return rc == RC_OK ? place(o, test->marker, depth + 1, test) : rc;
}

/* Behind all that it names. by: the test that led here; NULL: none. */
static enum rc place(struct order *o, size_t i, unsigned depth, const struct rules_test *by)
{
	const struct rules_marker *marker = &o->w->rules->markers[i];
	enum rc rc = RC_OK;

	if (o->state[i] == PLACED)
		return RC_OK;
	if (o->state[i] == OPEN)
		return fault(o->w->why, RC_INVALID,
			     "%s:%u: the marker \"%s\" rests on itself by this test",
			     by->place.file, by->place.line, marker->name);
	if (depth > RULES_MARKERS_DEPTH_MAX)
		return fault(o->w->why, RC_INVALID, "%s:%u: markers name markers more than %d deep",
			     by->place.file, by->place.line, RULES_MARKERS_DEPTH_MAX);
	o->state[i] = OPEN;
	for (size_t k = 0; rc == RC_OK && k < tests_of(marker); k++)
		rc = place_named(o, (struct rules_test *)(uintptr_t)&marker->tests[k], depth);
	o->state[i] = PLACED;
	o->at[o->count++] = (unsigned)i;
	return rc;
}

static enum rc settle_markers(const struct whole *w)
{
	size_t count = w->rules->marker_count;
	struct order order = { .w = w,
			       .state = ARENA_ARRAY(w->arena, enum state, count + 1),
			       .at = ARENA_ARRAY(w->arena, unsigned, count + 1) };
	enum rc rc = RC_OK;

	if (!order.state || !order.at)
		return no_memory(w->why);
	for (size_t i = 1; i < count; i++)
		marker_at(w, i)->first_test =
			w->rules->markers[i - 1].first_test + tests_of(&w->rules->markers[i - 1]);
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = place(&order, i, 0, NULL);
	w->rules->marker_order = order.at;
	return rc;
}

/* ---- who observes ---- */

enum { ENFORCED = 1, OBSERVED = 2 };

static void mark(unsigned char *by, unsigned char how, const struct rules_list *list,
		 const unsigned *at)
{
	for (size_t i = 0; i < list->count; i++)
		by[at[i]] |= how;
}

/* Those that name come before those that are named. */
static void pass_on(const struct whole *w, unsigned char *by)
{
	for (size_t i = w->rules->marker_count; i-- > 0;) {
		const struct rules_marker *marker = marker_at(w, w->rules->marker_order[i]);
		for (size_t k = 0; k < tests_of(marker); k++)
			if (marker->tests[k].kind == RULES_TEST_MARKER)
				by[marker->tests[k].marker] |= by[w->rules->marker_order[i]];
	}
}

static enum rc settle_modes(const struct whole *w)
{
	unsigned char *by = ARENA_ARRAY(w->arena, unsigned char, w->rules->marker_count + 1);

	if (!by)
		return no_memory(w->why);
	w->rules->observes = w->rules->mode == RULES_OBSERVE;
	for (size_t i = 0; i < w->rules->rule_count; i++) {
		const struct rules_rule *rule = &w->rules->rules[i];
		unsigned char how = rule->mode == RULES_OBSERVE ? OBSERVED : ENFORCED;
		mark(by, how, &rule->when.markers, rule->at.markers);
		mark(by, how, &rule->when.markers_all, rule->at.markers_all);
		mark(by, how, &rule->when.not_markers, rule->at.not_markers);
		w->rules->observes |= how == OBSERVED;
	}
	for (size_t i = 0; i < w->rules->destination_count; i++)
		w->rules->observes |= w->rules->destinations[i].never &&
				      w->rules->destinations[i].mode == RULES_OBSERVE;
	pass_on(w, by);
	/* What no rule names is as its file says. */
	for (size_t i = 0; i < w->rules->marker_count; i++)
		if (by[i])
			marker_at(w, i)->observed = by[i] == OBSERVED;
	return RC_OK;
}

enum rc whole_settle(struct rules *rules, struct arena *arena, struct fault *why)
{
	const struct whole w = { rules, arena, why };
	enum rc rc = check_twins(&w);

	if (rc == RC_OK)
		rc = settle_rules(&w);
	if (rc == RC_OK)
		rc = settle_markers(&w);
	if (rc == RC_OK)
		rc = settle_modes(&w);
	for (size_t i = 0; rc == RC_OK && i < rules->expectation_count; i++)
		rc = check_expectation(&w, &rules->expectations[i]);
	return rc;
}
