#include "deposit/record.h"

#include <string.h>

static uint8_t *put(uint8_t *at, const void *bytes, size_t len)
{
	memcpy(at, bytes, len);
	return at + len;
}

static uint8_t *put_number(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = bytes; i > 0; i--, value >>= 8)
		at[i - 1] = (uint8_t)value;
	return at + bytes;
}

static void take(const char **at, void *out, size_t len)
{
	memcpy(out, *at, len);
	*at += len;
}

static uint64_t take_number(const char **at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | (uint8_t) * (*at)++;
	return value;
}

void deposit_record_encode(const struct deposit_record *record, uint8_t out[DEPOSIT_RECORD_BYTES])
{
	out = put_number(out, DEPOSIT_VERSION, 1);
	out = put(out, record->digest, sizeof record->digest);
	out = put(out, record->commitment, sizeof record->commitment);
	put_number(out, record->payload_bytes, 8);
}

static enum rc check(struct slice bytes, size_t len, struct fault *why)
{
	if (bytes.len == 0)
		return fault(why, RC_INVALID, "deposit record is empty: its keys are destroyed");
	if (bytes.at[0] != DEPOSIT_VERSION)
		return fault(why, RC_INVALID,
			     "deposit record has version %d, this Postern knows %d",
			     (uint8_t)bytes.at[0], DEPOSIT_VERSION);
	if (bytes.len != len)
		return fault(why, RC_INVALID, "deposit record is damaged: %zu bytes, not %zu",
			     bytes.len, len);
	return RC_OK;
}

enum rc deposit_record_decode(struct slice bytes, struct deposit_record *out, struct fault *why)
{
	enum rc rc = check(bytes, DEPOSIT_RECORD_BYTES, why);

	if (rc != RC_OK)
		return rc;
	const char *at = bytes.at + 1;
	take(&at, out->digest, sizeof out->digest);
	take(&at, out->commitment, sizeof out->commitment);
	out->payload_bytes = take_number(&at, 8);
	return RC_OK;
}

void deposit_recipient_encode(const struct deposit_recipient_record *record,
			      uint8_t out[DEPOSIT_RECIPIENT_BYTES])
{
	out = put_number(out, DEPOSIT_VERSION, 1);
	out = put_number(out, record->factor, 1);
	out = put_number(out, record->rounds, 4);
	out = put_number(out, record->epoch, 4);
	out = put(out, record->link_verifier, sizeof record->link_verifier);
	out = put(out, record->pickup_verifier, sizeof record->pickup_verifier);
	out = put(out, record->wrapped_server, sizeof record->wrapped_server);
	put(out, record->wrapped_dek, sizeof record->wrapped_dek);
}

enum rc deposit_recipient_decode(struct slice bytes, struct deposit_recipient_record *out,
				 struct fault *why)
{
	struct deposit_recipient_record record;
	enum rc rc = check(bytes, DEPOSIT_RECIPIENT_BYTES, why);

	if (rc != RC_OK)
		return rc;
	const char *at = bytes.at + 1;
	uint64_t factor = take_number(&at, 1);
	if (factor > RULES_FACTOR_LINK)
		return fault(why, RC_INVALID, "deposit record is damaged: factor %u",
			     (unsigned)factor);
	record.factor = (enum rules_factor)factor;
	record.rounds = (uint32_t)take_number(&at, 4);
	/* Fewer rounds than ever written would make a stolen record cheap to guess at, and
	 * many more would keep a reader busy for ever. */
	bool phrase = record.factor == RULES_FACTOR_PHRASE;
	if (phrase ? record.rounds < CRYPTO_PBKDF2_ROUNDS_MIN ||
			     record.rounds > 100u * CRYPTO_PBKDF2_ROUNDS_MIN
		   : record.rounds != 0)
		return fault(why, RC_INVALID, "deposit record is damaged: %u rounds",
			     (unsigned)record.rounds);
	record.epoch = (uint32_t)take_number(&at, 4);
	take(&at, record.link_verifier, sizeof record.link_verifier);
	take(&at, record.pickup_verifier, sizeof record.pickup_verifier);
	take(&at, record.wrapped_server, sizeof record.wrapped_server);
	take(&at, record.wrapped_dek, sizeof record.wrapped_dek);
	*out = record;
	return RC_OK;
}

void deposit_bound(const uint8_t id[STORE_ID_BYTES], uint8_t out[DEPOSIT_BOUND_BYTES])
{
	memcpy(out, id, STORE_ID_BYTES);
	out[STORE_ID_BYTES] = DEPOSIT_VERSION;
}
