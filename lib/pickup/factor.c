#include "pickup/verb.h"

#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum rc verb_open_blob(struct verb *v, const struct found *f, int *fd, struct fault *why)
{
	struct stat st;
	enum rc rc = store_blob_open(v->pickup->site.deposit->store, STORE_BLOBS, f->id, fd, why);

	if (rc == RC_ABSENT) /* the row is open, so it is not revoked: the disk has lost it */
		return fault(why, RC_RETRY, "store is damaged: a blob is not there");
	if (rc != RC_OK)
		return rc;
	if (fstat(*fd, &st) < 0) {
		rc = fault(why, RC_RETRY, "cannot look at a blob: %s", strerror(errno));
		cleanup_fd(fd);
		*fd = -1;
		return rc;
	}
	v->out->reply.blob_bytes = (uint64_t)st.st_size;
	return RC_OK;
}

/* ---- the factor ---- */

static bool code_holds(struct verb *v, struct found *f, enum rc *rc, struct fault *why)
{
	uint8_t hmac[CRYPTO_HASH_BYTES];
	struct pickup_progress *g = &f->progress;

	if (g->code_until_s <= v->now_s || g->code_tries >= PICKUP_CODE_TRIES)
		return false;
	*rc = verb_code_hmac(v, f, v->q->code, hmac, why);
	if (*rc != RC_OK)
		return false;
	bool same = crypto_same(hmac, g->code, sizeof hmac);
	g->code_tries++;
	if (same) /* it counts once */
		g->code_until_s = 0;
	return same;
}

/* Both are looked at whatever the first says. */
static bool factor_holds(struct verb *v, struct found *f, enum rc *rc, struct fault *why)
{
	uint8_t verifier[CRYPTO_HASH_BYTES];

	*rc = verb_hmac(v, v->q->proof, sizeof v->q->proof, verifier, why);
	if (*rc != RC_OK)
		return false;
	bool same = crypto_same(verifier, f->share.pickup_verifier, sizeof verifier);
	if (f->share.factor == RULES_FACTOR_CODE)
		same = code_holds(v, f, rc, why) && same;
	return same;
}

/* The first few, and then each tenth: a guesser must not fill the audit. */
static bool is_told(uint32_t wrong)
{
	return wrong <= PICKUP_WRONG_TOLD || wrong % PICKUP_WRONG_TOLD == 0;
}

static enum rc refuse(struct verb *v, struct store_tx **tx, struct found *f,
		      const struct pickup_visit *visit, struct fault *why)
{
	pickup_progress_wrong(&f->progress, v->now_s);
	enum rc rc = found_put_progress(v, *tx, f, why);
	if (rc == RC_OK)
		rc = store_commit(tx, why);
	if (rc == RC_OK && is_told(f->progress.wrong))
		rc = verb_audit(
			v, "refused", f, visit,
			f->share.factor == RULES_FACTOR_CODE ? "wrong code" : "wrong phrase", why);
	v->out->reply.wait_s = pickup_progress_wait(&f->progress, v->now_s);
	return rc == RC_OK ? verb_says(v, PICKUP_DENIED) : rc;
}

/* K_srv, out of its wrap. RC_ABSENT: the epoch's key is destroyed. */
static enum rc unwrap(struct verb *v, const struct found *f, struct fault *why)
{
	struct crypto_keys *keys = v->pickup->site.keys;
	CLEANUP(crypto_key_wipe) struct crypto_key epoch = { 0 };
	CLEANUP(crypto_key_wipe) struct crypto_key server = { 0 };
	uint8_t bytes[DEPOSIT_BOUND_BYTES];
	const struct slice bound = { (const char *)bytes, sizeof bytes };
	enum rc rc = crypto_keys_refresh(keys, why);

	if (rc != RC_OK)
		return rc == RC_NOMEM ? rc : RC_RETRY;
	if (!crypto_keys_epoch(keys, f->share.epoch, &epoch))
		return fault(why, RC_ABSENT, "the key of epoch %u is destroyed",
			     (unsigned)f->share.epoch);
	deposit_bound(f->id, bytes);
	rc = crypto_key_unseal(&epoch, bound, f->share.wrapped_server, &server, why);
	if (rc == RC_INVALID)
		return fault(why, RC_RETRY, "store is damaged: a wrapped key");
	memcpy(v->out->reply.server, server.bytes, sizeof v->out->reply.server);
	return rc;
}

static enum rc hand_out(struct verb *v, const struct found *f, struct fault *why)
{
	struct pickup_reply *reply = &v->out->reply;
	const struct deposit_scan *scan = &f->facts.scan;

	memcpy(reply->wrapped_dek, f->share.wrapped_dek, sizeof reply->wrapped_dek);
	memcpy(reply->commitment, f->record.commitment, sizeof reply->commitment);
	memcpy(reply->digest, f->record.digest, sizeof reply->digest);
	reply->scan.there = f->facts.scanned;
	if (!f->facts.scanned)
		return verb_says(v, PICKUP_OK);
	reply->scan.at_s = scan->date_s;
	enum rc rc = verb_keeps(v, slice_of(scan->engine), &reply->scan.engine, why);
	if (rc == RC_OK)
		rc = verb_keeps(v, slice_of(scan->result), &reply->scan.result, why);
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}

/* Right: one step forward, then into the audit, and only then anything is handed out. */
static enum rc release(struct verb *v, struct store_tx **tx, struct found *f,
		       struct pickup_visit *visit, struct fault *why)
{
	f->progress.wrong = 0;
	visit->stage = visit->stage > DEPOSIT_FACTORED ? visit->stage : DEPOSIT_FACTORED;
	enum rc rc = unwrap(v, f, why);
	if (rc == RC_ABSENT) { /* nobody can open it any more: as if it had expired */
		f->state = STORE_DEPOSIT_EXPIRED;
		f->ended_s = v->now_s;
		(void)verb_ended(v, f);
		return RC_OK;
	}
	if (rc == RC_OK)
		rc = found_put_progress(v, *tx, f, why);
	if (rc == RC_OK)
		rc = pickup_visit_put(*tx, visit, v->now_s, why);
	if (rc == RC_OK)
		rc = found_advance(*tx, f, DEPOSIT_FACTORED, why);
	if (rc == RC_OK)
		rc = store_commit(tx, why);
	if (rc == RC_OK)
		rc = verb_audit(v, "factored", f, visit, NULL, why);
	if (rc == RC_OK)
		rc = verb_open_blob(v, f, &v->out->fd, why);
	return rc == RC_OK ? hand_out(v, f, why) : rc;
}

enum rc verb_factor(struct verb *v, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	struct found f;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = verb_enter(v, tx, DEPOSIT_PROVED, &visit, &f, why);
	if (rc == RC_ABSENT)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	uint32_t wait_s = pickup_progress_wait(&f.progress, v->now_s);
	if (wait_s) {
		v->out->reply.wait_s = wait_s;
		return verb_says(v, PICKUP_SLOW);
	}
	bool holds = factor_holds(v, &f, &rc, why);
	if (rc != RC_OK)
		return rc;
	return holds ? release(v, &tx, &f, &visit, why) : refuse(v, &tx, &f, &visit, why);
}

/* ---- the blob ---- */

enum rc verb_blob(struct verb *v, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	struct found f;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = verb_enter(v, tx, DEPOSIT_FACTORED, &visit, &f, why);
	if (rc == RC_ABSENT)
		return RC_OK;
	if (rc == RC_OK)
		rc = pickup_visit_put(tx, &visit, v->now_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK)
		rc = verb_open_blob(v, &f, &v->out->fd, why);
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}
