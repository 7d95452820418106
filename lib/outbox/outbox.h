/* outbox/outbox.h: mail that Postern itself must still hand to the MTA.
 *
 *     notice    to a recipient whose message waits in the portal
 *     report    to the sender: what became of the message, and the phrase
 *     handback  a copy for some of the recipients of a message that had to be split
 *     alert     to a sender: someone else may have opened a deposit
 *     reply     to a sender, from a recipient, through the portal
 *
 * What waits here is as secret as the message: each payload is a blob of its own,
 * sealed under a random row key, which stands in its row wrapped by the site's
 * outbox key. Once the MTA has accepted the mail, row, key and blob are destroyed.
 * Addresses are not sealed.
 *
 * An item becomes durable together with what belongs to it (a deposit and its
 * notices, say): sealing is slow and comes first, the row goes into the caller's
 * transaction.
 *
 *     CLEANUP(outbox_drop) struct outbox_item *item = NULL;
 *     rc = outbox_seal(outbox, &mail, &item, why);        slow: before the transaction
 *     …    store_begin(store, &tx, why);
 *     …    outbox_add(tx, item, now_s, why);
 *     …    store_commit(&tx, why);
 *     if (rc == RC_OK)
 *             outbox_keep(&item);                         and wake the worker
 *
 * A crash before the commit leaves a payload that no row names, which
 * store_blob_sweep() removes; the worker (outbox/worker.h) sees whole items only.
 *
 * Memory   an item is its maker's until it is kept or dropped
 * Threads  any; calls block on the disk: never the loop's thread */
#pragma once

#include "crypto/secret.h"
#include "mail/param.h"
#include "smtp/submit.h"
#include "store/store.h"

enum {
	OUTBOX_RECIPIENTS_MAX = 1000, /* per item; ours. RFC 5321 §4.5.3.1.8 asks for 100 */
};

enum outbox_kind { OUTBOX_NOTICE, OUTBOX_REPORT, OUTBOX_HANDBACK, OUTBOX_ALERT, OUTBOX_REPLY };

struct outbox_recipient {
	struct slice address; /* no angle brackets */
	unsigned notify;      /* set of mail_notify; 0: not given */
	struct slice orcpt;   /* as in mail/param.h; len 0: not given */
};

struct outbox_mail { /* borrowed for the call */
	enum outbox_kind kind;
	struct slice from; /* envelope sender, "" for none: told when the MTA refuses for good */
	size_t recipient_count; /* 1..OUTBOX_RECIPIENTS_MAX */
	const struct outbox_recipient *recipients;
	enum mail_ret ret; /* HDRS: only to a server that has DSN, so that it is not lost */
	struct slice envid;
	bool smtputf8, eightbit, requiretls;
	struct slice queue_id;   /* of the message that it is about; may be empty */
	struct slice message_id; /* that it carries, with brackets; for the log; may be empty */

	/* The message with CRLF at its line ends (smtp/submit.h refuses a bare LF): from
	 * read, or when that is NULL, the slice. Retries send the same bytes, so its
	 * Message-ID is the same. */
	struct slice message;
	smtp_read *read; /* called on the caller's thread */
	void *read_arg;
};

struct outbox;
struct outbox_item;

/* key: crypto_keys' outbox, copied. store must stay open. RC_NOMEM. */
enum rc outbox_open(struct store *store, const struct crypto_key *key, struct outbox **out,
		    struct fault *why);
void outbox_close(struct outbox *outbox); /* wipes the key; NULL is fine */

/* Seals mail into a payload, of which all that is slow is then done.
 *   RC_INVALID  no recipient, or an address that no command can carry
 *   RC_LIMIT    too many recipients, or more than STORE_BLOB_MAX bytes
 *   RC_RETRY    the store's disk */
enum rc outbox_seal(struct outbox *outbox, const struct outbox_mail *mail, struct outbox_item **out,
		    struct fault *why);

/* Adds the row, due at now_s. Results as store_outbox_add(). */
enum rc outbox_add(struct store_tx *tx, const struct outbox_item *item, int64_t now_s,
		   struct fault *why);

const uint8_t *outbox_item_id(const struct outbox_item *item); /* of its row and payload */

void outbox_keep(struct outbox_item **item); /* after the commit; sets *item to NULL */
void outbox_drop(struct outbox_item **item); /* otherwise; for CLEANUP(), NULL is fine */

/* One row as `postern outbox` lists it; slices live until the callback returns. */
struct outbox_entry {
	uint8_t id[STORE_ID_BYTES];
	enum outbox_kind kind;
	bool stuck;             /* refused for good or given up: nothing is left but this entry */
	bool late;              /* not accepted for so long that it was told, and tried still */
	int64_t made_s, next_s; /* next_s: of the next try, or of the entry's removal */
	uint32_t tries;
	struct slice from, queue_id, message_id;
	struct slice words;     /* the last answer; "" before the first try */
	size_t recipient_count; /* those not yet accepted */
	const struct outbox_recipient *recipients;
};

/* Each row, the oldest first, until fn returns false; fn must not call the store.
 * A row that is damaged shows with words that say so, and no recipient.
 *   RC_RETRY  the store failed */
typedef bool outbox_entry_fn(void *arg, const struct outbox_entry *entry);
enum rc outbox_each(struct store *store, outbox_entry_fn *fn, void *arg, struct fault *why);

const char *outbox_kind_name(enum outbox_kind kind); /* "handback" */
