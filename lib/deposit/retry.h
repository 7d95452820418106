/* deposit/retry.h: a client that saw no 250 brings its message again; the deposit that was
 * made of it is found, and no second one is made.
 *
 *     "retry"  HMAC(retry key, envelope and content)  →  the deposit's id, for some days
 *
 * Threads  any; one transaction is one thread's */
#pragma once

#include "deposit/deposit.h"

/* HMAC over the sender, the recipients in order of their names, and the content. Two
 * messages without a Message-ID (in header, the message's) may be the same to the byte
 * and yet be two: none of them is taken for a retry, and a key that nobody meets again
 * stands for it. As crypto_hash_end() and deposit_source_each(). */
enum rc deposit_retry_key(const struct crypto_key *key, const struct deposit_message *message,
			  struct slice header, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);

/* RC_ABSENT: this is the first try. RC_RETRY: the store. */
enum rc deposit_retry_find(struct store_tx *tx, const uint8_t key[CRYPTO_HASH_BYTES], int64_t now_s,
			   struct deposit_made *out, struct fault *why);

/* As store_put(). */
enum rc deposit_retry_put(struct store_tx *tx, const uint8_t key[CRYPTO_HASH_BYTES],
			  const uint8_t id[STORE_ID_BYTES], int64_t until_s, struct fault *why);
