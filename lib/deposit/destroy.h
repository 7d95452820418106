/* deposit/destroy.h: all that belongs to a deposit, and when it is destroyed: the one place.
 *
 *     when it ends    every recipient's K_srv, wrapped dek and pickup verifier, the
 *                     commitment, the blob, the rows of the buckets "escrow" and "upgrade",
 *                     the notices and the report that the outbox still holds
 *     at the purge    the rows, with each recipient's link verifier (by which whoever holds the
 *                     link is told what became of it), the digest, the buckets "locate", "facts",
 *                     "sent-on"
 *
 * A row of a deposit's in a bucket of its own has a key that begins with the deposit's id,
 * and the bucket stands in destroy.c's table.
 *
 * The store overwrites what it deletes; a file is sealed, and its key goes with the row.
 *
 * Threads  any, within a transaction; deposit_ended_clear() outside of it */
#pragma once

#include "deposit/held.h"

struct deposit_ended { /* files whose rows are gone; zero at first */
	uint8_t id[STORE_ID_BYTES];
	struct buf mails; /* ids of payloads in the outbox */
};

/* Ends a deposit in the caller's transaction, without event or letter (deposit/life.h has
 * them). After the commit deposit_ended_clear() removes the files.
 *   RC_ABSENT  there is none, or it has ended */
enum rc deposit_end_rows(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 enum store_deposit_state state, int64_t now_s, struct deposit_ended *out,
			 struct fault *why);
/* The same of one that was read in this transaction. */
enum rc deposit_end_held(struct store_tx *tx, const struct deposit_held *held,
			 enum store_deposit_state state, int64_t now_s, struct deposit_ended *out,
			 struct fault *why);

/* RC_RETRY: a file could not be removed; store_blob_sweep() will. *ended is done with. */
enum rc deposit_ended_clear(struct store *store, struct deposit_ended *ended, struct fault *why);
void deposit_ended_forget(struct deposit_ended *ended); /* for CLEANUP(); zero is fine */

/* Notes the outbox's ids of the mails that belong to a new deposit, STORE_ID_BYTES each. */
enum rc deposit_mails_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], struct slice mails,
			  struct fault *why);

/* Removes what is left of one that has ended. */
enum rc deposit_purge_rows(struct store_tx *tx, const struct deposit_held *held, struct fault *why);
