#include "pickup/verb.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "deposit/share.h"
#include "deposit/upgrade.h"

#include <string.h>

enum { VISIT_DIGITS = 8 };

enum rc verb_says(struct verb *v, enum pickup_result result)
{
	v->out->reply.result = result;
	return RC_OK;
}

enum rc verb_hmac(const struct verb *v, const void *bytes, size_t len,
		  uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	return crypto_hmac(&v->pickup->site.keys->verifier, (struct slice){ bytes, len }, out, why);
}

enum rc verb_keeps(struct verb *v, struct slice from, struct slice *to, struct fault *why)
{
	const char *copy = arena_text(v->texts, from);

	if (!copy)
		return fault(why, RC_NOMEM, "out of memory");
	*to = (struct slice){ copy, from.len };
	return RC_OK;
}

/* ---- rows ---- */

struct looking { /* for the rows of one deposit */
	struct verb *v;
	struct found *f;
	const uint8_t *verifier; /* of the link's half that was shown; NULL: by number */
	bool matched;
	enum rc rc;
	struct fault *why;
};

static bool keep(struct looking *l, struct slice from, struct slice *to)
{
	l->rc = verb_keeps(l->v, from, to, l->why);
	return l->rc == RC_OK;
}

static bool take_deposit(void *arg, const struct store_deposit *deposit)
{
	struct looking *l = arg;
	struct found *f = l->f;

	memcpy(f->id, deposit->id, sizeof f->id);
	f->state = deposit->state;
	f->made_s = deposit->made_s;
	f->until_s = deposit->until_s;
	return keep(l, deposit->sender, &f->sender) &&
	       keep(l, deposit->record, &f->deposit_record) && false;
}

/* Every row is compared, so that the time does not tell which one it was. */
static bool take_recipient(void *arg, const struct store_recipient *row)
{
	struct looking *l = arg;
	struct found *f = l->f;
	struct deposit_recipient_record share = { .rounds = 0 };
	bool ended, is_it = row->number == f->number;

	if (l->verifier)
		is_it = deposit_recipient_decode_any(row->record, &share, &ended, NULL) == RC_OK &&
			crypto_same(share.link_verifier, l->verifier, sizeof share.link_verifier);
	crypto_wipe(&share, sizeof share);
	if (!is_it || l->matched)
		return true;
	l->matched = true;
	f->number = row->number;
	f->stage = row->state;
	return keep(l, row->address, &f->address) && keep(l, row->record, &f->share_record);
}

/* What only an open deposit has. */
static enum rc read_open(struct store_tx *tx, struct found *f, struct fault *why)
{
	enum rc rc = deposit_record_decode(f->deposit_record, &f->record, why);

	if (rc == RC_OK)
		rc = deposit_recipient_decode(f->share_record, &f->share, why);
	if (rc == RC_OK) {
		rc = deposit_facts_get(tx, f->id, &f->facts, why);
		if (rc == RC_ABSENT) { /* made before there were facts */
			f->facts = (struct deposit_facts){ .recipient_count = f->number + 1 };
			rc = f->number < DEPOSIT_RECIPIENTS_MAX
				     ? RC_OK
				     : fault(why, RC_INVALID, "recipient %u", (unsigned)f->number);
		}
	}
	if (rc == RC_OK && f->number >= f->facts.recipient_count)
		rc = fault(why, RC_INVALID, "the facts have no recipient %u", (unsigned)f->number);
	if (rc == RC_INVALID)
		return fault(why, RC_RETRY, "store is damaged: a deposit's record");
	return rc == RC_OK ? pickup_progress_get(tx, f->id, f->number, &f->progress, why) : rc;
}

