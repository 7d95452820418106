#include "page/body.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "json/line.h"

#include <string.h>

void page_body_wipe(struct page_body *body)
{
	explicit_bzero(body, sizeof *body);
}

static void free_value(struct json_value **value)
{
	json_value_free(*value);
}

static bool take_bytes(const struct json_value *value, uint8_t out[PAGE_PROOF_BYTES])
{
	struct slice text;

	return json_value_text(value, &text) && hex_parse(text, out, PAGE_PROOF_BYTES);
}

static bool take_ticket(const struct json_value *value, struct page_body *body)
{
	return take_bytes(value, body->ticket);
}

static bool take_proof(const struct json_value *value, struct page_body *body)
{
	return take_bytes(value, body->proof);
}

/* As people type digits: with blanks between them. */
static bool take_pin(const struct json_value *value, struct page_body *body)
{
	struct slice text;
	size_t len = 0;

	if (!json_value_text(value, &text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == ' ' || text.at[i] == '-')
			continue;
		if (text.at[i] < '0' || text.at[i] > '9' || len == PAGE_PIN_MAX)
			return false;
		body->pin[len++] = text.at[i];
	}
	return len > 0;
}

static bool take_from(const struct json_value *value, struct page_body *body)
{
	int64_t number;

	if (!json_value_number(value, &number) || number < 0)
		return false;
	body->from = (uint64_t)number;
	return true;
}

static const struct {
	const char *name;
	unsigned field;
	bool (*take)(const struct json_value *, struct page_body *);
} fields[] = {
	{ "ticket", PAGE_FIELD_TICKET, take_ticket }, { "auth1", PAGE_FIELD_AUTH1, take_proof },
	{ "auth2", PAGE_FIELD_AUTH2, take_proof },    { "locate", PAGE_FIELD_LOCATE, take_proof },
	{ "digest", PAGE_FIELD_DIGEST, take_proof },  { "code", PAGE_FIELD_PIN, take_pin },
	{ "from", PAGE_FIELD_FROM, take_from },
};

enum rc page_body_parse(struct slice json, unsigned needs, unsigned may, struct page_body *out,
			struct fault *why)
{
	CLEANUP(free_value) struct json_value *object = NULL;
	CLEANUP(page_body_wipe) struct page_body body = { 0 };

	if (json.len > PAGE_BODY_MAX)
		return fault(why, RC_LIMIT, "a request has more than %d bytes", PAGE_BODY_MAX);
	enum rc rc = json_value_parse(json, &object, NULL);
	if (rc == RC_INVALID)
		return fault(why, rc, "a request is no JSON object");
	if (rc != RC_OK)
		return fault(why, rc, "out of memory");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		const struct json_value *value = json_value_find(object, fields[i].name);

		if (!value || !((needs | may) & fields[i].field))
			continue;
		if (!fields[i].take(value, &body))
			return fault(why, RC_INVALID, "%s is not what it has to be",
				     fields[i].name);
		body.has |= fields[i].field;
	}
	if ((body.has & needs) != needs)
		return fault(why, RC_INVALID, "a request lacks a field");
	*out = body;
	return RC_OK;
}
