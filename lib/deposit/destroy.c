#include "deposit/destroy.h"

#include "base/cleanup.h"

#include <string.h>

/* Every bucket with rows of a deposit's own, whose keys begin with its id. */
static const struct {
	const char *bucket;
	bool at_end; /* destroyed when it ends; else when it is purged */
} owned[] = {
	{ "escrow", true },   /* shares of dek, sealed to officers */
	{ "upgrade", true },  /* dek, sealed to the milter's user */
	{ "mail", true },     /* ids of notices and report in the outbox */
	{ "live", true },     /* by which the phrase is known in mail */
	{ "warned", true },   /* the sender was told that nobody came */
	{ "facts", false },   /* for the proof */
	{ "pickup", false },  /* what is counted of each recipient: pickup/progress.h */
	{ "sent-on", false }, /* when a recipient's copy was */
};
enum { MAILS_MAX = 1000 * STORE_ID_BYTES }; /* ids of its mails; it has 101 at most */
enum { OWNED = sizeof owned / sizeof *owned };

static struct slice key_of(const uint8_t *id)
{
	return (struct slice){ (const char *)id, STORE_ID_BYTES };
}

static enum rc end_deposit(struct store_tx *tx, const struct deposit_held *held,
			   enum store_deposit_state state, int64_t now_s, struct fault *why)
{
	struct deposit_ended_record ended = { .ended_s = now_s };
	uint8_t bytes[DEPOSIT_ENDED_BYTES];
	struct store_deposit row = {
		.state = state,
		.made_s = held->made_s,
		.until_s = held->until_s,
		.sender = held->sender,
		.record = { (const char *)bytes, sizeof bytes },
	};
	struct deposit_record record;

	/* What is damaged is destroyed all the same. */
	if (deposit_record_decode(held->record, &record, NULL) == RC_OK)
		memcpy(ended.digest, record.digest, sizeof ended.digest);
	memcpy(row.id, held->id, sizeof row.id);
	deposit_ended_encode(&ended, bytes);
	return store_deposit_set(tx, &row, why);
}

static enum rc end_recipients(struct store_tx *tx, const struct deposit_held *held,
			      struct fault *why)
{
	uint8_t bytes[DEPOSIT_ENDED_RECIPIENT_BYTES];
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < held->recipient_count; i++) {
		const struct deposit_held_recipient *to = &held->recipients[i];
		struct deposit_recipient_record record = { 0 };
		struct store_recipient row = {
			.number = to->number,
			.state = to->state,
			.record = { (const char *)bytes, sizeof bytes },
		};
		bool ended; /* one whose copy was sent on before */
		if (deposit_recipient_decode_any(to->record, &record, &ended, NULL) != RC_OK)
			record = (struct deposit_recipient_record){ 0 };
		memcpy(row.deposit, held->id, sizeof row.deposit);
		deposit_ended_recipient_encode(&record, bytes);
		crypto_wipe(&record, sizeof record);
		rc = store_recipient_set(tx, &row, why);
	}
	return rc;
}

/* What the outbox still holds of it: as secret as the message, and good for nothing now. */
static enum rc end_mails(struct store_tx *tx, const uint8_t *id, struct buf *mails,
			 struct fault *why)
{
	enum rc rc = store_get(tx, "mail", key_of(id), 0, mails, why);

	if (rc == RC_ABSENT)
		return RC_OK;
	for (size_t at = 0; rc == RC_OK && at + STORE_ID_BYTES <= mails->len; at += STORE_ID_BYTES)
		rc = store_outbox_remove(tx, (const uint8_t *)mails->at + at, why);
	return rc;
}

static enum rc delete_owned(struct store_tx *tx, const uint8_t *id, bool all, struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < OWNED; i++)
		if (all || owned[i].at_end)
			rc = store_delete_under(tx, owned[i].bucket, key_of(id), why);
	return rc;
}

enum rc deposit_end_held(struct store_tx *tx, const struct deposit_held *held,
			 enum store_deposit_state state, int64_t now_s, struct deposit_ended *out,
			 struct fault *why)
{
	struct buf mails = BUF_INIT(MAILS_MAX);

	if (held->state != STORE_DEPOSIT_OPEN)
		return fault(why, RC_ABSENT, "the deposit has ended");
	enum rc rc = end_deposit(tx, held, state, now_s, why);
	if (rc == RC_OK)
		rc = end_recipients(tx, held, why);
	if (rc == RC_OK)
		rc = end_mails(tx, held->id, &mails, why);
	if (rc == RC_OK)
		rc = delete_owned(tx, held->id, false, why);
	if (rc != RC_OK) {
		buf_free(&mails);
		return rc;
	}
	memcpy(out->id, held->id, sizeof out->id);
	out->mails = mails;
	return RC_OK;
}

enum rc deposit_end_rows(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 enum store_deposit_state state, int64_t now_s, struct deposit_ended *out,
			 struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = deposit_held_read(tx, id, &held, why);

	return rc == RC_OK ? deposit_end_held(tx, held, state, now_s, out, why) : rc;
}

/* The rows went first: without their keys a file that stays behind after a crash is noise, and
 * store_blob_sweep() removes it. */
enum rc deposit_ended_clear(struct store *store, struct deposit_ended *ended, struct fault *why)
{
	const struct buf *mails = &ended->mails;
	enum rc rc = store_blob_remove(store, STORE_BLOBS, ended->id, why);

	for (size_t at = 0; rc == RC_OK && at + STORE_ID_BYTES <= mails->len; at += STORE_ID_BYTES)
		rc = store_blob_remove(store, STORE_OUTBOX, (const uint8_t *)mails->at + at, why);
	deposit_ended_forget(ended);
	return rc;
}

void deposit_ended_forget(struct deposit_ended *ended)
{
	buf_free(&ended->mails);
	*ended = (struct deposit_ended){ .mails = BUF_INIT(0) };
}

enum rc deposit_purge_rows(struct store_tx *tx, const struct deposit_held *held, struct fault *why)
{
	struct deposit_recipient_record record;
	bool ended;
	enum rc rc = delete_owned(tx, held->id, true, why);

	for (size_t i = 0; rc == RC_OK && i < held->recipient_count; i++)
		if (deposit_recipient_decode_any(held->recipients[i].record, &record, &ended,
						 NULL) == RC_OK)
			rc = store_delete(tx, "locate",
					  (struct slice){ (const char *)record.locator,
							  sizeof record.locator },
					  why);
	return rc == RC_OK ? store_deposit_remove(tx, held->id, why) : rc;
}

enum rc deposit_mails_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], struct slice mails,
			  struct fault *why)
{
	return store_put(tx, "mail", key_of(id), mails, STORE_FOREVER, why);
}