/* What became of a copy that was sent on, while others wait or whatever befell them later. */
static enum rc read_sent_on(struct store_tx *tx, struct found *f, struct fault *why)
{
	f->state = STORE_DEPOSIT_SENT_ON;
	enum rc rc = deposit_sent_on(tx, f->id, f->number, &f->ended_s, why);
	return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc read_ended(struct found *f, struct fault *why)
{
	struct deposit_ended_record ended;
	bool swept;

	f->ended_s = f->until_s;
	if (deposit_ended_decode(f->deposit_record, &ended, NULL) == RC_OK)
		f->ended_s = ended.ended_s;
	if (deposit_recipient_decode_any(f->share_record, &f->share, &swept, NULL) != RC_OK)
		return fault(why, RC_RETRY, "store is damaged: a deposit's record");
	crypto_wipe(f->share.wrapped_server, sizeof f->share.wrapped_server);
	return RC_OK;
}

static enum rc read_rows(struct verb *v, struct store_tx *tx, const uint8_t *id,
			 const uint8_t *verifier, struct found *f, struct fault *why)
{
	struct looking l = { .v = v, .f = f, .verifier = verifier, .why = why };
	enum rc deposit = store_deposit_find(tx, id, take_deposit, &l, why);

	if (deposit != RC_OK && deposit != RC_ABSENT)
		return deposit;
	enum rc rc = store_recipients(tx, id, take_recipient, &l, why);
	if (rc == RC_OK)
		rc = l.rc;
	if (rc != RC_OK)
		return rc;
	if (deposit != RC_OK || !l.matched)
		return fault(why, RC_ABSENT, "there is no such recipient");
	if (f->state == STORE_DEPOSIT_OPEN && f->until_s <= v->now_s)
		f->state = STORE_DEPOSIT_EXPIRED; /* by time, and not swept up yet */
	if (f->state == STORE_DEPOSIT_OPEN && f->stage != DEPOSIT_SENT_ON)
		return read_open(tx, f, why);
	rc = read_ended(f, why);
	return rc == RC_OK && f->stage == DEPOSIT_SENT_ON ? read_sent_on(tx, f, why) : rc;
}

enum rc found_by_proof(struct verb *v, struct store_tx *tx, struct found *out, struct fault *why)
{
	uint8_t verifier[CRYPTO_HASH_BYTES], dummy[CRYPTO_HASH_BYTES] = { 0 };
	enum rc rc = verb_hmac(v, v->q->proof, sizeof v->q->proof, verifier, why);

	*out = (struct found){ .number = 0 };
	if (rc == RC_OK)
		rc = read_rows(v, tx, v->q->id, verifier, out, why);
	/* One comparison for whoever has no row to compare with. */
	if (rc == RC_ABSENT && crypto_same(verifier, dummy, sizeof dummy))
		return fault(why, RC_ABSENT, "there is no such recipient");
	return rc;
}

enum rc found_by_visit(struct verb *v, struct store_tx *tx, const struct pickup_visit *visit,
		       struct found *out, struct fault *why)
{
	*out = (struct found){ .number = visit->number };
	return read_rows(v, tx, visit->deposit, NULL, out, why);
}

enum rc found_advance(struct store_tx *tx, struct found *f, enum deposit_pickup stage,
		      struct fault *why)
{
	struct store_recipient row = { .number = f->number,
				       .state = stage,
				       .record = f->share_record };

