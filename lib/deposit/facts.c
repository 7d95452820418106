#include "deposit/facts.h"

#include "base/pack.h"
#include "base/utf8.h"

#include <string.h>

enum { VERSION = 1 };

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

static void lay_out_recipient(struct pack *p, struct deposit_recipient_facts *r)
{
	unsigned mode = r->mode;

	pack_bool(p, &r->independent);
	pack_choice(p, &mode, DEPOSIT_MODE_SERVER + 1);
	pack_time(p, &r->picked_up_s);
	r->mode = (enum deposit_mode)mode;
}

static void lay_out(struct pack *p, struct deposit_facts *facts)
{
	uint64_t version = VERSION, count = facts->recipient_count;

	pack_number(p, &version, 1);
	if (version != VERSION)
		pack_refuse(p, "another version");
	pack_bool(p, &facts->scanned);
	if (facts->scanned) {
		pack_time(p, &facts->scan.date_s);
		pack_text(p, facts->scan.engine, sizeof facts->scan.engine);
		pack_text(p, facts->scan.result, sizeof facts->scan.result);
	}
	pack_number(p, &count, 1);
	if (count > DEPOSIT_RECIPIENTS_MAX)
		pack_refuse(p, "too many recipients");
	facts->recipient_count = p->wrong ? 0 : (size_t)count;
	for (size_t i = 0; i < facts->recipient_count; i++)
		lay_out_recipient(p, &facts->recipients[i]);
}

static const char what[] = "a deposit's facts";

enum rc deposit_facts_encode(const struct deposit_facts *facts, struct buf *out)
{
	struct deposit_facts copy = *facts;
	struct pack p = PACK_INTO(out);

	lay_out(&p, &copy);
	return pack_end(&p, what, NULL);
}

enum rc deposit_facts_decode(struct slice bytes, struct deposit_facts *out, struct fault *why)
{
	struct deposit_facts facts = { 0 };
	struct pack p = PACK_FROM(bytes);

	lay_out(&p, &facts);
	enum rc rc = pack_end(&p, what, why);
	if (rc == RC_OK)
		*out = facts;
	return rc;
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
		rc = fault(why, RC_INVALID, "%s: too long", what);
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
			 : fault(why, rc, "%s: no room", what);
	buf_free(&bytes);
	return rc;
}

enum rc deposit_facts_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			     struct fault *why)
{
	return store_delete(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES }, why);
}
