#include "pickup/verb.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <string.h>

/* Whether somebody other than before has the whole of it now, and the sender is to be told. */
static bool is_alarming(const struct verb *v, const struct found *f)
{
	return f->progress.client_count > 0 && f->progress.client_count < PICKUP_CLIENTS_MAX &&
	       !pickup_progress_knows(&f->progress, v->client_hash);
}

static enum rc seal_alert(struct verb *v, const struct found *f, struct outbox_item **out,
			  struct fault *why)
{
	const struct pickup_progress *g = &f->progress;
	char kind[PICKUP_KIND_TEXT];
	struct deposit_letter letter = verb_letter(v, DEPOSIT_ALERT, f, kind);

	letter.before.when_s = g->last.when_s;
	letter.before.address = slice_of(g->last.address);
	letter.before.kind = slice_of(g->last.kind);
	letter.before.server = g->last.server;
	return deposit_letter_seal(v->pickup->site.deposit, &letter, v->now_s, out, why);
}

static void note_client(struct verb *v, struct pickup_progress *g)
{
	g->last.when_s = v->now_s;
	memcpy(g->last.address, v->client.address, sizeof g->last.address);
	pickup_client_kind(v->q->agent, g->last.kind);
	g->last.server = v->q->mode == PICKUP_SERVER;
	if (pickup_progress_knows(g, v->client_hash) || g->client_count == PICKUP_CLIENTS_MAX)
		return;
	memcpy(g->clients[g->client_count++], v->client_hash, sizeof v->client_hash);
}

/* What is there now; RC_ABSENT: the result is set, and nothing is to be done. */
static enum rc look(struct verb *v, struct store_tx *tx, struct pickup_visit *visit,
		    struct found *f, struct fault *why)
{
	enum rc rc = verb_enter(v, tx, DEPOSIT_FACTORED, visit, f, why);

	if (rc != RC_OK)
		return rc;
	/* Who comes is who proved: a worker that says otherwise is not heard. */
	memcpy(v->client_hash, visit->client, sizeof v->client_hash);
	if (visit->stage < DEPOSIT_SENT)
		return RC_OK;
	(void)verb_says(v, PICKUP_OK); /* said before */
	return RC_ABSENT;
}

static enum rc write(struct verb *v, struct found *f, struct pickup_visit *visit,
		     struct outbox_item **alert, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, visit, f, why);
	if (rc != RC_OK)
		return rc;
	bool alarming = is_alarming(v, f);
	if (alarming && !*alert)
		return fault(why, RC_INVALID, "another visit came between");
	visit->stage = DEPOSIT_SENT;
	note_client(v, &f->progress);
	rc = pickup_visit_put(tx, visit, v->now_s, why);
	if (rc == RC_OK)
		rc = found_put_progress(v, tx, f, why);
	if (rc == RC_OK)
		rc = found_advance(tx, f, DEPOSIT_SENT, why);
	if (rc == RC_OK && alarming)
		rc = outbox_add(tx, *alert, v->now_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK && alarming)
		outbox_keep(alert);
	return rc;
}

/* The audit first: that it was sent is true whether or not the store can note it. */
static enum rc prepare(struct verb *v, struct found *f, struct outbox_item **alert,
		       struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	enum rc rc = store_begin_reading(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, &visit, f, why);
	store_abandon(&tx);
	if (rc == RC_OK)
		rc = verb_audit(v, "sent", f, &visit, NULL, why);
	if (rc != RC_OK || !is_alarming(v, f))
		return rc;
	rc = seal_alert(v, f, alert, why);
	return rc == RC_OK ? verb_audit(v, "alert", f, &visit,
					"another client than before was sent the message", why)
			   : rc;
}

static enum rc send_once(struct verb *v, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *alert = NULL;
	struct pickup_visit visit;
	struct found f;
	enum rc rc = prepare(v, &f, &alert, why);
	bool alarming = alert != NULL;

	if (rc == RC_OK)
		rc = write(v, &f, &visit, &alert, why);
	if (rc == RC_OK && alarming && !alert) /* kept */
		verb_wake(v);
	return rc;
}

enum rc verb_sent(struct verb *v, struct fault *why)
{
	enum rc rc = RC_INVALID;

	for (int i = 0; i < VERB_TRIES && rc == RC_INVALID; i++)
		rc = send_once(v, why);
	if (rc == RC_ABSENT) /* the result is set */
		return RC_OK;
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}
