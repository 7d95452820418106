#include "pickup/verb.h"

#include "base/cleanup.h"
#include "deposit/proof.h"
#include "deposit/upgrade.h"

#include <string.h>

/* The proof of the first acknowledgement: the same bytes whenever it is asked for. */
static enum rc make_proof(struct verb *v, const struct found *f, struct slice *out,
			  struct fault *why)
{
	const struct deposit_site *site = v->pickup->site.deposit;
	const struct deposit_recipient_facts *facts = &f->facts.recipients[f->number];
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	struct buf text = BUF_INIT(DEPOSIT_PROOF_MAX);
	struct deposit_proof proof = {
		.sender = f->sender,
		.recipient = f->address,
		.made_s = f->made_s,
		.picked_up_s = facts->picked_up_s,
		.factor = f->share.factor,
		.independent = facts->independent,
		.mode = facts->mode,
		.scan = f->facts.scanned ? &f->facts.scan : NULL,
		.organisation = slice_of(site->organisation ? site->organisation : ""),
		.portal = slice_of(site->portal_url),
	};

	memcpy(proof.id, f->id, sizeof proof.id);
	memcpy(proof.digest, f->record.digest, sizeof proof.digest);
	crypto_keys_site(v->pickup->site.keys, &key);
	enum rc rc = deposit_proof_make(&proof, &key, &text, why);
	if (rc == RC_OK)
		rc = verb_keeps(v, buf_slice(&text), out, why);
	buf_free(&text);
	return rc;
}

/* The facts as they are once this visit is acknowledged. */
static void note_pickup(struct verb *v, struct found *f)
{
	struct deposit_recipient_facts *facts = &f->facts.recipients[f->number];

	facts->picked_up_s = v->now_s;
	facts->mode = v->q->mode == PICKUP_SERVER ? DEPOSIT_MODE_SERVER : DEPOSIT_MODE_BROWSER;
}

static enum rc seal_receipt(struct verb *v, const struct found *f, struct slice proof,
			    struct outbox_item **out, struct fault *why)
{
	char kind[PICKUP_KIND_TEXT];
	struct deposit_letter letter = verb_letter(v, DEPOSIT_RECEIPT, f, kind);

	letter.digest = f->record.digest;
	letter.proof = proof;
	return deposit_letter_seal(v->pickup->site.deposit, &letter, v->now_s, out, why);
}

/* RC_ABSENT: the result is set: not its turn, or not the digest. */
static enum rc look(struct verb *v, struct store_tx *tx, struct pickup_visit *visit,
		    struct found *f, struct fault *why)
{
	enum rc rc = verb_enter(v, tx, DEPOSIT_SENT, visit, f, why);

	if (rc == RC_OK && !crypto_same(v->q->proof, f->record.digest, sizeof f->record.digest)) {
		(void)verb_says(v, PICKUP_DENIED);
		return RC_ABSENT;
	}
	return rc;
}

static enum rc prepare(struct verb *v, struct found *f, struct outbox_item **receipt,
		       struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	struct slice proof;
	enum rc rc = store_begin_reading(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, &visit, f, why);
	store_abandon(&tx);
	if (rc != RC_OK || f->stage >= DEPOSIT_ACKNOWLEDGED)
		return rc;
	note_pickup(v, f);
	rc = make_proof(v, f, &proof, why);
	return rc == RC_OK ? seal_receipt(v, f, proof, receipt, why) : rc;
}

/* The first of all, in whichever portal: counted, and the sender's receipt with it. */
static enum rc count(struct verb *v, struct store_tx *tx, struct found *f,
		     const struct outbox_item *receipt, struct fault *why)
{
	if (!receipt)
		return fault(why, RC_INVALID, "another visit came between");
	note_pickup(v, f);
	f->progress.unsaid_s = v->now_s;
	enum rc rc = deposit_facts_put(tx, f->id, &f->facts, why);
	if (rc == RC_OK)
		rc = found_put_progress(v, tx, f, why);
	if (rc == RC_OK)
		rc = found_advance(tx, f, DEPOSIT_ACKNOWLEDGED, why);
	if (rc == RC_OK)
		rc = deposit_upgrade_settle(tx, f->id, why);
	return rc == RC_OK ? outbox_add(tx, receipt, v->now_s, why) : rc;
}

