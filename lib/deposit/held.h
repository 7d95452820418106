/* deposit/held.h: a deposit as the store has it, with its recipients: read once, then used
 * outside the transaction.
 *
 * Memory   everything in it is its own: deposit_held_free()
 * Threads  any; one user at a time */
#pragma once

#include "deposit/record.h"
#include "store/store.h"

enum deposit_pickup { /* store_recipient.state: how far a recipient has come; only forward */
		      DEPOSIT_NEW,
		      DEPOSIT_PROVED,       /* has shown the link's half */
		      DEPOSIT_FACTORED,     /* … and the phrase or code */
		      DEPOSIT_SENT,         /* the blob went out whole */
		      DEPOSIT_ACKNOWLEDGED, /* opened, and its digest compared */
		      /* Delivered by the strict route after all (deposit/upgrade.h): the share is
		       * destroyed, whatever becomes of the others'. */
		      DEPOSIT_SENT_ON,
};
const char *deposit_pickup_name(uint32_t state); /* "new" … "sent on"; "?" */

struct deposit_held_recipient {
	uint32_t number, state;
	struct slice address, record;
};

struct deposit_held {
	struct arena *arena;
	uint8_t id[STORE_ID_BYTES];
	enum store_deposit_state state;
	int64_t made_s, until_s;
	struct slice sender, record;
	size_t recipient_count;
	struct deposit_held_recipient *recipients; /* by number */
};

/* RC_ABSENT: there is none. RC_LIMIT: more recipients than any deposit has. */
enum rc deposit_held_read(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_held **out, struct fault *why);
/* The same in a transaction of its own. */
enum rc deposit_held_look(struct store *store, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_held **out, struct fault *why);
void deposit_held_free(struct deposit_held **held); /* for CLEANUP(); NULL is fine */

/* When it ended; 0 while it is open, or when that is damaged. */
int64_t deposit_held_ended_s(const struct deposit_held *held);

/* The ids, in a row, of deposits for which fn says so: at most max of them. */
typedef bool deposit_wanted_fn(void *arg, const struct store_deposit *deposit);
enum rc deposit_held_find(struct store *store, deposit_wanted_fn *fn, void *arg, size_t max,
			  struct buf *ids, struct fault *why);
