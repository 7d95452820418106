/* deposit/cap.h: how many deposits one sender may make in an hour, so that a stolen account
 * cannot make the portal its mail-merge.
 *
 * Threads  any, within a transaction */
#pragma once

#include "store/store.h"

/* Counts one deposit more, or, unless count, only looks whether it may be. per_hour 0: no cap.
 * The hour begins with its first deposit.
 *   RC_LIMIT  the sender has made that many already */
enum rc deposit_cap_take(struct store_tx *tx, struct slice sender, unsigned per_hour, int64_t now_s,
			 bool count, struct fault *why);
