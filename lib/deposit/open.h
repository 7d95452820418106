/* deposit/open.h: a deposit opened on the server, by whoever has code and phrase: for the
 * operator's `postern deposit open`, and for tests. The portal lets browsers do it.
 *
 * Threads  any but the loop's: disk, and a PBKDF2 */
#pragma once

#include "crypto/keys.h"
#include "deposit/seal.h"
#include "store/store.h"

struct deposit_visit { /* borrowed */
	const uint8_t *id;
	struct slice address; /* whose share; len 0: found by the code */
	struct slice code;    /* as typed */
	struct slice phrase;  /* as typed; len 0: none */
};

/* Gives the original to emit, byte for byte. What emit was given must be thrown away unless
 * the result is RC_OK: the digest comes last.
 *   RC_ABSENT   no such deposit, or revoked or expired, its keys destroyed
 *   RC_INVALID  code or phrase is wrong, or the deposit is not what was sealed
 *   RC_RETRY    the store failed; or what emit returned */
enum rc deposit_open(struct store *store, const struct crypto_keys *keys,
		     const struct deposit_visit *visit, int64_t now_s, crypto_emit_fn *emit,
		     void *arg, struct fault *why);

/* The same of a deposit whose key was come by otherwise: from escrow, or kept for the upgrade.
 * RC_ABSENT: there is no such blob. */
enum rc deposit_open_blob(struct store *store, const uint8_t id[STORE_ID_BYTES],
			  const struct deposit_record *record, const struct crypto_key *dek,
			  crypto_emit_fn *emit, void *arg, struct fault *why);
