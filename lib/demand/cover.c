#include "demand/cover.h"

#include "demand/pattern.h"

#include <string.h>

enum { PAIRS_MAX = 1000000 }; /* of addresses compared: a second; longer lists are not */

static bool is_listed(const struct rules_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], name) == 0)
			return true;
	return false;
}

static bool has_all(const struct rules_list *list, const struct rules_list *of)
{
	for (size_t i = 0; i < of->count; i++)
		if (!is_listed(list, of->at[i]))
			return false;
	return true;
}

/* ---- conditions: whether wide holds wherever narrow does ---- */

static bool covers_markers(const struct rules_when *wide, const struct rules_when *narrow)
{
	const struct rules_list *any = &wide->markers;
	bool one = any->count == 0 || (narrow->markers.count && has_all(any, &narrow->markers));

	for (size_t i = 0; !one && i < narrow->markers_all.count; i++)
		one = is_listed(any, narrow->markers_all.at[i]);
	for (size_t i = 0; one && i < wide->markers_all.count; i++) {
		const char *name = wide->markers_all.at[i];
		bool alone = narrow->markers.count == 1 && is_listed(&narrow->markers, name);
		one = alone || is_listed(&narrow->markers_all, name);
	}
	return one && has_all(&narrow->not_markers, &wide->not_markers);
}

static bool covers_one(const struct rules_list *wide, const char *pattern)
{
	for (size_t i = 0; i < wide->count; i++)
		if (demand_pattern_covers(wide->at[i], pattern))
			return true;
	return false;
}

static bool covers_addresses(const struct rules_list *wide, const struct rules_list *narrow)
{
	if (wide->count == 0)
		return true;
	if (narrow->count == 0)
		return covers_one(wide, "*");
	if (wide->count > PAIRS_MAX / narrow->count)
		return false;
	for (size_t i = 0; i < narrow->count; i++)
		if (!covers_one(wide, narrow->at[i]))
			return false;
	return true;
}

static bool covers_fact(enum rules_tristate wide, enum rules_tristate narrow)
{
	return wide == RULES_EITHER || wide == narrow;
}

static bool covers_size(const struct rules_size *wide, const struct rules_size *narrow)
{
	return wide->min <= narrow->min &&
	       (wide->max == 0 || (narrow->max && narrow->max <= wide->max));
}

static bool covers_time(const struct rules_time *wide, const struct rules_time *narrow)
{
	return !wide->given || (narrow->given && (narrow->days & ~wide->days) == 0 &&
				wide->from == narrow->from && wide->to == narrow->to &&
				wide->local == narrow->local && wide->east == narrow->east);
}

static bool covers(const struct rules_when *wide, const struct rules_when *narrow)
{
	return covers_markers(wide, narrow) && covers_addresses(&wide->from, &narrow->from) &&
	       covers_addresses(&wide->to, &narrow->to) &&
	       covers_fact(wide->submission_tls, narrow->submission_tls) &&
	       covers_fact(wide->authenticated, narrow->authenticated) &&
	       (wide->direction == RULES_ANY_DIRECTION || wide->direction == narrow->direction) &&
	       covers_size(&wide->size, &narrow->size) &&
	       wide->recipients_min <= narrow->recipients_min &&
	       covers_time(&wide->time, &narrow->time);
}

/* ---- what is asked for ---- */

static bool refuses(const struct rules_rule *rule)
{
	return rule->rung_count == 1 && rule->rungs[0] == RULES_REFUSE;
}

/* Whether y's ladder holds where both hit. */
static bool keeps_ladder(const struct rules_rule *y, const struct rules_rule *x,
			 bool y_stands_first)
{
	if (refuses(y) != refuses(x))
		return refuses(y);
	/* Of those that refuse, the first one's words are said, whatever they require. */
	return y_stands_first || (y->require > x->require && !refuses(y));
}

static bool asks_as_much(const struct rules_rule *y, const struct rules_rule *x)
{
	return y->require >= x->require && y->factor <= x->factor && /* the strongest is 0 */
	       y->life_days <= x->life_days && (x->upgrade || !y->upgrade);
}

/* Content that could not be read makes x hit, and y not; or lifts y, and not x. */
static bool doubts_less(const struct rules_rule *y, const struct rules_rule *x)
{
	const struct rules_when *when = &y->when;
	bool asks = when->markers.count + when->markers_all.count + when->not_markers.count > 0;

	return asks && y->opaque_ignore && !x->opaque_ignore;
}

bool cover_rule(const struct rules_rule *y, const struct rules_rule *x, bool y_stands_first)
{
	if (y->exception_count || (y->mode == RULES_OBSERVE && x->mode == RULES_ENFORCE))
		return false;
	return covers(&y->when, &x->when) && !doubts_less(y, x) && asks_as_much(y, x) &&
	       keeps_ladder(y, x, y_stands_first);
}

const char *cover_contradiction(const struct rules_rule *rule)
{
	const struct rules_list *none = &rule->when.not_markers;

	for (size_t i = 0; i < rule->when.markers_all.count; i++)
		if (is_listed(none, rule->when.markers_all.at[i]))
			return rule->when.markers_all.at[i];
	if (rule->when.markers.count && has_all(none, &rule->when.markers))
		return rule->when.markers.at[0];
	return NULL;
}
