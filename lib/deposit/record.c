#include "deposit/record.h"

#include "crypto/pbkdf2.h"

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

static enum rc check(struct slice bytes, size_t len, size_t ended, struct fault *why)
{
	if (bytes.len == ended)
		return fault(why, RC_INVALID, "the deposit has ended: its keys are destroyed");
	if (bytes.len == 0)
		return fault(why, RC_INVALID, "deposit record is empty");
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
	enum rc rc = check(bytes, DEPOSIT_RECORD_BYTES, DEPOSIT_ENDED_BYTES, why);

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
	out = put(out, record->wrapped_dek, sizeof record->wrapped_dek);
	put(out, record->locator, sizeof record->locator);
}

static enum rc take_factor(const char **at, enum rules_factor *out, struct fault *why)
{
	uint64_t factor = take_number(at, 1);

	if (factor > RULES_FACTOR_LINK)
		return fault(why, RC_INVALID, "deposit record is damaged: factor %u",
			     (unsigned)factor);
	*out = (enum rules_factor)factor;
	return RC_OK;
}

enum rc deposit_recipient_decode(struct slice bytes, struct deposit_recipient_record *out,
				 struct fault *why)
{
	struct deposit_recipient_record record;
	enum rc rc = check(bytes, DEPOSIT_RECIPIENT_BYTES, DEPOSIT_ENDED_RECIPIENT_BYTES, why);

	if (rc != RC_OK)
		return rc;
	const char *at = bytes.at + 1;
	rc = take_factor(&at, &record.factor, why);
	if (rc != RC_OK)
		return rc;
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
	take(&at, record.locator, sizeof record.locator);
	*out = record;
	return RC_OK;
}

void deposit_ended_encode(const struct deposit_ended_record *record,
			  uint8_t out[DEPOSIT_ENDED_BYTES])
{
	out = put_number(out, DEPOSIT_VERSION, 1);
	out = put(out, record->digest, sizeof record->digest);
	put_number(out, (uint64_t)record->ended_s, 8);
}

enum rc deposit_ended_decode(struct slice bytes, struct deposit_ended_record *out,
			     struct fault *why)
{
	enum rc rc = check(bytes, DEPOSIT_ENDED_BYTES, SIZE_MAX, why);

	if (rc != RC_OK)
		return rc;
	const char *at = bytes.at + 1;
	take(&at, out->digest, sizeof out->digest);
	out->ended_s = (int64_t)take_number(&at, 8);
	return RC_OK;
}

void deposit_ended_recipient_encode(const struct deposit_recipient_record *record,
				    uint8_t out[DEPOSIT_ENDED_RECIPIENT_BYTES])
{
	out = put_number(out, DEPOSIT_VERSION, 1);
	out = put_number(out, record->factor, 1);
	out = put(out, record->link_verifier, sizeof record->link_verifier);
	put(out, record->locator, sizeof record->locator);
}

enum rc deposit_recipient_decode_any(struct slice bytes, struct deposit_recipient_record *out,
				     bool *ended, struct fault *why)
{
	struct deposit_recipient_record record = { 0 };

	if (bytes.len != DEPOSIT_ENDED_RECIPIENT_BYTES) {
		*ended = false;
		return deposit_recipient_decode(bytes, out, why);
	}
	enum rc rc = check(bytes, DEPOSIT_ENDED_RECIPIENT_BYTES, SIZE_MAX, why);
	const char *at = bytes.at + 1;
	if (rc == RC_OK)
		rc = take_factor(&at, &record.factor, why);
	if (rc != RC_OK)
		return rc;
	take(&at, record.link_verifier, sizeof record.link_verifier);
	take(&at, record.locator, sizeof record.locator);
	*out = record;
	*ended = true;
	return RC_OK;
}

void deposit_bound(const uint8_t id[STORE_ID_BYTES], uint8_t out[DEPOSIT_BOUND_BYTES])
{
	memcpy(out, id, STORE_ID_BYTES);
	out[STORE_ID_BYTES] = DEPOSIT_VERSION;
}
