/* crypto/keys.h: the folder with this site's keys, made at the first start.
 *
 *     site.key      Ed25519, signs proofs; its public half is published
 *     verifier.key  HMAC over what recipients prove
 *     outbox.key    wraps the row keys of mail that waits
 *     retry.key     HMAC that knows a client's retry again
 *     header.key    HMAC in Postern-Notice and Postern-Handback
 *     epoch-1.key   wraps the server's halves of a retention period; never backed up
 *     site-1.pub    the public half of a site key that was replaced (crypto/renew.h)
 *     upgrade.key   for the milter alone, which opens waiting deposits with it where a rule
 *                   allows that; without it no deposit can be sent on, and nothing else
 *     route.token   32 hexadecimal digits in Postern-Route; not among the keys' equals:
 *                   it also stands in the MTA's maps
 *
 * Each key file is 64 hexadecimal digits and a line end, mode 0600, in a folder of
 * mode 0700 that is not under `state`.
 *
 * Epochs and the site key change while programs run (crypto/renew.h); the rest never does.
 * Whoever holds the keys calls crypto_keys_refresh() now and then, and takes copies of what
 * changes by the functions below.
 *
 * Memory   locked pages, left out of core dumps, wiped when freed
 * Threads  any, once opened */
#pragma once

#include "base/fault.h"
#include "crypto/secret.h"

#include <pthread.h>
#include <time.h>

enum {
	CRYPTO_EPOCHS_MAX = 64,    /* retention periods kept at once; more than years of months */
	CRYPTO_OLD_SITES_MAX = 32, /* site keys replaced; one a year would be many */
	CRYPTO_TOKEN_CHARS = 32,
};

struct crypto_epoch {
	uint32_t number; /* 1, 2, … */
	struct crypto_key key;
};

struct crypto_keys {
	struct crypto_key verifier, outbox, retry, header;
	char route_token[CRYPTO_TOKEN_CHARS + 1];

	pthread_mutex_t lock; /* of what follows: see the functions */
	struct crypto_key site;
	size_t old_site_count;
	uint8_t old_sites[CRYPTO_OLD_SITES_MAX][CRYPTO_KEY_BYTES]; /* public halves */
	size_t epoch_count;
	struct crypto_epoch epochs[CRYPTO_EPOCHS_MAX]; /* by number; the last is the current one */

	int dir;              /* the folder, and */
	char *folder;         /* its name; NULL: keys of a test's own making */
	struct timespec seen; /* its time when it was read */
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

/* The milter's own; not among the set, so that no other process has it in memory. make: one
 * that is missing is made anew; what an earlier one sealed stays for its recipients.
 *   RC_ABSENT  there is none (keys of a test's own making have none)
 *   RC_INVALID, RC_RETRY  as above */
enum rc crypto_keys_upgrade(const struct crypto_keys *keys, bool make, struct crypto_key *out,
			    struct fault *why);

void crypto_keys_free(struct crypto_keys **keys); /* for CLEANUP(); NULL is fine */

/* Takes up what has changed in the folder; cheap when nothing has. Epochs that were destroyed
 * are wiped from memory. RC_INVALID, RC_RETRY: the keys stay as they were. */
enum rc crypto_keys_refresh(struct crypto_keys *keys, struct fault *why);

/* A copy, to be wiped. False: destroyed, with all that it wrapped (or, right after a
 * rotation by another process, not read yet: refresh and ask again). */
bool crypto_keys_epoch(const struct crypto_keys *keys, uint32_t number, struct crypto_key *out);
void crypto_keys_current(const struct crypto_keys *keys, struct crypto_epoch *out); /* a copy */
size_t crypto_keys_numbers(const struct crypto_keys *keys, uint32_t out[CRYPTO_EPOCHS_MAX]);

/* The private half that signs now; a copy, to be wiped. */
void crypto_keys_site(const struct crypto_keys *keys, struct crypto_key *out);
/* Whether pub is, or was, this site's. */
bool crypto_keys_knows_site(const struct crypto_keys *keys, const uint8_t pub[CRYPTO_KEY_BYTES]);
