#include "settings/when.h"

#include "base/clock.h"
#include "settings/pattern.h"
#include "settings/settings.h"
#include "settings/value.h"

#include <assert.h>
#include <string.h>

/* ---- words ---- */

static const struct field_word directions[] = {
	{ "outbound", RULES_OUTBOUND },
	{ "internal", RULES_INTERNAL },
	{ "inbound", RULES_INBOUND },
	{ NULL, 0 },
};

static const struct field_word days[] = {
	{ "sun", 0 }, { "mon", 1 }, { "tue", 2 }, { "wed", 3 },
	{ "thu", 4 }, { "fri", 5 }, { "sat", 6 }, { NULL, 0 },
};

enum { EVERY_DAY = 0x7f };

static enum rc read_tristate(struct reader *r, const config_setting_t *at, const struct field *f,
			     void *out)
{
	bool flag;
	enum rc rc = field_flag(r, at, f, &flag);

	if (rc == RC_OK)
		*(enum rules_tristate *)out = flag ? RULES_YES : RULES_NO;
	return rc;
}

/* ---- size ---- */

static enum rc read_size(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	static const struct field fields[] = {
		{ "min", field_size, offsetof(struct rules_size, min) },
		{ "max", field_size, offsetof(struct rules_size, max) },
		{ 0 },
	};
	struct rules_size *size = out;
	enum rc rc = field_read_all(r, at, f->name, fields, size);

	if (rc != RC_OK)
		return rc;
	if (!size->min && !size->max)
		return field_fault(r, at, "size needs min or max");
	if (size->max && size->max < size->min)
		return field_fault(r, at, "size has a max below its min: nothing is like that");
	return RC_OK;
}

/* ---- time ---- */

static bool two_digits(const char *text, unsigned *out)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*out = 10 * (unsigned)(text[0] - '0') + (unsigned)(text[1] - '0');
	return true;
}

/* "HH:MM" in minutes; 24:00 is the end of the day. */
static bool to_minutes(const char *text, unsigned *out)
{
	unsigned hours, minutes;

	if (strlen(text) != 5 || text[2] != ':' || !two_digits(text, &hours) ||
	    !two_digits(text + 3, &minutes) || minutes > 59)
		return false;
	*out = hours * 60 + minutes;
	return *out <= RULES_DAY_MINUTES;
}

static enum rc read_minutes(struct reader *r, const config_setting_t *at, const struct field *f,
			    void *out)
{
	const char *text;
	enum rc rc = field_text(r, at, f, &text);

	if (rc == RC_OK && !to_minutes(text, out))
		rc = field_fault(r, at, "%s is \"%.20s\": expected a time such as \"08:30\"",
				 f->name, text);
	return rc;
}

static enum rc read_days(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	struct rules_list names;
	unsigned set = 0, day;
	enum rc rc = field_texts(r, at, f, &names);

	for (size_t i = 0; rc == RC_OK && i < names.count; i++) {
		rc = field_word_value(r, at, f->name, days, names.at[i], &day);
		if (rc == RC_OK)
			set |= 1u << day;
	}
	if (rc == RC_OK)
		*(unsigned *)out = set;
	return rc;
}

enum { ZONE_MAX_HOURS = 14 }; /* east or west: no zone lies further off */

static enum rc read_zone(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	struct rules_time *time = out;
	unsigned minutes = 0;
	const char *text;
	enum rc rc = field_text(r, at, f, &text);

	if (rc != RC_OK)
		return rc;
	time->local = strcmp(text, "local") == 0;
	if (time->local || strcmp(text, "utc") == 0)
		return RC_OK;
	if ((text[0] != '+' && text[0] != '-') || !to_minutes(text + 1, &minutes) ||
	    minutes > ZONE_MAX_HOURS * 60)
		return field_fault(
			r, at, "%s is \"%.20s\": expected \"local\", \"utc\" or such as \"+01:00\"",
			f->name, text);
	time->east = text[0] == '-' ? -(int)minutes : (int)minutes;
	return RC_OK;
}

