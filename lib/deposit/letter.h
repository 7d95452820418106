/* deposit/letter.h: what the sender is told once a message waits: that it was opened, that
 * somebody else came too, that nobody came, that it has ended.
 *
 *     From: Our Example <postmaster@our.example>
 *     To: a@our.example
 *     Subject: Your protected message was opened
 *     Postern-Notice: report …                        by which the milter knows it
 *
 *     b@plain.test has opened your message of Sun, 22 Nov 2026 01:00:00 +0000 …
 *
 * Plain text, nothing of the content: no subject, no file name, no size. The words are
 * deposit/wording.h's, or the operator's own.
 *
 *     CLEANUP(outbox_drop) struct outbox_item *item = NULL;
 *     rc = deposit_letter_seal(site, &letter, now_s, &item, why);   fsync: before the transaction
 *     …    outbox_add(tx, item, now_s, why); store_commit(&tx, why); outbox_keep(&item);
 *
 * Threads  format: pure but for the time; seal: any but the loop's, blocks on the disk */
#pragma once

#include "deposit/record.h"
#include "deposit/site.h"

enum deposit_letter_kind {
	DEPOSIT_RECEIPT, /* a recipient opened it and acknowledged its digest */
	DEPOSIT_ALERT,   /* somebody fetched it from another client than the first */
	DEPOSIT_WARNING, /* half of its life is over, and some have not opened it */
	DEPOSIT_ENDED,   /* revoked, expired, or sent on by the strict route */
};

struct deposit_sight { /* what the portal saw of a visit; borrowed */
	int64_t when_s;
	struct slice address; /* of the client, as the proxy gave it; may be empty */
	struct slice kind;    /* "Firefox on Windows": short and ours, never a client's own
			       * words; may be empty */
	bool server;          /* without JavaScript: opened by the server */
};

struct deposit_letter { /* borrowed */
	enum deposit_letter_kind kind;
	const uint8_t *id; /* of the deposit */
	struct slice sender;
	int64_t made_s, until_s;
	size_t recipient_count; /* RECEIPT and ALERT: the one; WARNING: who has not opened it;
				 * ENDED: all, or those who never did when it expired */
	const struct slice *recipients;
	size_t opened_count; /* ENDED: who had fetched it before */
	const struct slice *opened;
	struct deposit_sight seen;    /* RECEIPT, ALERT: this visit */
	struct deposit_sight before;  /* ALERT: the one before */
	const uint8_t *digest;        /* RECEIPT: CRYPTO_HASH_BYTES */
	struct slice proof;           /* RECEIPT: the signed proof, JSON; may be empty */
	enum store_deposit_state how; /* ENDED */
	const char *by;               /* ENDED: "sender", "operator", "time", "upgrade" */
};

/* Adds the whole message. Results as deposit_notice_format(). */
enum rc deposit_letter_format(const struct deposit_site *site, const struct deposit_letter *letter,
			      struct slice message_id, int64_t now_s, struct buf *out,
			      bool *smtputf8, struct fault *why);

/* Formats it and seals it for the outbox: *out is the caller's to add and to keep.
 *   RC_INVALID  an address that no field can carry   RC_RETRY, RC_NOMEM, RC_LIMIT */
enum rc deposit_letter_seal(const struct deposit_site *site, const struct deposit_letter *letter,
			    int64_t now_s, struct outbox_item **out, struct fault *why);
