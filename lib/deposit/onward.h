/* deposit/onward.h: what the gateway keeps of a deposit in order to send the message on itself:
 * the row of the bucket "upgrade" under the deposit's id.
 *
 *     version 1 | flags (1: 8-bit, 2: SMTPUTF8) | number of the epoch (4) | dek, sealed (60)
 *     length of ENVID (2) | ENVID | recipients (2)
 *     for each of them: NOTIFY (1) | length of ORCPT (2) | ORCPT
 *
 * Numbers with the highest byte first; the parameters are those of the envelope
 * (mail/param.h). A row exists only where each rule that hit has `upgrade = true`.
 *
 * dek is sealed under HKDF(upgrade.key || the epoch's key, "upgrade" || version): with both it
 * opens the deposit without link, phrase or portal, which is its purpose, and why it is off
 * unless a rule says otherwise. A backup of it is good for nothing once the epoch is over.
 *
 * Memory   decoding borrows from the record
 * Threads  pure functions */
#pragma once

#include "crypto/aead.h"
#include "crypto/keys.h"
#include "deposit/record.h"
#include "mail/param.h"

#define DEPOSIT_ONWARD_BUCKET "upgrade"

struct deposit_onward_recipient {
	unsigned notify;    /* set of mail_notify */
	struct slice orcpt; /* len 0: not given */
};

struct deposit_onward {
	uint32_t epoch; /* of the row; set by reading it */
	bool eightbit, smtputf8;
	struct slice envid;
	size_t recipient_count; /* 1..DEPOSIT_RECIPIENTS_MAX, by their numbers */
	struct deposit_onward_recipient recipients[DEPOSIT_RECIPIENTS_MAX];
};

enum {
	DEPOSIT_ONWARD_HEAD = 2 + 4, /* before the sealed dek */
	DEPOSIT_ONWARD_MAX = DEPOSIT_ONWARD_HEAD + CRYPTO_SEALED_KEY_BYTES + 4 + MAIL_ENVID_MAX +
			     DEPOSIT_RECIPIENTS_MAX * (3 + MAIL_ORCPT_MAX),
};

struct deposit_onward_keys {              /* borrowed */
	const struct crypto_key *upgrade; /* upgrade.key */
	const struct crypto_keys *epochs; /* a new row takes the current one */
};

/* Adds the row: dek of the deposit of that id, sealed. RC_LIMIT: a parameter is
 * longer than mail/param.h allows. RC_RETRY, RC_NOMEM */
enum rc deposit_onward_encode(const struct deposit_onward_keys *keys,
			      const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			      const struct deposit_onward *onward, struct buf *out,
			      struct fault *why);

/* RC_INVALID: not such a row, of another deposit, or sealed under another key. RC_ABSENT: the
 * epoch's key is destroyed. dek NULL: its form alone is looked at, and keys may be NULL. */
enum rc deposit_onward_decode(struct slice row, const struct deposit_onward_keys *keys,
			      const uint8_t id[STORE_ID_BYTES], struct crypto_key *dek,
			      struct deposit_onward *out, struct fault *why);
