/* deposit/life.h: how deposits end: keys and blob are destroyed, the row stays to say so.
 *
 * Copies that were opened before are beyond it, and so are backups of the store, but for
 * what the epoch's key wraps.
 *
 * Threads  any but the loop's */
#pragma once

#include "base/fault.h"
#include "store/store.h"

/* Ends every open deposit whose time is over. Called by the daemon once an hour, say.
 * *count (may be NULL) is how many. */
enum rc deposit_expire(struct store *store, int64_t now_s, unsigned *count, struct fault *why);

/* Ends one now. RC_ABSENT: there is none, or it has ended. */
enum rc deposit_revoke(struct store *store, const uint8_t id[STORE_ID_BYTES], struct fault *why);
