/* deposit/onward.h: what the gateway keeps of a deposit in order to send the message on itself:
 * the row of the bucket "upgrade" under the deposit's id.
 *
 *     version 1 | flags (1: 8-bit, 2: SMTPUTF8) | dek, sealed under upgrade.key (60)
 *     length of ENVID (2) | ENVID | recipients (2)
 *     for each of them: NOTIFY (1) | length of ORCPT (2) | ORCPT
 *
 * Numbers with the highest byte first; the parameters are those of the envelope
 * (mail/param.h). A row exists only where each rule that hit has `upgrade = true`.
 *
 * With upgrade.key it opens the deposit without link, phrase or portal: that is its purpose,
 * and why it is off unless a rule says otherwise.
 *
 * Memory   decoding borrows from the record
 * Threads  pure functions */
#pragma once

#include "crypto/aead.h"
#include "deposit/record.h"
#include "mail/param.h"

struct deposit_onward_recipient {
	unsigned notify;    /* set of mail_notify */
	struct slice orcpt; /* len 0: not given */
};

struct deposit_onward {
	bool eightbit, smtputf8;
	struct slice envid;
	size_t recipient_count; /* 1..DEPOSIT_RECIPIENTS_MAX, by their numbers */
	struct deposit_onward_recipient recipients[DEPOSIT_RECIPIENTS_MAX];
};

enum {
	DEPOSIT_ONWARD_MAX = 2 + CRYPTO_SEALED_KEY_BYTES + 4 + MAIL_ENVID_MAX +
			     DEPOSIT_RECIPIENTS_MAX * (3 + MAIL_ORCPT_MAX),
};

/* Adds the row: dek of the deposit of that id, sealed under key. RC_LIMIT: a parameter is
 * longer than mail/param.h allows. RC_RETRY, RC_NOMEM */
enum rc deposit_onward_encode(const struct crypto_key *key, const uint8_t id[STORE_ID_BYTES],
			      const struct crypto_key *dek, const struct deposit_onward *onward,
			      struct buf *out, struct fault *why);

/* RC_INVALID: not such a row, of another deposit, or sealed under another key. dek NULL: its
 * form alone is looked at, and key may be NULL. */
enum rc deposit_onward_decode(struct slice row, const struct crypto_key *key,
			      const uint8_t id[STORE_ID_BYTES], struct crypto_key *dek,
			      struct deposit_onward *out, struct fault *why);
