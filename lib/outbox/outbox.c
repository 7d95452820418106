#include "outbox/outbox.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "outbox/item.h"
#include "outbox/row.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 1024 * 1024 }; /* the arena for one row's recipients when it is listed */

struct outbox_item {
	struct store_blob *payload;
	uint8_t id[STORE_ID_BYTES];
	struct buf record;
};

const char *outbox_kind_name(enum outbox_kind kind)
{
	switch (kind) {
	case OUTBOX_NOTICE:
		return "notice";
	case OUTBOX_REPORT:
		return "report";
	case OUTBOX_HANDBACK:
		return "handback";
	case OUTBOX_ALERT:
		return "alert";
	case OUTBOX_REPLY:
		return "reply";
	}
	return "?";
}

enum rc outbox_open(struct store *store, const struct crypto_key *key, struct outbox **out,
		    struct fault *why)
{
	struct outbox *outbox = malloc(sizeof *outbox);

	if (!outbox)
		return fault(why, RC_NOMEM, "out of memory");
	*outbox = (struct outbox){ .store = store, .key = *key };
	*out = outbox;
	return RC_OK;
}

void outbox_close(struct outbox *outbox)
{
	if (!outbox)
		return;
	crypto_key_wipe(&outbox->key);
	free(outbox);
}

enum { BOUND = 10 + STORE_ID_BYTES };

static struct slice bind(const uint8_t id[STORE_ID_BYTES], char bound[BOUND])
{
	memcpy(bound, "outbox row", BOUND - STORE_ID_BYTES);
	memcpy(bound + BOUND - STORE_ID_BYTES, id, STORE_ID_BYTES);
	return (struct slice){ bound, BOUND };
}

enum rc outbox_unwrap(const struct outbox *outbox, const uint8_t id[STORE_ID_BYTES],
		      const uint8_t *sealed, struct crypto_key *out, struct fault *why)
{
	char bound[BOUND];

	return crypto_key_unseal(&outbox->key, bind(id, bound), sealed, out, why);
}

static enum rc check(const struct outbox_mail *mail, struct fault *why)
{
	if (mail->recipient_count == 0)
		return fault(why, RC_INVALID, "mail without a recipient");
	if (mail->recipient_count > OUTBOX_RECIPIENTS_MAX)
		return fault(why, RC_LIMIT, "mail to more than %d recipients",
			     OUTBOX_RECIPIENTS_MAX);
	for (size_t i = 0; i < mail->recipient_count; i++) {
		const struct outbox_recipient *to = &mail->recipients[i];
		if (to->address.len == 0 || !outbox_is_wordy(to->address) ||
		    !outbox_is_wordy(to->orcpt))
			return fault(why, RC_INVALID, "\"%.*s\" cannot be a recipient",
				     SLICE_ARG(to->address));
	}
	if (!outbox_is_wordy(mail->from) || !outbox_is_wordy(mail->envid) ||
	    !outbox_is_wordy(mail->queue_id) || !outbox_is_wordy(mail->message_id))
		return fault(why, RC_INVALID, "\"%.*s\" cannot be a sender", SLICE_ARG(mail->from));
	return RC_OK;
}

enum rc outbox_seal(struct outbox *outbox, const struct outbox_mail *mail, struct outbox_item **out,
		    struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key;
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	struct outbox_row row = { .mail = *mail, .has_key = true };
	char bound[BOUND];

	enum rc rc = check(mail, why);
	if (rc == RC_OK)
		rc = crypto_key_make(&key, why);
	if (rc != RC_OK)
		return rc;
	item = calloc(1, sizeof *item);
	if (!item)
		return fault(why, RC_NOMEM, "out of memory");
	item->record = BUF_INIT(STORE_RECORD_MAX);
	rc = crypto_random(item->id, sizeof item->id, why);
	if (rc == RC_OK)
		rc = crypto_key_seal(&outbox->key, bind(item->id, bound), &key, row.sealed_key,
				     why);
	if (rc != RC_OK)
		return rc;
	rc = outbox_row_encode(&row, &item->record);
	if (rc != RC_OK)
		return fault(why, rc, "the envelope is too long for the outbox");
	rc = outbox_payload_write(outbox->store, item->id, &key, mail, &item->payload, why);
	if (rc == RC_OK)
		*out = TAKE(item);
	return rc;
}

enum rc outbox_add(struct store_tx *tx, const struct outbox_item *item, int64_t now_s,
		   struct fault *why)
{
	struct store_outbox_row row = {
		.state = STORE_OUTBOX_WAITING,
		.made_s = now_s,
		.next_s = now_s,
		.record = buf_slice(&item->record),
	};

	memcpy(row.id, item->id, sizeof row.id);
	enum rc rc = store_blob_add(tx, item->payload, why);
	return rc == RC_OK ? store_outbox_add(tx, &row, why) : rc;
}

const uint8_t *outbox_item_id(const struct outbox_item *item)
{
	return item->id;
}

void outbox_keep(struct outbox_item **itemp)
{
	if (*itemp)
		store_blob_release(&(*itemp)->payload);
	outbox_drop(itemp);
}

void outbox_drop(struct outbox_item **itemp)
{
	struct outbox_item *item = TAKE(*itemp);

	if (!item)
		return;
	store_blob_drop(&item->payload);
	buf_wipe(&item->record);
	free(item);
}

struct listing {
	outbox_entry_fn *fn;
	void *arg;
	struct arena *arena;
	enum rc rc;
	struct fault *why;
};

static bool list_row(void *arg, const struct store_outbox_row *stored)
{
	struct listing *l = arg;
	struct outbox_row row;

	arena_reset(l->arena);
	enum rc rc = outbox_row_decode(stored->record, l->arena, &row, l->why);
	if (rc == RC_INVALID)
		row = (struct outbox_row){ .words =
						   SLICE("what the store keeps of it is damaged") };
	else if (rc != RC_OK) {
		l->rc = rc;
		return false;
	}
	struct outbox_entry entry = {
		.kind = row.mail.kind,
		.stuck = stored->state == STORE_OUTBOX_STUCK,
		.late = row.told && stored->state == STORE_OUTBOX_WAITING,
		.made_s = stored->made_s,
		.next_s = stored->next_s,
		.tries = stored->tries,
		.from = row.mail.from,
		.queue_id = row.mail.queue_id,
		.message_id = row.mail.message_id,
		.words = row.words,
		.recipient_count = row.mail.recipient_count,
		.recipients = row.mail.recipients,
	};
	memcpy(entry.id, stored->id, sizeof entry.id);
	return l->fn(l->arg, &entry);
}

enum rc outbox_each(struct store *store, outbox_entry_fn *fn, void *arg, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct listing listing = { fn, arg, arena_new(LIST_MAX), RC_OK, why };

	if (!listing.arena)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = store_begin_reading(store, &tx, why);
	if (rc == RC_OK)
		rc = store_outbox_each(tx, list_row, &listing, why);
	arena_free(listing.arena);
	return rc == RC_OK ? listing.rc : rc;
}
