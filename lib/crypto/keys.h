/* crypto/keys.h: the folder with this site's keys, made at the first start.
 *
 *     site.key      Ed25519, signs proofs; its public half is published
 *     verifier.key  HMAC over what recipients prove
 *     outbox.key    wraps the row keys of mail that waits
 *     retry.key     HMAC that knows a client's retry again
 *     header.key    HMAC in Postern-Notice and Postern-Handback
 *     epoch-1.key   wraps the server's halves of a retention period; never backed up
 *     route.token   32 hexadecimal digits in Postern-Route; not among the keys' equals:
 *                   it also stands in the MTA's maps
 *
 * Each key file is 64 hexadecimal digits and a line end, mode 0600, in a folder of
 * mode 0700 that is not under `state`.
 *
 * Memory   one locked page, left out of core dumps, wiped when freed
 * Threads  any, once opened */
#pragma once

#include "base/fault.h"
#include "crypto/secret.h"

enum {
	CRYPTO_EPOCHS_MAX = 64, /* retention periods kept at once; more than years of months */
	CRYPTO_TOKEN_CHARS = 32,
};

struct crypto_epoch {
	uint32_t number; /* 1, 2, … */
	struct crypto_key key;
};

struct crypto_keys {
	struct crypto_key site, verifier, outbox, retry, header;
	char route_token[CRYPTO_TOKEN_CHARS + 1];
	size_t epoch_count;
	struct crypto_epoch epochs[CRYPTO_EPOCHS_MAX]; /* by number; the last is the current one */
};

/* Reads the folder's keys.
 *   RC_ABSENT   there is no such folder, or no complete set of keys in it
 *   RC_INVALID  a file is missing, readable by others, not ours, or not a key: *why names
 *               it and what to do. A key that is lost is never made anew in silence: what
 *               it sealed would be lost with it.
 *   RC_RETRY    the disk fails */
enum rc crypto_keys_open(const char *folder, struct crypto_keys **out, struct fault *why);

/* The same, after making what is missing in a folder that has no epoch key yet (it
 * is written last, so that an interrupted first start is taken up again). */
enum rc crypto_keys_make(const char *folder, struct crypto_keys **out, struct fault *why);

void crypto_keys_free(struct crypto_keys **keys); /* for CLEANUP(); NULL is fine */

/* NULL: destroyed, with all that it wrapped. */
const struct crypto_key *crypto_keys_epoch(const struct crypto_keys *keys, uint32_t number);
const struct crypto_epoch *crypto_keys_current(const struct crypto_keys *keys);
