/* deposit/epochs.h: the keys of retention periods, made and destroyed in time.
 *
 *     epoch-4   in use: new deposits wrap the server's halves under it
 *     epoch-3   until the last open deposit under it has ended, and a day longer
 *     epoch-2   destroyed: what backups of the store hold of its time opens for nobody
 *
 * The store remembers of each epoch when it was made and a mark of its key (bucket "epoch"), so
 * that a key that was lost, or another in its place (a folder restored from a backup, where
 * epochs never are), is found out: what it wrapped is lost, which is said, and the next
 * epoch takes a number that was never used.
 *
 * Threads  any but the loop's; one caller at a time */
#pragma once

#include "crypto/keys.h"
#include "store/store.h"

enum { DEPOSIT_EPOCH_DAYS = 30 };

struct deposit_epochs {
	uint32_t current;
	bool made;          /* just now */
	unsigned destroyed; /* just now */
	unsigned lost;      /* open deposits whose epoch's key is lost: nobody can open them */
};

/* Makes the next epoch when the current one is days old (0: 30), destroys those that no
 * open deposit needs. What was done before a failure stays done.
 *   RC_INVALID  the folder of keys is not as it should be     RC_RETRY, RC_LIMIT, RC_NOMEM */
enum rc deposit_epochs_keep(struct store *store, struct crypto_keys *keys, unsigned days,
			    int64_t now_s, struct deposit_epochs *out, struct fault *why);
