#include "pickup/verb.h"

#include "base/cleanup.h"

#include <string.h>

enum rc verb_locate(struct verb *v, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	static const char label[] = "unknown";
	char dummy[sizeof label - 1 + PICKUP_PROOF_BYTES];
	uint8_t key[CRYPTO_HASH_BYTES], nobody[CRYPTO_HASH_BYTES];
	struct buf id = BUF_INIT(STORE_ID_BYTES);

	memcpy(dummy, label, sizeof label - 1);
	memcpy(dummy + sizeof label - 1, v->q->proof, PICKUP_PROOF_BYTES);
	/* Both, for whoever is known and whoever is not. */
	enum rc rc = verb_hmac(v, v->q->proof, sizeof v->q->proof, key, why);
	if (rc == RC_OK)
		rc = verb_hmac(v, dummy, sizeof dummy, nobody, why);
	if (rc == RC_OK)
		rc = store_begin_reading(v->pickup->site.deposit->store, &tx, why);
	if (rc == RC_OK)
		rc = store_get(tx, "locate", (struct slice){ (const char *)key, sizeof key },
			       v->now_s, &id, why);
	const void *found = rc == RC_OK && id.len == STORE_ID_BYTES ? (void *)id.at : nobody;
	memcpy(v->out->reply.id, found, STORE_ID_BYTES);
	buf_free(&id);
	return rc == RC_OK || rc == RC_ABSENT ? verb_says(v, PICKUP_OK) : rc;
}

/* ---- prove ---- */

static void tell(struct verb *v, const struct found *f)
{
	struct pickup_reply *reply = &v->out->reply;
	const struct deposit_recipient_facts *facts = &f->facts.recipients[f->number];

	reply->state = PICKUP_OPEN;
	reply->factor = f->share.factor;
	reply->independent = facts->independent;
	reply->rounds = f->share.rounds;
	reply->address = f->address;
	reply->sender = f->sender;
	reply->made_s = f->made_s;
	reply->until_s = f->until_s;
	memcpy(reply->digest, f->record.digest, sizeof reply->digest);
	reply->payload_bytes = f->record.payload_bytes;
	reply->number = f->number;
	reply->acknowledged_s = f->stage >= DEPOSIT_ACKNOWLEDGED ? facts->picked_up_s : 0;
	reply->factor_wait_s = pickup_progress_wait(&f->progress, v->now_s);
	reply->may_reply = v->pickup->site.reply_bytes > 0;
	reply->reply_bytes = v->pickup->site.reply_bytes;
}

static enum rc measure_blob(struct verb *v, const struct found *f, struct fault *why)
{
	int fd;
	enum rc rc = verb_open_blob(v, f, &fd, why);

	if (rc == RC_OK)
		cleanup_fd(&fd);
	return rc;
}

/* Without a lock that keeps others out: strangers come here. RC_ABSENT: the proof is wrong. */
static enum rc look_up(struct verb *v, struct found *f, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(v->pickup->site.deposit->store, &tx, why);

	return rc == RC_OK ? found_by_proof(v, tx, f, why) : rc;
}

/* RC_ABSENT: it has ended meanwhile, and the result is set. */
static enum rc start_visit(struct verb *v, struct found *f, struct pickup_visit *visit,
			   struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = pickup_visit_make(v->out->reply.ticket, visit, why);

	memcpy(visit->deposit, f->id, sizeof visit->deposit);
	memcpy(visit->client, v->client_hash, sizeof visit->client);
	visit->number = f->number;
	visit->stage = DEPOSIT_PROVED;
	visit->made_s = v->now_s;
	if (rc == RC_OK)
		rc = store_begin(v->pickup->site.deposit->store, &tx, why);
	if (rc == RC_OK)
		rc = found_by_visit(v, tx, visit, f, why);
	if (rc == RC_OK && verb_ended(v, f))
		return RC_ABSENT;
	if (rc == RC_OK)
		rc = pickup_visit_put(tx, visit, v->now_s, why);
	if (rc == RC_OK)
		rc = found_advance(tx, f, DEPOSIT_PROVED, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	/* Purged meanwhile: nobody is told that it was there. */
	return rc == RC_ABSENT ? fault(why, RC_RETRY, "the deposit is gone") : rc;
}

enum rc verb_prove(struct verb *v, struct fault *why)
{
	struct pickup_visit visit;
	struct found f;
	bool look;
	uint32_t wait_s = pickup_slow_wait(v->pickup->slow, v->client.prefix, v->now_s, &look);

	if (!look) {
		v->out->reply.wait_s = wait_s;
		return verb_says(v, PICKUP_SLOW);
	}
	enum rc rc = look_up(v, &f, why);
	if (rc == RC_ABSENT)
		return verb_denies(v, wait_s);
	if (rc == RC_OK)
		pickup_slow_right(v->pickup->slow, v->client.prefix, v->now_s);
	if (rc == RC_OK && verb_ended(v, &f))
		return RC_OK;
	if (rc == RC_OK)
		rc = measure_blob(v, &f, why);
	if (rc == RC_OK)
		rc = start_visit(v, &f, &visit, why);
	if (rc == RC_ABSENT)
		return RC_OK;
	if (rc == RC_OK)
		rc = verb_audit(v, "proved", &f, &visit, NULL, why);
	if (rc != RC_OK)
		return rc;
	tell(v, &f);
	return verb_says(v, PICKUP_OK);
}