static enum rc write(struct verb *v, struct found *f, struct pickup_visit *visit,
		     struct outbox_item **receipt, bool *first, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, visit, f, why);
	if (rc != RC_OK)
		return rc;
	*first = f->stage < DEPOSIT_ACKNOWLEDGED;
	if (*first)
		rc = count(v, tx, f, *receipt, why);
	visit->stage = DEPOSIT_ACKNOWLEDGED;
	if (rc == RC_OK)
		rc = pickup_visit_put(tx, visit, v->now_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK && *first) {
		outbox_keep(receipt);
		verb_wake(v);
	}
	return rc;
}

/* since_s 0: the audit has it. Else whoever comes next may write it. */
static enum rc note_unsaid(struct verb *v, struct found *f, int64_t since_s, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = pickup_progress_get(tx, f->id, f->number, &f->progress, why);
	f->progress.unsaid_s = since_s;
	if (rc == RC_OK)
		rc = found_put_progress(v, tx, f, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static enum rc say(struct verb *v, struct found *f, const struct pickup_visit *visit,
		   struct fault *why)
{
	enum { LONG_AGO = 1 };
	enum rc rc = verb_audit(v, "acknowledged", f, visit, NULL, why);

	/* What cannot be noted is written once more, later: rather twice than never. And where
	 * nothing was written, the next need not wait the minute. */
	(void)!note_unsaid(v, f, rc == RC_OK ? 0 : LONG_AGO, NULL);
	return rc;
}

/* Whether this visit is to write it: it was the first, or whoever was has crashed. */
static bool is_mine_to_say(const struct verb *v, const struct found *f, bool first)
{
	return first || v->now_s - f->progress.unsaid_s >= PICKUP_UNSAID_S;
}

static enum rc acknowledge_once(struct verb *v, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *receipt = NULL;
	struct pickup_visit visit;
	struct found f;
	bool first = false;
	enum rc rc = prepare(v, &f, &receipt, why);

	if (rc == RC_OK)
		rc = write(v, &f, &visit, &receipt, &first, why);
	if (rc == RC_OK && f.progress.unsaid_s)
		rc = is_mine_to_say(v, &f, first)
			     ? say(v, &f, &visit, why)
			     : fault(why, RC_RETRY, "the acknowledgement is being written down");
	return rc == RC_OK ? make_proof(v, &f, &v->out->reply.proof, why) : rc;
}

enum rc verb_acknowledge(struct verb *v, struct fault *why)
{
	enum rc rc = crypto_keys_refresh(v->pickup->site.keys, why);

	if (rc != RC_OK)
		return rc == RC_NOMEM ? rc : RC_RETRY;
	rc = RC_INVALID;
	for (int i = 0; i < VERB_TRIES && rc == RC_INVALID; i++)
		rc = acknowledge_once(v, why);
	if (rc == RC_ABSENT) /* the result is set */
		return RC_OK;
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}

/* ---- after a crash ---- */

struct unsaid {
	bool found;
	uint8_t id[STORE_ID_BYTES];
	uint32_t number;
};

static bool take_one(void *arg, const uint8_t id[STORE_ID_BYTES], uint32_t number)
{
	struct unsaid *u = arg;

	u->found = true;
	memcpy(u->id, id, sizeof u->id);
	u->number = number;
	return false;
}

static enum rc settle_one(struct verb *v, bool *more, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct unsaid u = { .found = false };
	struct pickup_visit visit = { .stage = DEPOSIT_ACKNOWLEDGED };
	struct found f;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = pickup_progress_unsaid(tx, v->now_s, take_one, &u, why);
	*more = u.found;
	if (rc != RC_OK || !u.found)
		return rc;
	memcpy(visit.deposit, u.id, sizeof visit.deposit);
	visit.number = u.number;
	rc = found_by_visit(v, tx, &visit, &f, why);
	store_abandon(&tx);
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	memcpy(f.id, u.id, sizeof f.id);
	f.number = u.number;
	if (rc == RC_OK)
		rc = verb_audit(v, "acknowledged", &f, NULL, "written after a crash", why);
	else
		rc = RC_OK; /* purged: nobody to tell of */
	return rc == RC_OK ? note_unsaid(v, &f, 0, why) : rc;
}

enum rc verb_settle(struct verb *v, struct fault *why)
{
	bool more = true;
	enum rc rc = RC_OK;

	while (rc == RC_OK && more)
		rc = settle_one(v, &more, why);
	return rc;
}