static enum rc read_time(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	static const struct field fields[] = {
		{ "days", read_days, offsetof(struct rules_time, days) },
		{ "from", read_minutes, offsetof(struct rules_time, from) },
		{ "to", read_minutes, offsetof(struct rules_time, to) },
		{ "zone", read_zone, 0 },
		{ 0 },
	};
	struct rules_time time = { .given = true, .to = RULES_DAY_MINUTES, .local = true };
	enum rc rc = field_read_all(r, at, f->name, fields, &time);

	if (rc != RC_OK)
		return rc;
	if (!time.days && time.from == 0 && time.to == RULES_DAY_MINUTES)
		return field_fault(r, at, "time needs days, from or to");
	if (time.from == time.to || time.from == RULES_DAY_MINUTES || time.to == 0)
		return field_fault(r, at, "time has no minute between from and to");
	if (!time.days)
		time.days = EVERY_DAY;
	*(struct rules_time *)out = time;
	return RC_OK;
}

/* ---- when ---- */

#define IN_WHEN(member) offsetof(struct rules_when, member)

/* All but markers: of a rule's `when`, and of an exception, which begins with one. */
static const struct field conditions[] = {
	{ "from", pattern_read, IN_WHEN(from) },
	{ "to", pattern_read, IN_WHEN(to) },
	{ "submission_tls", read_tristate, IN_WHEN(submission_tls) },
	{ "authenticated", read_tristate, IN_WHEN(authenticated) },
	{ "direction", field_word, IN_WHEN(direction), .words = directions },
	{ "size", read_size, IN_WHEN(size) },
	{ "recipients_min", field_number, IN_WHEN(recipients_min), .min = 1,
	  .max = SETTINGS_RECIPIENTS_MAX },
	{ "time", read_time, IN_WHEN(time) },
	{ 0 },
};

enum rc when_read(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	static const struct field fields[] = {
		{ "markers", field_texts, IN_WHEN(markers) },
		{ "markers_all", field_texts, IN_WHEN(markers_all) },
		{ "not_markers", field_texts, IN_WHEN(not_markers) },
		{ .fields = conditions },
	};

	return field_read_all(r, at, f->name, fields, out);
}

/* ---- exceptions ---- */

/* A day of the calendar: a time of that day is read, and written as it was. */
static bool is_day(const char *text)
{
	char time[sizeof "2027-01-31T00:00:00Z"];
	int64_t unused;

	if (strlen(text) != sizeof "2027-01-31" - 1)
		return false;
	memcpy(time, text, sizeof "2027-01-31" - 1);
	memcpy(time + sizeof "2027-01-31" - 1, "T00:00:00Z", sizeof "T00:00:00Z");
	return clock_parse(slice_of(time), &unused);
}

static enum rc read_until(struct reader *r, const config_setting_t *at, const struct field *f,
			  void *out)
{
	unsigned day = 0;
	const char *text;
	enum rc rc = field_text(r, at, f, &text);

	if (rc != RC_OK)
		return rc;
	if (!is_day(text))
		return field_fault(r, at, "%s is \"%.20s\": expected a day such as \"2027-01-31\"",
				   f->name, text);
	for (; *text; text++)
		if (*text != '-')
			day = 10 * day + (unsigned)(*text - '0');
	*(unsigned *)out = day;
	return RC_OK;
}

static enum rc read_exception(struct reader *r, const config_setting_t *at, void *item)
{
	static const struct field fields[] = {
		{ "until", read_until, offsetof(struct rules_exception, until), .required = true },
		{ "why", field_text, offsetof(struct rules_exception, why), .check = value_line,
		  .required = true },
		{ .fields = conditions },
	};
	static_assert(offsetof(struct rules_exception, when) == 0, "the rows are those of when");
	struct rules_exception *exception = item;

	exception->place = field_place(r, at);
	enum rc rc = field_read_all(r, at, "an exception", fields, exception);
	if (rc == RC_OK && exception->when.from.count + exception->when.to.count == 0)
		rc = field_fault(r, at, "an exception needs from or to: whom it is for");
	return rc;
}

enum rc when_read_exceptions(struct reader *r, const config_setting_t *at, const struct field *f,
			     void *out)
{
	struct rules_rule *rule = out;
	const void *items = NULL;
	enum rc rc = field_items(r, at, f->name, RULES_EXCEPTIONS_MAX, sizeof *rule->exceptions,
				 read_exception, &rule->exception_count, &items);

	rule->exceptions = items;
	return rc;
}
