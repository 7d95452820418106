/* deposit/life.h: how deposits end, and what is destroyed then: all in one place.
 *
 *     open ── revoked    by the sender's link or the operator
 *       │ └── expired    its time is over
 *       └──── sent on    by the upgrade, over the strict route
 *               │
 *               └── purged, keep_days later: the rows go too
 *
 * At the end are destroyed: every recipient's K_srv and wrapped dek, the commitment, the
 * blob, the rows of the buckets "escrow" and "upgrade" under the deposit's id, and the
 * notices and the report that the outbox still holds. What stays until the purge: the rows,
 * with each recipient's link verifier, so that whoever holds the link is told what became
 * of it; the digest; the bucket "facts".
 *
 * A row of a deposit's in a bucket of its own has a key that begins with its id. A helper
 * that adds such a bucket names it in life.c's table, with when it is destroyed.
 *
 * Copies that were opened before are beyond it. A backup of the store is good for nothing
 * once the epoch's key is destroyed (deposit/epochs.h).
 *
 * Threads  any but the loop's */
#pragma once

#include "base/fault.h"
#include "deposit/site.h"
#include "store/store.h"

struct deposit_event {     /* for the audit; borrowed */
	const char *event; /* "revoked", "expired", "extended", "upgraded", "purged" */
	const uint8_t *id;
	struct slice sender, recipient; /* one event for each recipient */
	const char *by;                 /* "sender", "operator", "time", "upgrade" */
	struct slice reason; /* the operator's words, or when it will end; may be empty */
};

/* Makes count events durable before what they tell of is. Called within a transaction: it
 * must not touch the store. Anything but RC_OK: nothing happens. */
typedef enum rc deposit_event_fn(void *arg, const struct deposit_event *events, size_t count,
				 struct fault *why);

struct deposit_life {                    /* borrowed */
	const struct deposit_site *site; /* its keys and outbox: for the letter to the sender */
	unsigned life_days;              /* the longest from its making; 0: 90 */
	unsigned keep_days;              /* ended rows stay so long; 0: 30 */
	deposit_event_fn *event;         /* NULL: none is told (tests) */
	void *arg;
};

/* How a deposit is ended: state REVOKED, EXPIRED or SENT_ON. */
struct deposit_ending {
	enum store_deposit_state state;
	const char *by;      /* as in deposit_event */
	struct slice reason; /* may be empty */
};

/* Ends one now and writes to the sender.
 *   RC_ABSENT  there is none, or it has ended     RC_RETRY  nothing happened */
enum rc deposit_end(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		    const struct deposit_ending *ending, int64_t now_s, struct fault *why);

/* The same in the caller's transaction, without event or letter: for who has more to write in
 * it. After the commit, deposit_ended_clear() removes the files; after anything else,
 * deposit_ended_forget(). */
struct deposit_ended {
	uint8_t id[STORE_ID_BYTES];
	struct buf mails; /* ids of payloads in the outbox that no row names any more */
};
enum rc deposit_end_rows(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 enum store_deposit_state state, int64_t now_s, int64_t keep_until_s,
			 struct deposit_ended *out, struct fault *why);
enum rc deposit_ended_clear(struct store *store, struct deposit_ended *ended, struct fault *why);
void deposit_ended_forget(struct deposit_ended *ended); /* for CLEANUP(); zero is fine */

/* Keeps it until until_s, but no longer than life_days from its making: *kept_s is until
 * when then. RC_ABSENT: there is none, it has ended, or it is kept that long already. */
enum rc deposit_extend(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		       int64_t until_s, const char *by, int64_t now_s, int64_t *kept_s,
		       struct fault *why);

/* Ends every open deposit whose time is over. *count (may be NULL) is how many. */
enum rc deposit_expire(struct store *store, int64_t now_s, unsigned *count, struct fault *why);

/* Ends one now. RC_ABSENT: there is none, or it has ended. */
enum rc deposit_revoke(struct store *store, const uint8_t id[STORE_ID_BYTES], struct fault *why);
