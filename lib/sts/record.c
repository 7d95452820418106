#include "sts/record.h"

#include <string.h>

enum { EXTENSION_NAME_MAX = 32 }; /* RFC 8461 §3.1: one and 31 more */

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_id(struct slice value)
{
	if (value.len == 0 || value.len > STS_ID_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (!is_alphanumeric(value.at[i]))
			return false;
	return true;
}

static bool is_extension_name(struct slice name)
{
	if (name.len == 0 || name.len > EXTENSION_NAME_MAX || !is_alphanumeric(name.at[0]))
		return false;
	for (size_t i = 1; i < name.len; i++)
		if (!is_alphanumeric(name.at[i]) && !memchr("_-.", name.at[i], 3))
			return false;
	return true;
}

static bool is_extension_value(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < '!' || value.at[i] > '~' || value.at[i] == '=')
			return false;
	return value.len > 0;
}

static enum rc take_field(struct slice field, struct sts_record *record, struct fault *why)
{
	struct slice value = field, name;

	if (!slice_take_until(&value, '=', &name) || !is_extension_name(name) ||
	    !is_extension_value(value))
		return fault(why, RC_INVALID, "\"%.*s\" is no field", SLICE_ARG(field));
	if (!slice_is(name, "id") || record->id[0])
		return RC_OK;
	if (!is_id(value))
		return fault(why, RC_INVALID, "id is \"%.*s\", not 1 to 32 letters and digits",
			     SLICE_ARG(value));
	memcpy(record->id, value.at, value.len);
	return RC_OK;
}

/* Blanks belong to the delimiters, so that they end the record only after one. */
static bool ends_in_blank(struct slice field)
{
	return slice_blank(field.at[field.len - 1]);
}

enum rc sts_record_parse(struct slice text, struct sts_record *out, struct fault *why)
{
	struct sts_record record = { 0 };
	struct slice field;

	if (!slice_drop_prefix(&text, "v=STSv1;"))
		return fault(why, RC_ABSENT, "the record does not begin with v=STSv1;");
	if (text.len > STS_RECORD_MAX)
		return fault(why, RC_LIMIT, "the record is %zu bytes", text.len);

	while (slice_trim(text).len > 0) {
		if (!slice_take_until(&text, ';', &field)) {
			field = text;
			text = (struct slice){ 0 };
			if (ends_in_blank(field))
				return fault(why, RC_INVALID, "the record ends in a blank");
		}
		enum rc rc = take_field(slice_trim(field), &record, why);
		if (rc != RC_OK)
			return rc;
	}
	if (!record.id[0])
		return fault(why, RC_INVALID, "the record has no id");
	*out = record;
	return RC_OK;
}

enum rc sts_record_choose(const struct dns_answer *answer, struct sts_record *out,
			  struct fault *why)
{
	struct slice only = { 0 };
	size_t candidates = 0;

	if (answer->status == DNS_FAILED)
		return fault(why, RC_RETRY, "looking up TXT at %s failed: %s", answer->asked,
			     answer->why);
	for (size_t i = 0; i < answer->count; i++) {
		struct slice text = answer->records[i].txt;

		if (!slice_drop_prefix(&text, "v=STSv1;"))
			continue;
		only = answer->records[i].txt;
		candidates++;
	}
	if (candidates == 0)
		return fault(why, RC_ABSENT, "%s announces no MTA-STS policy", answer->asked);
	if (candidates > 1)
		return fault(why, RC_INVALID,
			     "%s has %zu MTA-STS records where one is allowed "
			     "(RFC 8461 section 3.1)",
			     answer->asked, candidates);

	struct fault detail = { 0 };
	if (sts_record_parse(only, out, &detail) != RC_OK)
		return fault(why, RC_INVALID,
			     "the TXT record at %s is malformed: %s (RFC 8461 section 3.1)",
			     answer->asked, detail.text);
	return RC_OK;
}
