/* pickup/visit.h: one coming of one recipient: from the proof of the link's half to the
 * acknowledgement.
 *
 * The visitor holds a ticket of 32 random bytes; the store has its SHA-256 in the bucket
 * "visit", so that a stolen store lets nobody go on where somebody else was. It ends an hour
 * after its last step.
 *
 * Threads  any, within a transaction */
#pragma once

#include "deposit/held.h"
#include "pickup/wire.h"

enum { PICKUP_VISIT_S = 3600 }; /* longer than a slow download; shorter than a lunch left open */

struct pickup_visit {
	uint8_t key[CRYPTO_HASH_BYTES]; /* SHA-256 of the ticket */
	uint8_t deposit[STORE_ID_BYTES];
	uint32_t number;           /* of the recipient */
	enum deposit_pickup stage; /* how far it has come */
	uint8_t client[CRYPTO_HASH_BYTES];
	int64_t made_s;
};

/* A new ticket, and the visit's key. RC_RETRY: no randomness. */
enum rc pickup_visit_make(uint8_t ticket[PICKUP_TICKET_BYTES], struct pickup_visit *out,
			  struct fault *why);

/* RC_ABSENT: there is no such visit, or it is over. */
enum rc pickup_visit_get(struct store_tx *tx, const uint8_t ticket[PICKUP_TICKET_BYTES],
			 int64_t now_s, struct pickup_visit *out, struct fault *why);
enum rc pickup_visit_put(struct store_tx *tx, const struct pickup_visit *visit, int64_t now_s,
			 struct fault *why);
