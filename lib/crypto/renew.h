/* crypto/renew.h: keys made and destroyed while the site runs: epochs and the site key.
 *
 *     keys/epoch-7.key   made, used for a retention period, destroyed when nothing is
 *                        wrapped under it any more: backups of the store are useless then
 *     keys/site.key      replaced; keys/site-3.pub keeps the old one's public half, by which
 *                        older proofs, which name it, are still known as this site's
 *
 * Each takes the folder's lock, and refreshes keys. Other processes see the change with
 * their next crypto_keys_refresh(). A crash at any point leaves a folder that opens.
 *
 * Threads  any; they block on the disk */
#pragma once

#include "crypto/keys.h"

/* Makes the epoch of that number, which becomes the current one.
 *   RC_INVALID  there is one of that number or a later one
 *   RC_LIMIT    CRYPTO_EPOCHS_MAX are there: none has been destroyed for years
 *   RC_RETRY    the disk */
enum rc crypto_epoch_make(struct crypto_keys *keys, uint32_t number, struct fault *why);

/* Destroys an epoch: overwritten, removed, wiped. RC_INVALID: it is the current one. */
enum rc crypto_epoch_destroy(struct crypto_keys *keys, uint32_t number, struct fault *why);

/* Replaces the site key. RC_LIMIT: CRYPTO_OLD_SITES_MAX were replaced already. */
enum rc crypto_site_renew(struct crypto_keys *keys, struct fault *why);
