/* deposit/resend.h: a deposit opened by the gateway, and its original sealed as copies for the
 * outbox, to be handed back to the MTA for the strict route.
 *
 *     Postern-Handback: strict …        by which the milter knows the copy again
 *     the original, byte for byte       with the envelope's parameters of deposit/onward.h
 *
 * Memory   the message goes through a spool: memory up to a bound, then an unlinked file
 * Threads  any but the loop's; blocks on the disk */
#pragma once

#include "deposit/held.h"
#include "deposit/onward.h"
#include "deposit/site.h"

struct deposit_resend;

/* key: upgrade.key. held is borrowed until it is freed.
 *   RC_ABSENT   nothing is kept for sending it on, or its epoch's key is destroyed
 *   RC_INVALID  what is kept, or the blob, is damaged or sealed under another key
 *   RC_RETRY, RC_NOMEM */
enum rc deposit_resend_open(const struct deposit_site *site, const struct crypto_key *key,
			    const struct deposit_held *held, const char *spool_folder,
			    size_t memory_bytes, struct deposit_resend **out, struct fault *why);

/* Seals copies for those recipients whose chosen[i] is set; fsync: before the transaction. */
enum rc deposit_resend_seal(struct deposit_resend *resend, const bool *chosen, int64_t now_s,
			    struct fault *why);
/* Adds their rows. Results as outbox_add(). */
enum rc deposit_resend_add(struct store_tx *tx, const struct deposit_resend *resend, int64_t now_s,
			   struct fault *why);
void deposit_resend_keep(struct deposit_resend *resend);  /* after the commit */
void deposit_resend_free(struct deposit_resend **resend); /* for CLEANUP(); NULL is fine */
