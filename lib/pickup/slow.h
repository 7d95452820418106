/* pickup/slow.h: wrong proofs slow a client down; they lock nobody out.
 *
 *     wrong   1 2 3 4 5 6 7  8  9 10 …     within ten minutes of each other, from one /24 or /56
 *     wait    0 0 0 1 2 4 8 16 32 60 60    seconds
 *
 * What is proved first has 128 random bits: no number of guesses finds it, and the waiting is
 * there for the store's sake. So a right proof is taken even from a client that has to wait (a
 * stranger in the same network, or a proxy that hides who comes, keeps nobody out), as long as
 * the keeper looks: at PICKUP_SLOW_LOOKS a second for each client that waits.
 *
 * The table is bounded. A stranger with many networks can push others out of it, which only
 * makes them less slow.
 *
 * Memory   PICKUP_SLOW_CLIENTS entries, for ever
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "pickup/client.h"

enum {
	PICKUP_SLOW_CLIENTS = 4096, /* networks remembered at a time: 160 KiB */
	PICKUP_SLOW_FREE = 3,       /* wrong proofs without a wait: people mistype */
	PICKUP_SLOW_MAX_S = 60,     /* above it only those suffer who share a network */
	PICKUP_SLOW_FORGET_S = 600, /* without a wrong proof: all is forgotten */
	PICKUP_SLOW_LOOKS = 20,     /* proofs looked at in a second for one that has to wait */
};

struct pickup_slow;

enum rc pickup_slow_new(struct pickup_slow **out, struct fault *why); /* RC_NOMEM, RC_RETRY */
void pickup_slow_free(struct pickup_slow *slow);                      /* NULL is fine */

/* How long the client should wait. *look: whether its proof is looked at all the same; always
 * when it need not wait. */
uint32_t pickup_slow_wait(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
			  int64_t now_s, bool *look);

/* The proof was wrong. A wrong one that was sent before its time makes the wait no longer. */
void pickup_slow_wrong(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
		       int64_t now_s);

/* It was right: what was wrong before is forgotten. (Who guesses with a right one at hand gains
 * nothing by it: there is no finding a second one.) */
void pickup_slow_right(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
		       int64_t now_s);
