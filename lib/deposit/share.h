/* deposit/share.h: one recipient's way to the key of a deposit: two halves and a phrase.
 *
 *     K_link   16 random bytes, only in the notice     K_srv  32, only in the store, wrapped
 *     P'       PBKDF2-HMAC-SHA256(phrase, id || address), 600,000 rounds; without a phrase
 *              32 zero bytes
 *     auth1    HKDF(K_link, "link" || id || version)
 *     auth2    HKDF(K_link || P', "pickup" || id || version)
 *     kek      HKDF(K_link || K_srv || P', "kek" || id || version)
 *     (without a phrase the labels are "pickup-none" and "kek-none")
 *
 * The store has HMAC(verifier key, auth1) and HMAC(verifier key, auth2), K_srv under an epoch
 * key, and dek under kek. A notice alone, a phrase alone or a stolen store opens nothing; a
 * stolen store with notice and keys still leaves the phrase to be guessed.
 *
 * Threads  pure functions, but for the randomness; one PBKDF2 takes 0.05 to 0.3 s */
#pragma once

#include "crypto/code.h"
#include "crypto/keys.h"
#include "deposit/derive.h"

/* Makes the recipient's half and record. factor LINK or CODE: party->phrase is empty. */
enum rc deposit_share_make(const struct deposit_party *party, enum rules_factor factor,
			   const struct crypto_keys *keys, const struct crypto_key *dek,
			   uint8_t link[CRYPTO_CODE_BYTES], struct deposit_recipient_record *out,
			   struct fault *why);

/* Whether link is this recipient's half: cheap, and first. */
bool deposit_share_links(const struct deposit_party *party, const struct crypto_keys *keys,
			 const uint8_t link[CRYPTO_CODE_BYTES],
			 const struct deposit_recipient_record *record);

/* Derives dek.
 *   RC_INVALID  link or phrase is wrong, or the record damaged
 *   RC_ABSENT   the epoch's key is destroyed */
enum rc deposit_share_open(const struct deposit_party *party, const struct crypto_keys *keys,
			   const uint8_t link[CRYPTO_CODE_BYTES],
			   const struct deposit_recipient_record *record, struct crypto_key *dek,
			   struct fault *why);

/* Where a deposit is found by its code alone, for who types it: HMAC(verifier key,
 * HKDF(K_link, "locate" || version)), a key in the store's bucket "locate". */
enum rc deposit_share_locate(const struct crypto_keys *keys, const uint8_t link[CRYPTO_CODE_BYTES],
			     uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);
