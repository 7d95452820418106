#include "pickup/visit.h"

#include "base/pack.h"
#include "crypto/random.h"

#include <string.h>

enum { VISIT_MAX = 200 };

static const char bucket[] = "visit";

static void lay_out(struct pack *p, struct pickup_visit *v)
{
	uint64_t number = v->number;
	unsigned stage = v->stage;

	pack_bytes(p, v->deposit, sizeof v->deposit);
	pack_number(p, &number, 4);
	pack_choice(p, &stage, DEPOSIT_ACKNOWLEDGED + 1u);
	pack_bytes(p, v->client, sizeof v->client);
	pack_time(p, &v->made_s);
	v->number = (uint32_t)number;
	v->stage = (enum deposit_pickup)stage;
}

static enum rc hash_ticket(const uint8_t *ticket, uint8_t *out, struct fault *why)
{
	return crypto_sha256((struct slice){ (const char *)ticket, PICKUP_TICKET_BYTES }, out, why);
}

static struct slice key_of(const struct pickup_visit *visit)
{
	return (struct slice){ (const char *)visit->key, sizeof visit->key };
}

enum rc pickup_visit_make(uint8_t ticket[PICKUP_TICKET_BYTES], struct pickup_visit *out,
			  struct fault *why)
{
	enum rc rc = crypto_random(ticket, PICKUP_TICKET_BYTES, why);

	*out = (struct pickup_visit){ .stage = DEPOSIT_NEW };
	return rc == RC_OK ? hash_ticket(ticket, out->key, why) : rc;
}

enum rc pickup_visit_get(struct store_tx *tx, const uint8_t ticket[PICKUP_TICKET_BYTES],
			 int64_t now_s, struct pickup_visit *out, struct fault *why)
{
	struct pickup_visit visit = { .stage = DEPOSIT_NEW };
	struct buf bytes = BUF_INIT(VISIT_MAX);
	enum rc rc = hash_ticket(ticket, visit.key, why);

	if (rc == RC_OK)
		rc = store_get(tx, bucket, key_of(&visit), now_s, &bytes, why);
	if (rc == RC_OK) {
		struct pack p = PACK_FROM(buf_slice(&bytes));
		lay_out(&p, &visit);
		if (pack_end(&p, "a visit's record", why) != RC_OK)
			rc = fault(why, RC_RETRY, "store is damaged: a visit's record");
	}
	buf_free(&bytes);
	if (rc == RC_OK)
		*out = visit;
	return rc == RC_ABSENT ? fault(why, RC_ABSENT, "there is no such visit") : rc;
}

enum rc pickup_visit_put(struct store_tx *tx, const struct pickup_visit *visit, int64_t now_s,
			 struct fault *why)
{
	struct pickup_visit copy = *visit;
	struct buf bytes = BUF_INIT(VISIT_MAX);
	struct pack p = PACK_INTO(&bytes);

	lay_out(&p, &copy);
	enum rc rc = pack_end(&p, "a visit's record", why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, key_of(visit), buf_slice(&bytes), now_s + PICKUP_VISIT_S,
			       why);
	buf_free(&bytes);
	return rc;
}
