/* deposit/escrow.h: the key of every deposit, in the hands of several groups of officers, none
 * of which can open anything alone.
 *
 *     escrow.officers = [ "/etc/postern/escrow/legal.pem", "/etc/postern/escrow/board.pem" ]
 *
 *     share 1 = random, share 2 = dek XOR share 1        (with n groups: n - 1 random ones)
 *     each sealed to its group's certificates (crypto/cms.h) with what it belongs to
 *
 * A share tells nothing of dek without all others, whoever computes. It names its deposit and
 * place, so that one moved to another deposit is refused, and what comes together must be the
 * dek that the deposit's commitment says. Shares are rows of the bucket "escrow" and end
 * with the deposit (deposit/destroy.h).
 *
 * The private keys are not on this host but when they are used here.
 *
 * Memory   officers are immutable
 * Threads  pure functions, but for the store's and the files; any */
#pragma once

#include "crypto/cms.h"
#include "deposit/record.h"

enum {
	DEPOSIT_GROUPS_MAX = 8,
	DEPOSIT_OFFICERS_MAX = 32, /* keys tried at once */
	DEPOSIT_ESCROW_PLAIN = 17 + STORE_ID_BYTES + 3 + CRYPTO_KEY_BYTES,
};

struct deposit_officers { /* two groups and more, no key in two of them */
	size_t count;
	struct crypto_group *groups[DEPOSIT_GROUPS_MAX];
};

/* Reads the files of escrow.officers; none: *out is NULL.
 *   RC_INVALID  one group alone, a file that cannot be read, a certificate that cannot be
 *               used, is not valid at now_s, or whose key stands in another group too: *why
 *               begins with the file's name */
enum rc deposit_officers_read(const char *const *files, size_t count, int64_t now_s,
			      struct deposit_officers **out, struct fault *why);
void deposit_officers_free(struct deposit_officers **officers); /* for CLEANUP(); NULL is fine */

/* When the first certificate's time is over. */
int64_t deposit_officers_until(const struct deposit_officers *officers);

struct deposit_shares { /* sealed; zeros at first */
	size_t count;
	struct buf at[DEPOSIT_GROUPS_MAX];
};
void deposit_shares_free(struct deposit_shares *shares); /* for CLEANUP() */

/* Splits dek and seals the shares. RC_RETRY: OpenSSL failed. */
enum rc deposit_escrow_split(const struct deposit_officers *officers,
			     const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			     struct deposit_shares *out, struct fault *why);

enum rc deposit_escrow_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   const struct deposit_shares *shares, struct fault *why);
/* RC_ABSENT: the deposit was made without, or has ended. */
enum rc deposit_escrow_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   struct deposit_shares *out, struct fault *why);

/* Puts the shares together with the officers' keys.
 *   RC_INVALID  a share that no key opens (*why says how many are open, and how many are
 *               needed), one that belongs to another deposit or place, or the wrong dek */
enum rc deposit_escrow_join(const struct deposit_shares *shares, struct crypto_officer *const *keys,
			    size_t key_count, const uint8_t id[STORE_ID_BYTES],
			    const struct deposit_record *record, struct crypto_key *dek,
			    struct fault *why);
