/* deposit/record.h: what the store keeps of a deposit and of each recipient.
 *
 * Fixed layouts, numbers with the highest byte first; postern-deposit(5) has them
 * for other programs. A record that is not exactly of its layout is refused.
 *
 * Threads  pure functions */
#pragma once

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "settings/rules.h"
#include "store/store.h"

enum {
	DEPOSIT_VERSION = 1, /* of the whole format: blob, payload, keys and records */
	DEPOSIT_RECORD_BYTES = 1 + 32 + 32 + 8,
	DEPOSIT_RECIPIENT_BYTES = 1 + 1 + 4 + 4 + 32 + 32 + 32 + 2 * CRYPTO_SEALED_KEY_BYTES,
	/* What is left when the deposit has ended: */
	DEPOSIT_ENDED_BYTES = 1 + 32 + 8,
	DEPOSIT_ENDED_RECIPIENT_BYTES = 1 + 1 + 32 + 32,
	DEPOSIT_RECIPIENTS_MAX = 100, /* at 0.3 s each, well below any MTA's patience */
};

struct deposit_record {
	uint8_t digest[CRYPTO_HASH_BYTES];     /* SHA-256(salt || original), as in the notice */
	uint8_t commitment[CRYPTO_HASH_BYTES]; /* to dek */
	uint64_t payload_bytes;                /* with the padding */
};

struct deposit_recipient_record {
	enum rules_factor factor;
	uint32_t rounds; /* of PBKDF2; 0 without a phrase */
	uint32_t epoch;  /* whose key wraps the server's half */
	uint8_t link_verifier[CRYPTO_HASH_BYTES], pickup_verifier[CRYPTO_HASH_BYTES];
	uint8_t wrapped_server[CRYPTO_SEALED_KEY_BYTES]; /* K_srv */
	uint8_t wrapped_dek[CRYPTO_SEALED_KEY_BYTES];
	uint8_t locator[CRYPTO_HASH_BYTES]; /* its key in the bucket "locate" */
};

/* What the row of a deposit says once it has ended. */
struct deposit_ended_record {
	uint8_t digest[CRYPTO_HASH_BYTES];
	int64_t ended_s;
};

void deposit_record_encode(const struct deposit_record *record, uint8_t out[DEPOSIT_RECORD_BYTES]);
void deposit_recipient_encode(const struct deposit_recipient_record *record,
			      uint8_t out[DEPOSIT_RECIPIENT_BYTES]);

/* RC_INVALID: not such a record, or of another version; *out is untouched. */
enum rc deposit_record_decode(struct slice bytes, struct deposit_record *out, struct fault *why);
enum rc deposit_recipient_decode(struct slice bytes, struct deposit_recipient_record *out,
				 struct fault *why);

/* Of an ended deposit: no key is in it. Of the recipient stay the factor, the link verifier,
 * by which whoever holds the link is known and told, and the locator. */
void deposit_ended_encode(const struct deposit_ended_record *record,
			  uint8_t out[DEPOSIT_ENDED_BYTES]);
void deposit_ended_recipient_encode(const struct deposit_recipient_record *record,
				    uint8_t out[DEPOSIT_ENDED_RECIPIENT_BYTES]);
enum rc deposit_ended_decode(struct slice bytes, struct deposit_ended_record *out,
			     struct fault *why);
/* Of either form. *ended: all of *out but those three is zero. */
enum rc deposit_recipient_decode_any(struct slice bytes, struct deposit_recipient_record *out,
				     bool *ended, struct fault *why);

/* id || version: what each seal of a deposit is bound to. */
enum { DEPOSIT_BOUND_BYTES = STORE_ID_BYTES + 1 };
void deposit_bound(const uint8_t id[STORE_ID_BYTES], uint8_t out[DEPOSIT_BOUND_BYTES]);
