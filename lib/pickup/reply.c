#include "pickup/verb.h"

#include "base/cleanup.h"
#include "pickup/compose.h"

#include <inttypes.h>
#include <stdio.h>

static uint64_t size_of(const struct pickup_request *q)
{
	uint64_t bytes = q->text_bytes;

	for (size_t i = 0; i < q->file_count; i++)
		bytes += q->files[i].bytes;
	return bytes;
}

/* Whose turn it is, and whether there may be one more this hour: counted in f, not in the store.
 * RC_ABSENT: the result is set. */
static enum rc look(struct verb *v, struct store_tx *tx, struct pickup_visit *visit,
		    struct found *f, struct fault *why)
{
	const struct pickup_site *site = &v->pickup->site;
	uint32_t wait_s = 0;
	enum rc rc = verb_enter(v, tx, DEPOSIT_FACTORED, visit, f, why);

	if (rc != RC_OK)
		return rc;
	if (size_of(v->q) <= site->reply_bytes &&
	    pickup_hour_take(&f->progress.replies, site->replies_per_hour, v->now_s, &wait_s))
		return RC_OK;
	v->out->reply.wait_s = wait_s;
	(void)verb_says(v, PICKUP_LIMIT);
	return RC_ABSENT;
}

static enum rc seal(struct verb *v, const struct found *f, struct outbox_item **out,
		    struct fault *why)
{
	CLEANUP(pickup_mail_close) struct pickup_mail mail = { .body = -1 };
	const struct pickup_letter letter = { .id = f->id,
					      .sender = f->sender,
					      .recipient = f->address,
					      .made_s = f->made_s,
					      .parts = v->q,
					      .body = v->body };
	const struct outbox_recipient to = { .address = f->sender, .notify = MAIL_NOTIFY_NEVER };
	struct outbox_mail sent = { .kind = OUTBOX_REPLY,
				    .recipient_count = 1,
				    .recipients = &to,
				    .read = pickup_mail_read,
				    .read_arg = &mail };
	enum rc rc = pickup_mail_make(v->pickup->site.deposit, &letter, v->now_s, &mail, why);

	sent.smtputf8 = mail.smtputf8;
	sent.message_id = buf_slice(&mail.message_id);
	return rc == RC_OK ? outbox_seal(v->pickup->site.deposit->outbox, &sent, out, why) : rc;
}

static enum rc prepare(struct verb *v, struct outbox_item **out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	struct found f;
	char reason[100];
	enum rc rc = store_begin_reading(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, &visit, &f, why);
	store_abandon(&tx);
	if (rc == RC_OK)
		rc = seal(v, &f, out, why);
	if (rc == RC_INVALID || rc == RC_LIMIT) {
		(void)verb_says(v, PICKUP_LIMIT);
		return RC_ABSENT;
	}
	snprintf(reason, sizeof reason, "%" PRIu64 " bytes, %zu files", size_of(v->q),
		 v->q->file_count);
	return rc == RC_OK ? verb_audit(v, "replied", &f, &visit, reason, why) : rc;
}

static enum rc write(struct verb *v, const struct outbox_item *item, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct pickup_visit visit;
	struct found f;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = look(v, tx, &visit, &f, why);
	if (rc == RC_OK)
		rc = found_put_progress(v, tx, &f, why);
	if (rc == RC_OK)
		rc = pickup_visit_put(tx, &visit, v->now_s, why);
	if (rc == RC_OK)
		rc = outbox_add(tx, item, v->now_s, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

enum rc verb_reply(struct verb *v, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	enum rc rc = prepare(v, &item, why);

	if (rc == RC_OK)
		rc = write(v, item, why);
	if (rc == RC_ABSENT) /* the result is set */
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	outbox_keep(&item);
	verb_wake(v);
	return verb_says(v, PICKUP_OK);
}
