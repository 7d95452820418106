#include "demand/condition.h"

#include "demand/pattern.h"
#include "settings/settings.h"

#include <string.h>
#include <time.h>

enum answer { NO, YES, UNKNOWN };

static enum answer of(bool holds)
{
	return holds ? YES : NO;
}

static enum answer is_named(const struct rules_list *patterns, struct slice address)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (demand_pattern_names(patterns->at[i], address))
			return YES;
	return of(patterns->count == 0);
}

static enum answer is_as_wanted(enum rules_tristate wanted, bool fact)
{
	return of(wanted == RULES_EITHER || (wanted == RULES_YES) == fact);
}

/* ---- direction ---- */

static bool is_listed(const struct settings_list *domains, struct slice domain)
{
	for (size_t i = 0; i < domains->count; i++)
		if (slice_same_nocase(slice_of(domains->at[i]), domain))
			return true;
	return false;
}

/* A bare local part is completed by the MTA with its own domain. The null sender is nobody. */
static bool is_ours(const struct settings_outbound *outbound, struct slice address)
{
	const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;

	if (!at)
		return address.len > 0;
	struct slice domain = { at + 1, address.len - (size_t)(at + 1 - address.at) };
	if (domain.len && domain.at[domain.len - 1] == '.')
		domain.len--;
	return is_listed(&outbound->domains, domain) ||
	       is_listed(&outbound->internal_domains, domain);
}

static enum answer goes(enum rules_direction wanted, const struct demand_envelope *envelope,
			struct slice to)
{
	if (wanted == RULES_ANY_DIRECTION)
		return YES;
	if (!envelope->outbound)
		return UNKNOWN;
	if (!is_ours(envelope->outbound, to))
		return of(wanted == RULES_OUTBOUND);
	return of(wanted ==
		  (is_ours(envelope->outbound, envelope->from) ? RULES_INTERNAL : RULES_INBOUND));
}

/* ---- time ---- */

static bool break_down(int64_t now_s, bool local, struct tm *out)
{
	time_t t = (time_t)now_s;

	return (local ? localtime_r(&t, out) : gmtime_r(&t, out)) != NULL;
}

unsigned condition_day(int64_t now_s)
{
	struct tm tm;

	if (!break_down(now_s, true, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099)
		return 0;
	return (unsigned)(tm.tm_year + 1900) * 10000 + (unsigned)(tm.tm_mon + 1) * 100 +
	       (unsigned)tm.tm_mday;
}

static enum answer is_time(const struct rules_time *time, int64_t now_s)
{
	struct tm tm;

	if (!time->given)
		return YES;
	int64_t there_s;
	if (__builtin_add_overflow(now_s, time->local ? 0 : (int64_t)time->east * 60, &there_s) ||
	    !break_down(there_s, time->local, &tm))
		return UNKNOWN;
	unsigned minute = (unsigned)(tm.tm_hour * 60 + tm.tm_min), day = (unsigned)tm.tm_wday;
	bool today = time->days & 1u << day, yesterday = time->days & 1u << (day + 6) % 7;

	if (time->from < time->to)
		return of(today && minute >= time->from && minute < time->to);
	return of((today && minute >= time->from) || (yesterday && minute < time->to));
}

/* ---- all of them ---- */

static enum answer is_size(const struct rules_size *size, uint64_t bytes)
{
	return of(bytes >= size->min && (size->max == 0 || bytes <= size->max));
}

static enum answer both(enum answer a, enum answer b)
{
	if (a == NO || b == NO)
		return NO;
	return a == UNKNOWN || b == UNKNOWN ? UNKNOWN : YES;
}

/* What is quickly told comes first: lists of addresses can be long. */
static enum answer answer_of(const struct rules_when *when, const struct demand_envelope *envelope,
			     struct slice to)
{
	enum answer all = both(is_as_wanted(when->authenticated, envelope->authenticated),
			       is_as_wanted(when->submission_tls, envelope->submission_tls));

	all = both(all, is_size(&when->size, envelope->size_bytes));
	all = both(all, of(envelope->recipient_count >= when->recipients_min));
	if (all != NO)
		all = both(all, goes(when->direction, envelope, to));
	if (all != NO)
		all = both(all, is_time(&when->time, envelope->now_s));
	if (all != NO)
		all = both(all, is_named(&when->to, to));
	if (all != NO)
		all = both(all, is_named(&when->from, envelope->from));
	return all;
}

bool condition_holds(const struct rules_when *when, const struct demand_envelope *envelope,
		     struct slice to)
{
	return answer_of(when, envelope, to) != NO;
}

const struct rules_exception *condition_exception(const struct rules_rule *rule,
						  const struct demand_envelope *envelope,
						  struct slice to)
{
	unsigned day = rule->exception_count ? condition_day(envelope->now_s) : 0;

	for (size_t i = 0; day && i < rule->exception_count; i++)
		if (day <= rule->exceptions[i].until &&
		    answer_of(&rule->exceptions[i].when, envelope, to) == YES)
			return &rule->exceptions[i];
	return NULL;
}
