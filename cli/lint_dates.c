#include "cli/lint_report.h"

#include "base/clock.h"
#include "demand/condition.h"

#include <stdio.h>

enum { SOON_DAYS = 14 }; /* long enough to have an exception renewed, or to do without it */

/* Midnight in UTC of a day such as 20270131: for the number of days between two. */
static int64_t second_of(unsigned day)
{
	char text[CLOCK_TEXT];
	int64_t wall_s = 0;

	snprintf(text, sizeof text, "%04u-%02u-%02uT00:00:00Z", day / 10000, day / 100 % 100,
		 day % 100);
	(void)clock_parse(slice_of(text), &wall_s);
	return wall_s;
}

static void check_exception(struct lint_report *report, const struct rules_rule *rule,
			    const struct rules_exception *e, unsigned today)
{
	const unsigned year = e->until / 10000, month = e->until / 100 % 100, day = e->until % 100;
	int64_t days = (second_of(e->until) - second_of(today)) / 86400;

	if (days < 0)
		lint_warn(report,
			  "%s:%u: this exception to rule \"%s\" (%s) has lapsed since "
			  "%04u-%02u-%02u: "
			  "the rule applies again; renew it, or take it out",
			  e->place.file, e->place.line, rule->name, e->why, year, month, day);
	else if (days == 0)
		lint_warn(report,
			  "%s:%u: this exception to rule \"%s\" (%s) lapses with this day, "
			  "%04u-%02u-%02u",
			  e->place.file, e->place.line, rule->name, e->why, year, month, day);
	else if (days <= SOON_DAYS)
		lint_warn(report,
			  "%s:%u: this exception to rule \"%s\" (%s) lapses after %04u-%02u-%02u, "
			  "in %d days",
			  e->place.file, e->place.line, rule->name, e->why, year, month, day,
			  (int)days);
}

void lint_check_dates(struct lint_report *report)
{
	const struct rules *rules = report->rules;
	unsigned today = condition_day(clock_wall_s());

	for (size_t i = 0; today && i < rules->rule_count; i++)
		for (size_t k = 0; k < rules->rules[i].exception_count; k++)
			check_exception(report, &rules->rules[i], &rules->rules[i].exceptions[k],
					today);
}