	if (f->stage >= stage)
		return RC_OK;
	memcpy(row.deposit, f->id, sizeof row.deposit);
	enum rc rc = store_recipient_set(tx, &row, why);
	if (rc == RC_OK)
		f->stage = stage;
	return rc;
}

enum rc found_put_progress(struct verb *v, struct store_tx *tx, const struct found *f,
			   struct fault *why)
{
	return pickup_progress_put(tx, f->id, f->number, &f->progress, v->now_s, why);
}

/* ---- visits ---- */

enum rc verb_denies(struct verb *v, uint32_t wait_s)
{
	pickup_slow_wrong(v->pickup->slow, v->client.prefix, v->now_s);
	v->out->reply.wait_s = wait_s;
	return verb_says(v, wait_s ? PICKUP_SLOW : PICKUP_DENIED);
}

bool verb_ended(struct verb *v, const struct found *f)
{
	struct pickup_reply *reply = &v->out->reply;

	switch (f->state) {
	case STORE_DEPOSIT_OPEN:
		return false;
	case STORE_DEPOSIT_REVOKED:
		reply->state = PICKUP_REVOKED;
		break;
	case STORE_DEPOSIT_EXPIRED:
		reply->state = PICKUP_EXPIRED;
		break;
	case STORE_DEPOSIT_SENT_ON:
		reply->state = PICKUP_SENT_ON;
		break;
	}
	reply->ended_s = f->ended_s;
	(void)verb_says(v, PICKUP_ENDED);
	return true;
}

enum rc verb_visit(struct verb *v, struct store_tx *tx, enum deposit_pickup stage,
		   struct pickup_visit *out, struct fault *why)
{
	enum rc rc = pickup_visit_get(tx, v->q->ticket, v->now_s, out, why);

	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	if (rc == RC_OK && memcmp(out->deposit, v->q->id, sizeof out->deposit) == 0 &&
	    out->stage >= stage)
		return RC_OK;
	(void)verb_says(v, PICKUP_ORDER);
	return RC_ABSENT;
}

enum rc verb_enter(struct verb *v, struct store_tx *tx, enum deposit_pickup stage,
		   struct pickup_visit *visit, struct found *f, struct fault *why)
{
	enum rc rc = verb_visit(v, tx, stage, visit, why);

	if (rc != RC_OK)
		return rc;
	rc = found_by_visit(v, tx, visit, f, why);
	if (rc == RC_ABSENT)
		(void)verb_says(v, PICKUP_ORDER); /* purged since */
	if (rc == RC_OK && verb_ended(v, f))
		return RC_ABSENT;
	return rc;
}

/* ---- the audit ---- */

enum rc verb_audit(struct verb *v, const char *event, const struct found *f,
		   const struct pickup_visit *visit, const char *reason, struct fault *why)
{
	char deposit[2 * STORE_ID_BYTES + 1], digits[2 * CRYPTO_HASH_BYTES + 1];
	struct audit_record record = {
		.ts_usec = clock_wall_usec(),
		.event = event,
		.client = v->client.address[0] ? v->client.address : NULL,
		.from = arena_text(v->texts, f->sender),
		.to = arena_text(v->texts, f->address),
		.reason = reason,
		.deposit = hex_format(f->id, sizeof f->id, deposit),
		.mode = deposit_mode_name(v->q->mode == PICKUP_SERVER ? DEPOSIT_MODE_SERVER
								      : DEPOSIT_MODE_BROWSER),
		.independent = &f->facts.recipients[f->number].independent,
	};

	if (!record.from || !record.to)
		return fault(why, RC_NOMEM, "out of memory");
	if (visit) {
		record.visit = hex_format(visit->key, sizeof visit->key, digits);
		digits[VISIT_DIGITS] = '\0';
	}
	return v->pickup->site.audit(v->pickup->site.arg, &record, 1, why);
}

struct deposit_letter verb_letter(const struct verb *v, enum deposit_letter_kind about,
				  const struct found *f, char kind[PICKUP_KIND_TEXT])
{
	return (struct deposit_letter){
		.kind = about,
		.id = f->id,
		.sender = f->sender,
		.made_s = f->made_s,
		.until_s = f->until_s,
		.recipient_count = 1,
		.recipients = &f->address,
		.seen = { .when_s = v->now_s,
			  .address = slice_of(v->client.address),
			  .kind = slice_of(pickup_client_kind(v->q->agent, kind)),
			  .server = v->q->mode == PICKUP_SERVER },
	};
}

void verb_wake(struct verb *v)
{
	if (v->pickup->site.wake)
		v->pickup->site.wake(v->pickup->site.arg);
}
