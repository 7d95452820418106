/* deposit/live.h: the phrases of open deposits, to be known again and by no other means.
 *
 *     bucket "live", key deposit id   →   1 | the phrase, sealed               at first
 *                                         2 | HMAC(verifier key, PBKDF2(phrase, site's salt))
 *
 * A phrase must not travel by mail, for whoever reads the notice reads that as well. So a message
 * on its way out is looked through for what could be one (inspect/spoken.h), and what is found
 * there is held against these.
 *
 * The second form takes a tenth of a second of a processor, which the sender's client need not
 * wait for: a helper makes it soon after. Until then the phrase lies sealed under a key that is
 * derived from the outbox's, as it does in the report to the sender that waits there.
 *
 * What a thief gains. The store alone: nothing, for seal, salt and HMAC come from keys that are
 * not in it. With the keys, too: a guess at a phrase costs a PBKDF2 of as many
 * rounds as at a recipient's record, so that 51 bits stay 51 bits; and the phrase of a deposit
 * opens nothing without the link half of its key, which is in neither. A quick hash would have
 * been such a help: with it, keys, store and a notice a phrase were found in days. What is left
 * is that one guess is held against all open deposits at once, where their records have salts
 * of their own: who has the keys, the store and very many notices finds the first phrase
 * so much sooner. The rows go when their deposit ends (deposit/destroy.h).
 *
 * Threads  any; _settle and _find take 0.05 to 0.3 s of PBKDF2 for each phrase */
#pragma once

#include "crypto/keys.h"
#include "deposit/record.h"
#include "store/store.h"

enum { DEPOSIT_TAG_BYTES = CRYPTO_HASH_BYTES };

/* Notes a new deposit's phrase (normal form: deposit/phrase.h), the same for its recipients. */
enum rc deposit_live_put(struct store_tx *tx, const struct crypto_keys *keys,
			 const uint8_t id[STORE_ID_BYTES], struct slice phrase, struct fault *why);

/* Gives up to max rows their second form. *left: there are more. For a helper thread, after a
 * deposit was made and now and then. */
enum rc deposit_live_settle(struct store *store, const struct crypto_keys *keys, unsigned max,
			    bool *left, struct fault *why);

/* Whether any of the phrases is that of an open deposit: id is then that one's. Reads all rows,
 * and makes the second form of each phrase: for messages that hold what could be one.
 *   RC_ABSENT  none of them */
enum rc deposit_live_find(struct store *store, const struct crypto_keys *keys,
			  const struct slice *phrases, size_t count, uint8_t id[STORE_ID_BYTES],
			  struct fault *why);

/* The second form, for tests and vectors. */
enum rc deposit_live_tag(const struct crypto_keys *keys, struct slice phrase,
			 uint8_t out[DEPOSIT_TAG_BYTES], struct fault *why);
