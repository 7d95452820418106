#include "deposit/facts.h"

#include "base/utf8.h"

#include <string.h>

enum { VERSION = 1, RECIPIENT_BYTES = 9, INDEPENDENT = 1, SERVER = 2 };

const char *deposit_mode_name(enum deposit_mode mode)
{
	switch (mode) {
	case DEPOSIT_MODE_BROWSER:
		return "browser";
	case DEPOSIT_MODE_SERVER:
		return "server";
	}
	return "server";
}

void deposit_scan_set(char *member, size_t member_size, struct slice text)
{
	struct slice rest = text;
	uint32_t code;
	size_t len = 0;

	while (rest.len && utf8_take(&rest, &code) && code && text.len - rest.len < member_size)
		len = text.len - rest.len;
	if (len)
		memcpy(member, text.at, len);
	member[len] = '\0';
}

static void add_number(struct buf *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i > 0; i--)
		(void)buf_add_byte(out, (char)(value >> (8 * (i - 1))));
}

static void add_text(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	(void)buf_add_byte(out, (char)len);
	(void)buf_add(out, text, len);
}

/* version | scanned | date (8) | engine | result | count | { flags | picked up (8) } … */
enum rc deposit_facts_encode(const struct deposit_facts *facts, struct buf *out)
{
	(void)buf_add_byte(out, VERSION);
	(void)buf_add_byte(out, facts->scanned);
	if (facts->scanned) {
		add_number(out, (uint64_t)facts->scan.date_s, 8);
		add_text(out, facts->scan.engine);
		add_text(out, facts->scan.result);
	}
	(void)buf_add_byte(out, (char)facts->recipient_count);
	for (size_t i = 0; i < facts->recipient_count; i++) {
		const struct deposit_recipient_facts *r = &facts->recipients[i];
		add_number(out,
			   (r->independent ? INDEPENDENT : 0u) |
				   (r->mode == DEPOSIT_MODE_SERVER ? SERVER : 0u),
			   1);
		add_number(out, (uint64_t)r->picked_up_s, 8);
	}
	return buf_state(out);
}

/* Takes off the front; after the end *bad is set and zeros come. */
static uint64_t take_number(struct slice *s, unsigned bytes, bool *bad)
{
	uint64_t value = 0;

	if (*bad || s->len < bytes) {
		*bad = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | (uint8_t)s->at[i];
	*s = (struct slice){ s->at + bytes, s->len - bytes };
	return value;
}

static void take_text(struct slice *s, char *out, size_t size, bool *bad)
{
	size_t len = (size_t)take_number(s, 1, bad);

	*bad |= len >= size || len > s->len;
	if (*bad)
		return;
	struct slice text = { s->at, len };
	*bad |= !utf8_is_valid(text) || memchr(s->at, '\0', len);
	memcpy(out, text.at, len);
	out[len] = '\0';
	*s = (struct slice){ s->at + len, s->len - len };
}

static void take_recipient(struct slice *s, struct deposit_recipient_facts *out, bool *bad)
{
	uint64_t flags = take_number(s, 1, bad);

	*bad |= (flags & ~(uint64_t)(INDEPENDENT | SERVER)) != 0;
	out->independent = flags & INDEPENDENT;
	out->mode = flags & SERVER ? DEPOSIT_MODE_SERVER : DEPOSIT_MODE_BROWSER;
	out->picked_up_s = (int64_t)take_number(s, 8, bad);
}

enum rc deposit_facts_decode(struct slice bytes, struct deposit_facts *out, struct fault *why)
{
	struct deposit_facts facts = { 0 };
	bool bad = false;

	if (take_number(&bytes, 1, &bad) != VERSION)
		return fault(why, RC_INVALID, "a deposit's facts are of another version");
	uint64_t scanned = take_number(&bytes, 1, &bad);
	bad |= scanned > 1;
	facts.scanned = scanned;
	if (facts.scanned) {
		facts.scan.date_s = (int64_t)take_number(&bytes, 8, &bad);
		take_text(&bytes, facts.scan.engine, sizeof facts.scan.engine, &bad);
		take_text(&bytes, facts.scan.result, sizeof facts.scan.result, &bad);
	}
	facts.recipient_count = (size_t)take_number(&bytes, 1, &bad);
	bad |= bytes.len != facts.recipient_count * RECIPIENT_BYTES ||
	       facts.recipient_count > DEPOSIT_RECIPIENTS_MAX;
	for (size_t i = 0; !bad && i < facts.recipient_count; i++)
		take_recipient(&bytes, &facts.recipients[i], &bad);
	if (bad)
		return fault(why, RC_INVALID, "a deposit's facts are damaged");
	*out = facts;
	return RC_OK;
}

static const char bucket[] = "facts";

enum rc deposit_facts_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_facts *out, struct fault *why)
{
	struct buf bytes = BUF_INIT(DEPOSIT_FACTS_BYTES);
	enum rc rc = store_get(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES }, 0,
			       &bytes, why);

	if (rc == RC_OK)
		rc = deposit_facts_decode(buf_slice(&bytes), out, why);
	else if (rc == RC_ABSENT)
		(void)fault(why, RC_ABSENT, "no facts are kept of this deposit");
	else if (rc == RC_LIMIT)
		rc = fault(why, RC_INVALID, "a deposit's facts are damaged");
	buf_free(&bytes);
	return rc;
}

enum rc deposit_facts_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  const struct deposit_facts *facts, struct fault *why)
{
	struct buf bytes = BUF_INIT(DEPOSIT_FACTS_BYTES);
	enum rc rc = deposit_facts_encode(facts, &bytes);

	rc = rc == RC_OK ? store_put(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES },
				     buf_slice(&bytes), STORE_FOREVER, why)
			 : fault(why, rc, "no room for a deposit's facts");
	buf_free(&bytes);
	return rc;
}

enum rc deposit_facts_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			     struct fault *why)
{
	return store_delete(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES }, why);
}
