/* directory/directory.h: what this site keeps of the people whom it writes to, for one address
 * or a whole domain.
 *
 *     jane@partner.example   phrase …, language de
 *     partner.example        number +49 30 1234567, note "front desk, contract 2026-14"
 *
 * A phrase is one that was agreed upon once and holds for every deposit, until it is changed;
 * a number is where codes go.
 *
 * At rest an entry is sealed, under a key that is derived from keys/outbox.key, and bound to
 * its name: store or backup alone tell the names, and nothing else. Whoever has the keys
 * besides has the phrases: the gateway needs the phrase itself to seal a message, since
 * each deposit salts it differently, so it cannot keep a mere check of it.
 *
 * One record of the bucket "directory" for each entry, under its name.
 *
 * Memory   an entry holds a secret: directory_entry_wipe() it
 * Threads  any, within a transaction */
#pragma once

#include "crypto/keys.h"
#include "directory/entry.h"
#include "store/store.h"

/* Writes the entry, whether or not there was one.
 *   RC_INVALID  a phrase that is too easily guessed (directory/strength.h), or a member that
 *               is not of its form; *why says what is asked for and never quotes a phrase */
enum rc directory_put(struct store_tx *tx, const struct crypto_keys *keys,
		      const struct directory_entry *entry, struct fault *why);

/* The entry under exactly that name.
 *   RC_ABSENT   there is none
 *   RC_INVALID  it was sealed under other keys, or changed since */
enum rc directory_get(struct store_tx *tx, const struct crypto_keys *keys,
		      const struct directory_name *name, struct directory_entry *out,
		      struct fault *why);

/* What holds for an address: for each member what the narrowest entry has that has any, of
 * the address, its domain, and that one's parents. out->name is the narrowest entry's.
 *   RC_ABSENT   no entry, or address is none     RC_INVALID  as above */
enum rc directory_lookup(struct store_tx *tx, const struct crypto_keys *keys, struct slice address,
			 struct directory_entry *out, struct fault *why);

/* RC_ABSENT: there is none. */
enum rc directory_forget(struct store_tx *tx, const struct directory_name *name, struct fault *why);

/* fn is called for each entry in the order of names, until it returns false; it must not call
 * the store. RC_INVALID: an entry does not open; fn was called for those before it. */
typedef bool directory_fn(void *arg, const struct directory_entry *entry);
enum rc directory_each(struct store_tx *tx, const struct crypto_keys *keys, directory_fn *fn,
		       void *arg, struct fault *why);
